"""explanations: whether the explanations of a run are true."""

from __future__ import annotations

import argparse

import detection
from detection import datasets
from detection.cli.arguments import a_path, count, seconds
from detection.cli.output import Bar, print_json
from detection.options.explanations import KINDS

NAME = "explanations"
HELP = "Check on defective test photos with masks whether the explanations of a run are true."
EXAMPLES = """\
For each kind: how often its largest value lies on the defect; how much the score falls without the places
it marks; whether it says the same of a model whose learned values are shuffled. docs/explanations.md
explains the columns, and when an explanation fails.

examples:
  python -m detection explanations runs/bottle/20260131-101500-filterbank data/bottle
  python -m detection explanations runs/bottle/20260131-101500-filterbank data/bottle --defects 10 --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_dir", type=a_path, metavar="RUN_DIR", help="run folder, as printed by train")
    parser.add_argument(
        "category", type=a_path, metavar="CATEGORY_DIR", help="the folder that was trained on"
    )
    parser.add_argument(
        "--defects", type=count, default=20, metavar="N", help="number of photos; default: 20"
    )
    parser.add_argument("--kinds", nargs="+", choices=tuple(KINDS), default=[], help="default: all")
    parser.add_argument(
        "--shap-seconds",
        type=seconds,
        default=10.0,
        metavar="S",
        help="for each SHAP explanation; default: 10",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda; default: auto")


def run(arguments: argparse.Namespace) -> int:
    from detection.explanations.folder import FolderOfGood
    from detection.explanations.truth import check
    from detection.explanations.truth.report import table

    detector = detection.load(arguments.run_dir, device=arguments.device, runtime="torch")
    dataset = datasets.scan(arguments.category)
    with Bar(silent=arguments.json) as bar:
        rows = check(
            detector,
            dataset,
            FolderOfGood(dataset),
            defects=max(1, arguments.defects),
            kinds=arguments.kinds,
            seconds=arguments.shap_seconds,
            on_photo=lambda done, total: bar.count("photos", done, total),
        )
    if arguments.json:
        about = {"run": str(arguments.run_dir), "method": detector.method, "category": dataset.category}
        print_json(about | {"rows": [row.as_dict() for row in rows]})
    else:
        print("\n".join(table(rows)))
    return 0
