"""robustness: how the verdicts of a run hold when light, camera and position change."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import detection
from detection.cli import folders
from detection.cli.arguments import a_path, count, seed
from detection.cli.output import Bar, number, print_json, say

if TYPE_CHECKING:
    from detection.robustness.report import Cell, Report

NAME = "robustness"
HELP = "Measure how the verdicts of a run hold when light, camera and position change."
EXAMPLES = """\
Test photos are changed in 14 harmless ways (light, blur, noise, JPEG, turn, shift, scale, dust), at five
strengths each, and judged by the run's limits. For each: false alarms, misses and image AUROC with 95 %
intervals. That is 71 verdicts per photo: a few minutes for 30 good and 30 defective photos.
docs/robustness.md says what each number means. Writes robustness.json, robustness.csv and
plots/robustness.png to the run folder.

examples:
  python -m detection robustness runs/bottle/20260131-101500-filterbank data/bottle
  python -m detection robustness runs/bottle/20260131-101500-filterbank data/bottle --photos 10 --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_dir", type=a_path, metavar="RUN_DIR", help="run folder, as printed by train")
    parser.add_argument("category_dir", type=a_path, metavar="CATEGORY_DIR", help="folder in MVTec AD layout")
    folders.add_arguments(parser)
    parser.add_argument(
        "--photos",
        type=count,
        default=30,
        metavar="N",
        help="number of good test photos, and of defective ones, drawn at random; default: 30",
    )
    parser.add_argument("--seed", type=seed, default=0, help="for the draw and the changes; default: 0")
    parser.add_argument(
        "--out", type=a_path, metavar="FOLDER", help="where to write; default: the run folder"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda; default: auto")
    parser.add_argument(
        "--runtime",
        default="auto",
        help="torch, onnx or openvino; default: auto, the fastest installed",
    )


def run(arguments: argparse.Namespace) -> int:
    from detection.files import storage
    from detection.robustness.measure import measure, photos_of
    from detection.robustness.write import write

    folder = arguments.out or arguments.run_dir
    storage.try_out(folder)
    dataset = folders.scan(arguments, arguments.category_dir, learn=False)
    detector = detection.load(arguments.run_dir, device=arguments.device, runtime=arguments.runtime)
    photos = photos_of(detector, dataset, arguments.photos, arguments.seed)
    with Bar(silent=arguments.json) as bar:
        report = measure(
            detector,
            photos,
            seed=arguments.seed,
            on_step=lambda done, total: bar.count("verdicts", done, total),
        )
    written = write(report, folder)
    if arguments.json:
        print_json(report.as_dict())
    else:
        print("\n".join(text(report)))
        say(f"written: {', '.join(path.name for path in written)} in {folder}")
    return 0


def text(report: Report) -> list[str]:
    """For people: what it says, and a table in Markdown: false alarms and misses in per cent, AUROC."""
    limits = f"threshold {report.threshold:.6g}"
    if report.review_from is not None:
        limits += f", REVIEW from {report.review_from:.6g}"
    head = ["change", *(f"strength {cell.strength}" for cell in report.rows[0].cells)]
    rows = [[row.title, *map(_cell, row.cells)] for row in report.rows]
    return [
        f"{report.category} · {report.method} · {report.n_good} good and {report.n_defect} defective test "
        f"photos · {limits}",
        *report.says,
        f"as they are: {_cell(report.unchanged)} (false alarms %, misses %, image AUROC)",
        "",
        *(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)),
    ]


def _cell(cell: Cell) -> str:
    rates = cell.rates
    each = ["-" if rate is None else f"{100 * rate.rate:.0f}" for rate in (rates.false_alarm, rates.miss)]
    return f"{each[0]}, {each[1]}, {number(cell.auroc)}"
