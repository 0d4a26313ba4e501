"""A description as files: explore.html, explore.json and plots/.

Existing files are replaced: all of it can be made again from the photos.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from detection.explore import overview, page, plots
from detection.explore.types import Description
from detection.files import storage

PAGE, DATA, PLOTS = "explore.html", "explore.json", "plots"


def write(description: Description, folder: Path | str) -> Path:
    """Write to `folder`, which is created if needed; returns the path of the page."""
    folder = Path(folder)
    with storage.into(folder):
        storage.make(folder)
        titles = plots.write(folder / PLOTS, description)
        _json(folder / DATA, description.as_dict())
        return storage.write_text(folder / PAGE, page.page(description, _drawn(folder / PLOTS, titles)))


def write_all(
    title: str,
    descriptions: Sequence[Description],
    folder: Path | str,
    failed: Mapping[str, str] | None = None,
) -> Path:
    """The page that compares categories; `write` writes those of each category to <folder>/<category>.

    failed: {category: why it could not be explored}.
    """
    folder = Path(folder)
    content = {
        "categories": [description.as_dict(photos=False) for description in descriptions],
        "failed": dict(failed or {}),
    }
    with storage.into(folder):
        storage.make(folder)
        drawn = _drawn(folder / PLOTS, plots.write_overview(folder / PLOTS, descriptions))
        _json(folder / DATA, content)
        return storage.write_text(folder / PAGE, overview.overview(title, descriptions, failed or {}, drawn))


def _drawn(folder: Path, titles: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        name: (title, (folder / f"{name}.svg").read_text(encoding="utf-8")) for name, title in titles.items()
    }


def _json(path: Path, content: Any) -> None:
    storage.write_text(path, json.dumps(content, indent=1, allow_nan=False) + "\n")
