"""The stored files of versions. Needs no torch: the web process checks them before a version is promoted."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from detection import BadArtifact
from inspector.core import files
from inspector.core.errors import Conflict, Refused
from inspector.core.faults import STORAGE
from inspector.registry.models import ModelVersion


@contextmanager
def whole(version: ModelVersion) -> Iterator[Path]:
    """Its run folder as a zip, as it was registered. Raises BadArtifact for one that is gone or changed."""
    try:
        with files.local_copy(str(version.artifact.name)) as path:
            _check_hash(version, path)
            yield path
    except FileNotFoundError as error:
        raise BadArtifact(
            f"The files of {version} are missing from storage. "
            "Restore them from a backup, or promote another version."
        ) from error


def refuse_damaged(version: ModelVersion) -> None:
    """Conflict "damaged_version" where no photo could be judged by it; Refused "unavailable" where all of the
    storage is away."""
    try:
        with whole(version):
            pass
    except BadArtifact as problem:
        if is_away(version, problem):
            raise Refused(STORAGE.code, STORAGE.message, status=STORAGE.status) from problem
        raise Conflict("damaged_version", str(problem)) from problem


def is_away(version: ModelVersion, problem: BadArtifact) -> bool:
    """Whether not only its files are gone, but the storage that they are in."""
    gone = isinstance(problem.__cause__, FileNotFoundError)
    return gone and not files.is_mounted(str(version.artifact))


def _check_hash(version: ModelVersion, path: Path) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != version.sha256:
            raise BadArtifact(
                f"The files of {version} in storage have changed since they were registered. "
                "Restore them from a backup, or promote another version."
            )
