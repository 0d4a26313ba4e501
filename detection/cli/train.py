"""train: learn a category from photos of good parts."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, fields
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import detection
from detection.cli import folders
from detection.cli.arguments import a_path
from detection.cli.output import Bar, bit_depth, learned_from, print_json, ranked, say, table
from detection.files import storage
from detection.options import LEARNING, for_method
from detection.options.catalogue import AUTO, METHODS
from detection.options.table import TABLE, Option
from detection.types import Dataset, TrainOptions

NAME = "train"
HELP = "Train on photos of good parts of a category, and print the run folder."
EXAMPLES = """\
examples:
  python -m detection train data/bottle
  python -m detection train data/bottle --runs runs --minutes 10 --seed 1
  python -m detection train data/bottle --method unet --size 128 --epochs 40
  run=$(python -m detection train data/bottle)
  python -m detection train data/plate --good data/plate/OK --test NG=data/plate/NG
  python -m detection train data/bottle data/vial data/jar --method transformer
  python -m detection train data/flask --join runs/vial/20260131-101500-transformer
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "category_dirs",
        type=a_path,
        nargs="+",
        metavar="CATEGORY_DIR",
        help="category folder in MVTec AD layout; several share one model, with a run for each",
    )
    folders.add_arguments(parser)
    parser.add_argument(
        "--runs",
        type=a_path,
        default=Path("runs"),
        metavar="DIR",
        help="folder for run folders; default: runs",
    )
    parser.add_argument(
        "--join",
        type=a_path,
        metavar="RUN_DIR",
        help="use the network or memory bank of this run, without training: seconds, with 10 good photos",
    )
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
    own = [f"{_plain(m.defaults[name])} for {m.name}" for m in METHODS.values() if name in m.defaults]
    return f"; default: {', '.join([_plain(value), *own])}" if value != "" else ""


def _plain(value: object) -> str:
    """8.0 as 8."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def run(arguments: argparse.Namespace) -> int:
    given = {
        name: value
        for name in (option.name for option in TABLE)
        if (value := getattr(arguments, name)) is not None
    }
    if arguments.join:
        return _join(arguments, given)
    options = for_method(given.pop("method", AUTO), **given)
    if len(arguments.category_dirs) > 1:
        return _train_family(arguments, options)
    dataset = folders.scan(arguments, arguments.category_dirs[0])
    if options.method == AUTO:
        _announce(options, given)
    elif unused := _unused(options.method, given):
        say(f"note: {', '.join(unused)} not used: {options.method} has no such option.")
    with (
        _new_run(arguments.runs / dataset.category, options.method) as run_dir,
        Bar(silent=arguments.json) as bar,
    ):
        result = detection.train(dataset, run_dir, options, on_progress=bar.progress)
    _say(arguments, options.method, [(dataset, result)])
    return 0


def _train_family(arguments: argparse.Namespace, options: TrainOptions) -> int:
    from detection.runs.family import train_family  # brings torch

    if arguments.good or arguments.test:
        raise detection.BadOptions("--good and --test are for one category: give one category folder.")
    datasets = [folders.scan(arguments, folder) for folder in arguments.category_dirs]
    with ExitStack() as stack:
        runs = {
            stack.enter_context(_new_run(arguments.runs / one.category, options.method)): one
            for one in datasets
        }
        bar = stack.enter_context(Bar(silent=arguments.json))
        results = train_family(runs, options, on_progress=bar.progress)
    _say(arguments, options.method, list(zip(datasets, results, strict=True)))
    return 0


def _join(arguments: argparse.Namespace, given: Collection[str]) -> int:
    from detection.runs.family import join  # brings torch

    if len(arguments.category_dirs) > 1:
        raise detection.BadOptions("One category at a time joins a family: give one category folder.")
    if others := sorted(set(given) - {"device"}):
        option = others[0].replace("_", "-")
        raise detection.BadOptions(f"--{option} is taken from the run that is joined: leave it out.")
    dataset = folders.scan(arguments, arguments.category_dirs[0])
    device = arguments.device or TrainOptions().device
    with (
        _new_run(arguments.runs / dataset.category, "joined") as run_dir,
        Bar(silent=arguments.json) as bar,
    ):
        result = join(dataset, run_dir, arguments.join, on_progress=bar.progress, device=device)
    _say(arguments, result.config["method"], [(dataset, result)])
    return 0


def _say(
    arguments: argparse.Namespace, method: str, results: Sequence[tuple[Dataset, detection.TrainResult]]
) -> None:
    """Numbers to people or, with --json, an object to programs. method: as it was asked for."""
    if arguments.json:
        said = [_as_json(method, dataset, result) for dataset, result in results]
        print_json(said[0] if len(said) == 1 else {"runs": said})
        return
    for dataset, result in results:
        if len(results) > 1:
            say(f"\n{dataset.category}")
        _report(result)
        print(result.run_dir)


def _as_json(method: str, dataset: Dataset, result: detection.TrainResult) -> dict[str, Any]:
    return {
        "run": str(result.run_dir),
        "category": dataset.category,
        "method": method,
        "threshold": asdict(result.threshold),
        "map_scale": asdict(result.map_scale),
        "evaluation": result.evaluation.as_dict() if result.evaluation else None,
        "config": result.config,
        "notes": [str(note) for note in dataset.notes],
    }


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


def _unused(method: str, given: Collection[str]) -> list[str]:
    """The given options that a method does not have."""
    parts = [METHODS[name] for name in method.split("+")]
    has = {
        "learning": any(part.learns for part in parts),
        "time": any(part.learns for part in parts),
        "pretrained": any(part.pretrained for part in parts),
        "noise": any(part.denoises for part in parts),
    }
    return [
        f"--{option.name.replace('_', '-')}"
        for option in TABLE
        if option.name in given and not has.get(option.of, True)
    ]


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
