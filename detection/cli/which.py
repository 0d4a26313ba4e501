"""which: which part photos show."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from detection.cli.arguments import a_path
from detection.cli.output import REFUSED, print_json, say
from detection.datasets.walk import walk
from detection.errors import BadDataset, UnreadableImage
from detection.names import printable
from detection.photos import images, view
from detection.photos.reading import ahead
from detection.recognition import Fit, Part, find, ranked, signature

NAME = "which"
HELP = "Name the category whose part each photo shows, among those of the given runs."
EXAMPLES = """\
A photo that fits no category shows another part, or none ("-"). If two fit about equally well, both are
named. away: how far the whole photo is from photos of that part; at most 1 % of good ones reach 1.
No network is needed: it takes a few milliseconds per photo.

examples:
  python -m detection which incoming --runs runs/bottle/20260131-101500-auto runs/pill/20260131-113000-auto
  python -m detection which photo.jpg --runs runs/*/* --json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("images", type=a_path, nargs="+", metavar="PHOTO", help="photos, or folders of them")
    parser.add_argument(
        "--runs",
        type=a_path,
        nargs="+",
        required=True,
        metavar="RUN_DIR",
        help="run folders; if several are of one category, the last one counts",
    )


def run(arguments: argparse.Namespace) -> int:
    parts = _parts(arguments.runs)
    paths = [photo for path in arguments.images for photo in (walk(path).photos if path.is_dir() else [path])]
    if not paths:
        raise BadDataset("There are no photos in these folders. Give photos, or folders that contain some.")
    rows, errors = [], list[dict[str, str]]()
    for path, fits in zip(paths, ahead(paths, lambda path: _fits(path, parts)), strict=True):
        if isinstance(fits, str):
            errors.append({"image": printable(path), "message": fits})
            say(f"error: {printable(path)}: {fits}")
            continue
        row = _row(path, fits)
        rows.append(row)
        if not arguments.json:
            print(f"{' or '.join(row['categories']) or '-':<24} {row['away']:>7.2f}  {row['image']}")
    if arguments.json:
        print_json({"photos": rows, "errors": errors})
    return REFUSED if errors else 0


def _parts(runs: list[Path]) -> dict[str, Part]:
    """By category. Raises BadArtifact for what is no run, BadDataset where no run knows its part."""
    from detection.files import artifact  # brings torch

    parts = {}
    for folder in runs:
        artifact.verify(folder)
        category = artifact.read_json(folder, "config.json")["category"]
        arrays = artifact.read_part(folder)
        if arrays is None:
            say(f"note: {printable(folder)} does not know what its part looks like: retrain the category.")
        else:
            parts[category] = Part.unpack(arrays)
    if not parts:
        raise BadDataset(
            "None of these runs knows what its part looks like: they were trained on fewer than 10 good "
            "photos, or by an older version. Retrain the categories."
        )
    return parts


def _fits(path: Path, parts: dict[str, Part]) -> list[Fit] | str:
    try:
        return ranked(signature(view.of_photo(images.decode(path))), parts)
    except UnreadableImage as error:
        return str(error)
    except OSError as error:
        return error.strerror or str(error)


def _row(path: Path, fits: list[Fit]) -> dict[str, Any]:
    return {
        "image": printable(path),
        "categories": [one.category for one in find(fits)],
        "away": fits[0].away,
        "fits": {one.category: one.away for one in fits},
    }
