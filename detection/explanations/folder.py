"""The good photos of a run, found in a category's folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from detection.errors import CannotWrite
from detection.explanations.types import Explanation, GoodPhoto
from detection.files import storage
from detection.files.digest import sha256
from detection.types import Dataset


class FolderOfGood:
    """Photos by the hash of their files. dataset: None where nobody said where they are."""

    def __init__(self, dataset: Dataset | None) -> None:
        self._dataset = dataset

    def find(self, digest: str) -> GoodPhoto:
        if self._dataset is None:
            return GoodPhoto(digest[:8], None, "name the folder of good photos with --data to see it")
        path = self._paths.get(digest)
        if path is None:
            return GoodPhoto(digest[:8], None, "it is no longer in the folder of good photos")
        return GoodPhoto(self._dataset.name_of(path), path)

    @cached_property
    def _paths(self) -> dict[str, Path]:
        """Read on first use: hashes of hundreds of photos take a second."""
        assert self._dataset is not None
        return {sha256(path): path for path in self._dataset.train}


def check_free(kind: str, folder: Path) -> Path:
    """The file for the facts. Raises CannotWrite where the folder contains an explanation of this kind."""
    facts = folder / f"{kind}.json"
    if facts.exists():
        raise CannotWrite("exists", "{folder} already contains this explanation. Choose another one.", folder)
    return facts


def write(explanation: Explanation, folder: Path) -> Sequence[Path]:
    """Its pictures and facts in `folder`, which must not contain an explanation of this kind yet."""
    prefix = explanation.kind
    facts = check_free(prefix, folder)
    storage.make(folder)
    written = []
    for name, picture in explanation.pictures.items():
        written.append(storage.write_image(folder / f"{prefix}-{name}.png", picture, "PNG"))
    written.append(storage.write_text(facts, json.dumps(explanation.facts, indent=2, allow_nan=False) + "\n"))
    return written
