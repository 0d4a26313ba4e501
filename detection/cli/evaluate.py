"""evaluate: the metrics of a run on labelled images."""

from __future__ import annotations

import argparse

import detection
from detection.cli import folders
from detection.cli.arguments import a_path
from detection.cli.output import Bar, print_json, table

NAME = "evaluate"
HELP = "Evaluate a run on the labelled test photos of a category."
EXAMPLES = """\
examples:
  python -m detection evaluate runs/bottle/20260131-101500-unet data/bottle
  python -m detection evaluate runs/bottle/20260131-101500-unet data/bottle --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_dir", type=a_path, metavar="RUN_DIR", help="run folder, as printed by train")
    parser.add_argument("category_dir", type=a_path, metavar="CATEGORY_DIR", help="folder in MVTec AD layout")
    folders.add_arguments(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda; default: auto")
    parser.add_argument(
        "--runtime",
        default="auto",
        help="torch, onnx or openvino; default: auto, the fastest installed",
    )


def run(arguments: argparse.Namespace) -> int:
    dataset = folders.scan(arguments, arguments.category_dir, learn=False)
    detector = detection.load(arguments.run_dir, device=arguments.device, runtime=arguments.runtime)
    with Bar(silent=arguments.json) as bar:
        evaluation = detection.evaluate(detector, dataset, on_progress=bar.progress)
    if arguments.json:
        print_json(evaluation.as_dict())
    else:
        print(table(evaluation))
    return 0
