"""export: a run's network as an ONNX file."""

from __future__ import annotations

import argparse

import detection
from detection.cli.arguments import a_path
from detection.cli.output import print_json

NAME = "export"
HELP = "Export the network of a run as an ONNX file, and print its path."
EXAMPLES = """\
The run folder is not changed. Without --out, the file goes to _export/ next to the category's folder of
runs, where `predict`, `evaluate` and `detection.load` find it. With onnxruntime or openvino installed
(requirements-speed.txt), they create and use it themselves.

examples:
  python -m detection export runs/bottle/20260131-101500-unet
  python -m detection export runs/bottle/20260131-101500-unet --out bottle.onnx --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_dir", type=a_path, metavar="RUN_DIR", help="run folder, as printed by train")
    parser.add_argument("--to", choices=("onnx",), default="onnx", help="default: onnx")
    parser.add_argument("--out", type=a_path, metavar="FILE", help="default: in _export next to the runs")


def run(arguments: argparse.Namespace) -> int:
    written = detection.load(arguments.run_dir, device="cpu", runtime="torch").export(
        arguments.run_dir, arguments.out
    )
    if arguments.json:
        print_json({"run": str(arguments.run_dir), "files": [str(path) for path in written]})
    else:
        print("\n".join(str(path) for path in written))
    return 0
