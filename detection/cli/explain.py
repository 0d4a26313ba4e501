"""explain: why a photo was judged as it was."""

from __future__ import annotations

import argparse

import detection
from detection import datasets
from detection.cli.arguments import a_path
from detection.cli.output import Bar, print_json
from detection.names import printable
from detection.options.explanations import KINDS

NAME = "explain"
HELP = "Explain a run's verdict on a photo, in pictures and numbers."
_KINDS = "\n".join(f"  {kind.name:<16}{kind.title}: {kind.question}" for kind in KINDS.values())
EXAMPLES = f"""\
kinds of explanations; which a method has is in docs/explanations.md:
{_KINDS}

Writes the pictures, and the numbers as JSON, to --out. With --data, good photos that the run has
learned from are shown, too: they are looked up in the category's folder by the hashes of their files.

examples:
  python -m detection explain runs/bottle/20260131-101500-filterbank photo.png --data data/bottle --out why
  python -m detection explain runs/bottle/20260131-101500-filterbank photo.png --kind nearest --out why --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_dir", type=a_path, metavar="RUN_DIR", help="run folder, as printed by train")
    parser.add_argument("photo", type=a_path, metavar="PHOTO", help="the photo")
    parser.add_argument(
        "--kind", choices=tuple(KINDS), default=next(iter(KINDS)), help="default: %(default)s"
    )
    parser.add_argument("--out", type=a_path, metavar="DIR", required=True, help="folder to write to")
    parser.add_argument("--data", type=a_path, metavar="CATEGORY_DIR", help="the folder that was trained on")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda; default: auto")


def run(arguments: argparse.Namespace) -> int:
    from detection.explanations import explain
    from detection.explanations.folder import FolderOfGood, check_free, write

    check_free(arguments.kind, arguments.out)
    detector = detection.load(arguments.run_dir, device=arguments.device, runtime="torch")
    dataset = datasets.scan(arguments.data) if arguments.data else None
    with Bar(silent=arguments.json) as bar:
        explanation = explain(
            detector,
            arguments.photo,
            arguments.kind,
            FolderOfGood(dataset),
            lambda done, total: bar.count("steps", done, total),
        )
    written = write(explanation, arguments.out)
    if arguments.json:
        files = [printable(path) for path in written]
        about = {"run": str(arguments.run_dir), "kind": explanation.kind, "files": files}
        print_json(about | explanation.facts)
        return 0
    for line in explanation.facts["says"]:
        print(line)
    print("\n".join(printable(path) for path in written))
    return 0
