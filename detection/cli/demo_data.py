"""demo-data: synthetic parts to try everything with."""

from __future__ import annotations

import argparse

from detection import demo
from detection.cli.arguments import a_path, seed
from detection.cli.output import Bar, print_json

NAME = "demo-data"
HELP = "Create demo categories: synthetic photos of parts, good and defective, with masks."
EXAMPLES = """\
examples:
  python -m detection demo-data demo
  python -m detection train demo/hex_nut
  python -m detection train demo/hex_nut --method unet --size 128 --width 8 --epochs 60 --learning-rate 0.002
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", type=a_path, metavar="DIR", help="folder for the category folders")
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="another seed gives other parts; default: 0"
    )


def run(arguments: argparse.Namespace) -> int:
    with Bar(silent=arguments.json) as bar:
        folders = demo.make(
            arguments.directory,
            seed=arguments.seed,
            on_progress=lambda done, total: bar.count("photos", done, total),
        )
    if arguments.json:
        print_json({"categories": [str(folder) for folder in folders]})
    else:
        print(*folders, sep="\n")
    return 0
