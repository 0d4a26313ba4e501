"""Options that name a category's folders, and the notes about what is in them."""

from __future__ import annotations

import argparse
from pathlib import Path

from detection import datasets
from detection.cli.output import say
from detection.types import Dataset


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--good",
        nargs="+",
        action="extend",
        default=[],
        metavar="FOLDER",
        help="folders of good photos to learn from; default: train/good",
    )
    parser.add_argument(
        "--test",
        nargs="+",
        action="extend",
        default=[],
        metavar="FOLDER",
        help="a folder with one sub-folder per label, or LABEL=FOLDER for each label; default: test",
    )


def scan(arguments: argparse.Namespace, folder: Path, *, learn: bool = True) -> Dataset:
    """The category; prints the notes about its folder."""
    dataset = datasets.scan(folder, good=arguments.good, test=arguments.test, learn=learn)
    for note in dataset.notes:
        say(f"note: {note}")
    return dataset
