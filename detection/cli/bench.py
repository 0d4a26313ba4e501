"""bench: every category in a folder with several methods, in one table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from detection import bench
from detection.cli.arguments import a_path
from detection.cli.output import CANCELLED, REFUSED, Bar, number, print_json, say
from detection.errors import BadOptions
from detection.types import TrainOptions

NAME = "bench"
HELP = "Train and test every category in a folder with several methods, and write tables of the results."
EXAMPLES = """\
Writes bench.json and bench.md to --out after each training. Run the same command again to resume:
what has been measured with the same options on the same photos is not repeated.

examples:
  python -m detection bench data --methods unet --out bench --minutes 10
  python -m detection bench data --methods padim,patchcore --out bench --categories bottle,pill --seed 1
  python -m detection bench data --methods unet --out bench --set epochs=10000 --set batch_size=4
"""
EXIT_CODES = """\
exit codes:
  0    every category was measured with every method
  1    refused, or a training failed (the others were measured; the table says why it failed)
  2    the command line itself is wrong
  130  stopped by Ctrl-C, SIGTERM or SIGHUP; results so far are saved
"""
_TYPES: dict[str, Any] = {field.name: type(field.default) for field in fields(TrainOptions)}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", type=a_path, metavar="DATA_DIR", help="folder of category folders")
    parser.add_argument("--methods", nargs="+", required=True, metavar="A,B", help="such as unet,padim")
    parser.add_argument("--out", type=a_path, required=True, metavar="DIR", help="folder for the tables")
    parser.add_argument("--categories", nargs="+", default=[], metavar="A,B", help="default: all in DATA_DIR")
    for name, words in {
        "size": "side of the photos, px",
        "minutes": "stop each training after this many minutes",
        "seed": "for weights, order and split",
    }.items():
        parser.add_argument(
            f"--{name}", type=_TYPES[name], metavar="N", help=f"{words}; default: the method's"
        )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="OPTION=VALUE",
        help="any other option of `train`, by its name in config.json; repeatable",
    )


def run(arguments: argparse.Namespace) -> int:
    plan = bench.Plan(
        arguments.data,
        _names(arguments.methods),
        arguments.out,
        _names(arguments.categories),
        _set(arguments),
        _command(arguments),
    )
    try:
        with Bar(silent=arguments.json) as bar:
            result = bench.run(plan, bar.part, _report)
    except KeyboardInterrupt:
        say("Stopped. Results so far are saved; run the same command again to resume.")
        return CANCELLED
    if arguments.json:
        print_json(result)
    else:
        print((arguments.out / bench.TABLE).read_text(encoding="utf-8"))
    return REFUSED if any("error" in row for row in result["rows"]) else 0


def _names(given: Sequence[str]) -> tuple[str, ...]:
    """From a list separated by commas, spaces or both."""
    return tuple(name for words in given for name in words.replace(",", " ").split())


def _set(arguments: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(arguments, name) for name in ("size", "minutes", "seed")}
    chosen = {name: value for name, value in given.items() if value is not None}
    for pair in arguments.set:
        name, equals, value = pair.partition("=")
        if not equals or name not in _TYPES or name == "method":
            raise BadOptions(f"--set {pair}: give OPTION=VALUE, where OPTION is one of {', '.join(_TYPES)}.")
        try:
            chosen[name] = _TYPES[name](value)
        except ValueError:
            raise BadOptions(f"--set {pair}: {name} must be a number.") from None
    return chosen


def _command(arguments: argparse.Namespace) -> str:
    """Without paths: it is printed in tables that others read."""
    words = ["python -m detection bench DATA", f"--methods {','.join(_names(arguments.methods))}"]
    words += [
        f"--{n} {getattr(arguments, n):g}"
        for n in ("size", "minutes", "seed")
        if getattr(arguments, n) is not None
    ]
    words += [f"--set {pair}" for pair in arguments.set]
    if arguments.categories:
        words.append(f"--categories {','.join(_names(arguments.categories))}")
    return " ".join(words)


def _report(row: bench.Row) -> None:
    """A line as soon as a training is finished, also where there is no progress bar."""
    where = f"{row['category']:<16} {row['method']:<16}"
    if "error" in row:
        say(f"{where} failed: {row['error']['message']}")
        return
    auroc = number(row["evaluation"]["image_auroc"]) if row["evaluation"] else "-"
    say(f"{where} image AUROC {auroc}   fit {row['fit_seconds']:.0f} s   {row['peak_mb']} MB")
    if row.get("light") and row["light"]["said"]:
        say(f"  The good test photos were taken in other light: {', '.join(row['light']['said'])}.")
