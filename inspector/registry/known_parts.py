"""What whole photos of each category look like, as its active version has learned. Needs no torch: the web
process reads it, too."""

import logging
import zipfile
from functools import lru_cache

from safetensors import SafetensorError
from safetensors.numpy import load

from detection.files.run_names import PART
from detection.recognition import Part
from inspector.core import files
from inspector.core.faults import of_storage
from inspector.registry.models import Kind, ModelVersion
from inspector.registry.selectors import deployments

log = logging.getLogger(__name__)
UNREADABLE = (OSError, KeyError, ValueError, zipfile.BadZipFile, SafetensorError)


def known_parts() -> dict[int, Part]:
    """By the id of each category in use that has learned it."""
    active = deployments().filter(until=None, kind=Kind.ACTIVE, category__archived=None)
    parts = {one.category_id: part_of(one.version) for one in active}
    return {pk: part for pk, part in parts.items() if part is not None}


def part_of(version: ModelVersion) -> Part | None:
    """None where the version has not learned it, or its files cannot be read: others continue without it."""
    try:
        return _read(version.sha256, str(version.artifact))
    except Exception as problem:
        if not isinstance(problem, UNREADABLE) and not of_storage(problem):
            raise
        log.warning("what %s knows of its part cannot be read", version, exc_info=True)
        return None


@lru_cache(maxsize=512)
def _read(sha256: str, name: str) -> Part | None:
    with files.local_copy(name) as path, zipfile.ZipFile(path) as artifact:
        if PART not in artifact.namelist():
            return None
        return Part.unpack(load(artifact.read(PART)))
