"""The table of docs/detection.md: trains and evaluates `unet` on real categories and writes the rows.

    python -m benchmarks.detection_table DATA [--minutes 10] [--size 256] [--write docs/detection.md]

DATA holds category folders in MVTec AD layout. No number is ever typed by hand: with --write the
rows replace what stands between the two markers of the file.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import detection
from detection import Evaluation, TrainOptions, datasets

BEGIN, END = "<!-- detection_table: begin -->", "<!-- detection_table: end -->"
_NUMBERS = ("size", "minutes", "learning_rate")
HEADER = (
    "| category | train | test good / defects | image AUROC | F1 | precision | recall | epochs | minutes |",
    "|---|---|---|---|---|---|---|---|---|",
)


def main() -> int:
    arguments = _parser().parse_args()
    folders = [arguments.data / name for name in arguments.categories or _categories(arguments.data)]
    options = TrainOptions(
        size=arguments.size,
        minutes=arguments.minutes,
        learning_rate=arguments.learning_rate,
        epochs=10_000,
        batch_size=4,
        patience=10,
    )
    rows, device = [], ""
    for folder in folders:
        with tempfile.TemporaryDirectory() as runs:
            row, device = _measure(folder, Path(runs) / folder.name / "run", options)
        rows.append(row)
        print(row, file=sys.stderr, flush=True)
    text = "\n".join([_how(arguments, device), "", *HEADER, *rows])
    print(text)
    if arguments.write:
        _replace(arguments.write, text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection_table", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--categories", nargs="*", metavar="NAME", help="default: every one in DATA")
    parser.add_argument(
        "--minutes", type=float, default=10, help="of training for each category; default: 10"
    )
    parser.add_argument("--size", type=int, default=256)
    # Ten times Adam's usual: within minutes on a CPU the loss on held-back bottles gets ten times smaller.
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the table between the markers of FILE"
    )
    return parser


def _categories(data: Path) -> list[str]:
    return sorted(folder.name for folder in data.iterdir() if (folder / "train" / "good").is_dir())


def _measure(folder: Path, run_dir: Path, options: TrainOptions) -> tuple[str, str]:
    dataset = datasets.scan(folder)
    config = detection.train(dataset, run_dir, options).config
    return _row(detection.evaluate(run_dir, dataset), len(dataset.train), config), config["device"]


def _row(found: Evaluation, train: int, config: dict) -> str:
    numbers = " | ".join(
        "-" if value is None else f"{value:.3f}"
        for value in (found.image_auroc, found.f1, found.precision, found.recall)
    )
    learning = f"{config['learning']['epochs']} | {config['seconds'] / 60:.1f}"
    return f"| {found.category} | {train} | {found.n_good} / {found.n_defect} | {numbers} | {learning} |"


def _how(arguments: argparse.Namespace, device: str) -> str:
    command = ["python -m benchmarks.detection_table DATA"]
    command += [f"--{name.replace('_', '-')} {getattr(arguments, name):g}" for name in _NUMBERS]
    if arguments.categories:
        command.append("--categories " + " ".join(arguments.categories))
    git = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    return f"`{' '.join(command)}` on {datetime.now(UTC):%d %B %Y}, commit {commit or '?'}, {device}, seed 0:"


def _replace(path: Path, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    before, rest = content.split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
