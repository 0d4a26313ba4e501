"""train: learn a category from photos of good parts."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, fields
from datetime import datetime
from itertools import count
from pathlib import Path

import detection
from detection.cli import folders
from detection.cli.output import Bar, bit_depth, learned_from, print_json, ranked, say, table
from detection.files import storage
from detection.options import LEARNING, for_method
from detection.options.catalogue import AUTO, METHODS
from detection.options.table import TABLE, Option
from detection.types import TrainOptions

NAME = "train"
HELP = "Train on photos of good parts of a category, and print the run folder."
EXAMPLES = """\
examples:
  python -m detection train data/bottle
  python -m detection train data/bottle --runs runs --minutes 10 --seed 1
  python -m detection train data/bottle --method unet --size 128 --epochs 40
  run=$(python -m detection train data/bottle)
  python -m detection train data/plate --good data/plate/OK --test NG=data/plate/NG
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("category_dir", type=Path, metavar="CATEGORY_DIR", help="folder in MVTec AD layout")
    folders.add_arguments(parser)
    parser.add_argument("--runs", type=Path, default=Path("runs"), metavar="DIR", help="default: runs")
    known = {option.name: option for option in TABLE}
    for field in fields(TrainOptions):
        parser.add_argument(
            "--" + field.name.replace("_", "-"),
            type=type(field.default),
            default=None,
            metavar="N" if isinstance(field.default, int | float) else "NAME",
            help=_help(known[field.name]) + _default(field.name, field.default),
        )


def _help(option: Option) -> str:
    """As argparse takes it: % is escaped."""
    among = METHODS if option.name == "method" else option.choices
    unit = f", {option.unit}" if option.unit else ""
    return f"{option.help}{unit}{'; one of ' + ', '.join(among) if among else ''}".replace("%", "%%")


def _default(name: str, value: object) -> str:
    if name == "method":
        return f"; default: {AUTO}"
    own = [f"{m.defaults[name]} for {m.name}" for m in METHODS.values() if name in m.defaults]
    return f"; default: {', '.join([str(value), *own])}" if value != "" else ""


def run(arguments: argparse.Namespace) -> int:
    given = {
        name: value
        for name in (option.name for option in TABLE)
        if (value := getattr(arguments, name)) is not None
    }
    options = for_method(given.pop("method", AUTO), **given)
    dataset = folders.scan(arguments, arguments.category_dir)
    if options.method == AUTO:
        _announce(options, given)
    with (
        _new_run(arguments.runs / dataset.category, options.method) as run_dir,
        Bar(silent=arguments.json) as bar,
    ):
        result = detection.train(dataset, run_dir, options, on_progress=bar.progress)
    if arguments.json:
        print_json(
            {
                "run": str(run_dir),
                "category": dataset.category,
                "method": options.method,
                "threshold": asdict(result.threshold),
                "map_scale": asdict(result.map_scale),
                "evaluation": result.evaluation.as_dict() if result.evaluation else None,
                "config": result.config,
                "notes": [str(note) for note in dataset.notes],
            }
        )
        return 0
    _report(result)
    print(run_dir)
    return 0


def _announce(options: TrainOptions, given: Collection[str]) -> None:
    """What `auto` is about to do, which takes minutes."""
    limit = f"at most {options.minutes:g} minutes" if options.minutes else "without a time limit"
    say(
        f"auto: trains every method that can run here, {limit}, and keeps the best. "
        "For a single one, use --method."
    )
    ignored = [f"--{name.replace('_', '-')}" for name in LEARNING if name in given]
    if ignored:
        say(
            f"note: {', '.join(ignored)} not used: auto trains each network in its own way. "
            "Name a --method to use it."
        )


def _report(result: detection.TrainResult) -> None:
    for line in ranked(result.config.get("ranking")):
        say(line)
    say(learned_from(result.config["images"]))
    if depth := bit_depth(result.config["levels"]):
        say(depth)
    if result.evaluation:
        say(table(result.evaluation))
    else:
        say(f"threshold {result.threshold.value:.6g}")
    printed = result.evaluation.warnings if result.evaluation else ()
    for warning in result.config["warnings"]:
        if warning not in printed:
            say(f"warning: {warning}")
    say(result.threshold.chosen_on)


@contextmanager
def _new_run(category_runs: Path, method: str) -> Iterator[Path]:
    """A folder of its own, even for two trainings started in the same second; removed if nothing was
    written."""
    storage.make(category_runs)
    name = f"{datetime.now():%Y%m%d-%H%M%S}-{method}"
    for attempt in count(1):
        run_dir = category_runs / (name if attempt == 1 else f"{name}-{attempt}")
        with suppress(FileExistsError), storage.into(category_runs):
            run_dir.mkdir()
            break
    try:
        yield run_dir
    except BaseException:
        with suppress(OSError):  # a folder that is not empty stays
            run_dir.rmdir()
            category_runs.rmdir()
        raise
