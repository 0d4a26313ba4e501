"""The detector of a version, ready to predict. For workers: this loads torch."""

import logging
import shutil
import threading
import time
import uuid
import zipfile
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

from django.conf import settings

import detection
from inspector.core.errors import writing_into
from inspector.registry import artifacts, draft
from inspector.registry.models import ModelVersion

log = logging.getLogger(__name__)
ABANDONED_SECONDS = 3600

# By hash of the artifact and runtime.
_loaded: "OrderedDict[tuple[str, str], detection.Detector]" = OrderedDict()
# By hash of the artifact, of those in memory that were requested; None where the draft cannot be used.
_cascades: "dict[str, detection.Cascade | None]" = {}
_lock = threading.RLock()


def detector(version: ModelVersion, runtime: str = "") -> "detection.Detector":
    """Kept in memory; the least recently used are dropped. Raises detection.BadArtifact for a damaged
    artifact.

    runtime: if it must be a certain one, as for gradients.
    """
    key = version.sha256, runtime or settings.RUNTIME
    with _lock:
        if key not in _loaded:
            _loaded[key] = _load(version, key[1])
        _loaded.move_to_end(key)
        while len(_loaded) > max(1, settings.DETECTOR_CACHE):
            (sha256, _), _ = _loaded.popitem(last=False)
            _cascades.pop(sha256, None)
        return _loaded[key]


def unpacked(version: ModelVersion) -> Path:
    """Its run folder, as the training wrote it. Raises detection.BadArtifact for one that is not whole."""
    detector(version, "torch")
    return _there(version)


def cascade(version: ModelVersion) -> "detection.Cascade | None":
    """Its detector with the quick draft in front; None where that cannot be used, which the log says once.

    Raises what `detector` raises.
    """
    with _lock:
        model, sha256 = detector(version), version.sha256
        if sha256 not in _cascades:
            _cascades[sha256] = _with_draft(version, model)
        return _cascades[sha256]


def _with_draft(version: ModelVersion, model: "detection.Detector") -> "detection.Cascade | None":
    try:
        compared = 1 / draft.COMPARED_ONE_IN
        return detection.load_cascade(
            _there(version), runtime=settings.RUNTIME, detector=model, compared=compared
        )
    except Exception as problem:
        # Whatever the fault is, photos can be judged without the draft.
        log.warning("%s: the model judges all photos, its quick draft cannot be used: %r", version, problem)
        return None


def forget() -> None:
    """Drop every detector from memory."""
    with _lock:
        _loaded.clear()
        _cascades.clear()


def _there(version: ModelVersion) -> Path:
    """Its folder, even if somebody has freed disk space since its detector was loaded."""
    folder = _folder(version)
    if not folder.exists():
        _unpack(version, folder)
    return folder


def _folder(version: ModelVersion) -> Path:
    return Path(settings.VAR_DIR / "artifacts" / version.sha256)


def _load(version: ModelVersion, runtime: str) -> "detection.Detector":
    folder = _folder(version)
    if folder.exists():
        try:
            return detection.load(folder, device=settings.DEVICE, runtime=runtime)
        except detection.BadArtifact:
            # It is incomplete, from a full disk or by somebody's hand; storage has it whole. Another worker
            # may remove it, too.
            shutil.rmtree(folder, ignore_errors=True)
    _unpack(version, folder)
    return detection.load(folder, device=settings.DEVICE, runtime=runtime)


def _unpack(version: ModelVersion, folder: Path) -> None:
    """Unpacked aside and renamed: no process ever loads an incomplete folder."""
    _remove_abandoned(folder.parent)
    aside = folder.with_name(f".{version.sha256}-{uuid.uuid4().hex}")
    try:
        with artifacts.whole(version) as path, writing_into(folder.parent):
            _extract(path, aside)
        if not folder.exists():
            aside.rename(folder)
    except OSError:
        # Another worker unpacked the same one a moment ago.
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    """What a worker that was killed meanwhile had unpacked. None that lives takes as long."""
    for aside in parent.glob(".*-*"):
        with suppress(FileNotFoundError):
            if time.time() - aside.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(aside, ignore_errors=True)


def _extract(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True)
    with zipfile.ZipFile(path) as zipped:
        for name in zipped.namelist():
            target = (folder / name).resolve()
            if not target.is_relative_to(folder.resolve()):
                raise detection.BadArtifact(f"The artifact holds a file outside its folder: {name}")
        zipped.extractall(folder)
