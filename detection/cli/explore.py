"""explore: examine the photos of a category, or of several, before training."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from detection import datasets, explore
from detection.cli import folders
from detection.cli.arguments import a_path
from detection.cli.output import REFUSED, Bar, print_json, say
from detection.datasets.layout import is_category
from detection.errors import BadDataset
from detection.explore.folders import OF_FOLDERS
from detection.explore.words import many

NAME = "explore"
HELP = "Explore the photos of a category or of a folder of categories: how many, how similar, what is wrong."
EXAMPLES = """\
Writes explore.html, explore.json and plots/ (SVG and PNG), and prints the path of the page. In a folder
of categories, each gets its own folder, and one more page compares them.

examples:
  python -m detection explore data/bottle
  python -m detection explore data --out report
  python -m detection explore data/bottle --json --fail-on error
"""
EXIT_CODES = """\
exit codes:
  0    done, whatever was found
  1    refused: the folder is not a category and contains none, or one of several is not valid
       (the others were explored)
  2    the command line itself is wrong
  11   with --fail-on: done, with findings of that severity or worse
  130  stopped by Ctrl-C, SIGTERM or SIGHUP
"""
HAS_FINDINGS = 11
_NAMED = 5  # files listed for a finding; the page lists all
_SEVERITIES = {"error": ("error",), "warning": ("error", "warning")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "directory",
        type=a_path,
        metavar="DIR",
        help="category in MVTec AD layout, or a folder of categories",
    )
    folders.add_arguments(parser)
    parser.add_argument("--runs", type=a_path, default=Path("runs"), metavar="DIR", help="default: runs")
    parser.add_argument(
        "--out",
        type=a_path,
        metavar="DIR",
        help="default: RUNS/_explore/<category>, RUNS/_explore for several",
    )
    parser.add_argument(
        "--fail-on",
        choices=sorted(_SEVERITIES),
        help="exit with 11 if there are findings of this severity or worse",
    )


def run(arguments: argparse.Namespace) -> int:
    categories = [] if arguments.good or arguments.test else _categories(arguments.directory)
    if not categories:
        description = _described(arguments.directory, arguments)
        page = explore.write(description, arguments.out or arguments.runs / "_explore" / description.category)
        _report(arguments, page, description.as_dict(), [description])
        return _code(arguments, [description], {})
    out = arguments.out or arguments.runs / "_explore"
    described, failed = _each(categories, out, arguments)
    if not described:
        raise BadDataset(" ".join(failed.values()))
    page = explore.write_all(arguments.directory.resolve().name, described, out, failed)
    content = {"categories": [one.as_dict(photos=False) for one in described], "failed": failed}
    _report(arguments, page, content, described)
    for name, message in failed.items():
        say(f"error: {name}: {message}")
    return _code(arguments, described, failed)


def _categories(folder: Path) -> list[Path]:
    """The categories in the folder; none where it is a category itself or contains none, which `scan`
    reports."""
    return [] if is_category(folder) else datasets.categories(folder)


def _each(
    categories: Sequence[Path], out: Path, arguments: argparse.Namespace
) -> tuple[list[explore.Description], dict[str, str]]:
    """Each category is written when it is done, so only what is compared stays in memory."""
    described, failed = [], {}
    for folder in categories:
        try:
            description = _described(folder, arguments)
        except BadDataset as error:
            failed[folder.name] = str(error)
            continue
        explore.write(description, out / description.category)
        described.append(replace(description, pictures={}))
    return described, failed


def _described(folder: Path, arguments: argparse.Namespace) -> explore.Description:
    dataset = datasets.scan(folder, good=arguments.good, test=arguments.test)
    with Bar(silent=arguments.json) as bar:
        return explore.describe(
            dataset, on_progress=lambda done, total: bar.count(dataset.category, done, total)
        )


def _report(
    arguments: argparse.Namespace,
    page: Path,
    content: dict[str, Any],
    described: Sequence[explore.Description],
) -> None:
    if arguments.json:
        print_json({"page": str(page)} | content)
        return
    for description in described:
        amount = many(description.total, "photo", "photos")
        say(f"{description.category}: {amount}, {description.seconds:.1f} s")
        for finding in description.findings:
            say(f"  {finding.severity}: {finding.text}")
            for case in finding.cases[:_NAMED] if finding.code in OF_FOLDERS else ():
                say(f"    {case.files[0]}{f': {case.says}' if case.says else ''}")
    print(page)


def _code(
    arguments: argparse.Namespace, described: Sequence[explore.Description], failed: dict[str, str]
) -> int:
    if failed:
        return REFUSED
    grave = _SEVERITIES.get(arguments.fail_on, ())
    has_findings = any(finding.severity in grave for one in described for finding in one.findings)
    return HAS_FINDINGS if has_findings else 0
