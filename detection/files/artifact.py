"""The run folder: runs/<category>/<run>/, written completely or not at all.

    manifest.json         format version, and sha256 and size of every other file
    weights.safetensors   what the method learned
    config.json           category, method, options, counts, versions, seconds
    threshold.json        the threshold, how it was chosen, and the colour scale of the heatmaps
    dataset.json          sha256 of the images learned from, held back and calibrated on
    metrics.json          the Evaluation; null where there were no labelled images
    history.csv           epoch by epoch
    scores.csv            image by image
    part.safetensors      what whole photos of good parts look like; missing where there were too few
    plots/                losses, roc, pr, score_histogram and p_values as SVG and PNG; example photos

Written to a folder next to it, which is then renamed. Nothing in it is a pickle. What is made from a finished
run later is kept beside these files, and the manifest does not list it:

    cascade.json          of which run it is, where a draft decides alone, and what that rests on
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors import numpy as safe_numpy
from safetensors.torch import load_file, save
from torch import Tensor

from detection.errors import BadArtifact, BadOptions
from detection.faults import raw
from detection.files import storage, tables
from detection.files.digest import sha256
from detection.files.run_names import PART

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
CASCADE = "cascade.json"


def check_free(run_dir: Path) -> None:
    """Raise BadOptions where the folder is not empty, because runs are never overwritten; CannotWrite
    where the disk accepts no files."""
    if run_dir.exists() and (not run_dir.is_dir() or any(run_dir.iterdir())):
        raise BadOptions(f"{run_dir} is not empty, and runs are never overwritten. Choose another folder.")
    storage.try_out(run_dir.parent)


@contextmanager
def writing(run_dir: Path) -> Iterator[Path]:
    """A folder to write to. It becomes `run_dir` when the block succeeds, and is removed otherwise.

    Raises CannotWrite, which names the folder of the runs, where its disk is full or accepts no files.
    """
    check_free(run_dir)
    aside = run_dir.with_name(f".{run_dir.name}-{uuid.uuid4().hex[:8]}")
    try:
        with storage.into(run_dir.parent):
            aside.mkdir(parents=True)
            yield aside
            _seal(aside)
            _rename(aside, run_dir)
            _sync(run_dir.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _rename(aside: Path, run_dir: Path) -> None:
    """Another training may have written to the same folder in the meantime."""
    try:
        aside.replace(run_dir)
    except OSError:
        check_free(run_dir)
        raise


def write_weights(folder: Path, tensors: dict[str, Tensor]) -> None:
    content = save({name: tensor.cpu().contiguous() for name, tensor in tensors.items()})
    storage.write_bytes(folder / WEIGHTS, content)


def write_part(folder: Path, arrays: dict[str, NDArray[np.float64]]) -> None:
    storage.write_bytes(folder / PART, safe_numpy.save(arrays))


def read_part(run_dir: Path) -> dict[str, NDArray[np.float64]] | None:
    """None where the run has none: it was trained on few photos, or by an older version."""
    try:
        return safe_numpy.load_file(run_dir / PART)
    except FileNotFoundError:
        return None
    except SafetensorError as error:
        raise _broken(run_dir, f"{PART} cannot be read", details=raw(error)) from error


def write_cascade(run_dir: Path, about: dict[str, Any]) -> None:
    """What is known about the draft of this run; a former one is replaced."""
    write_json(run_dir, CASCADE, {"run": sha256(run_dir / MANIFEST), **about})


def read_cascade(run_dir: Path) -> dict[str, Any]:
    """Raises BadArtifact where there is none, it is of another run, or it cannot be read."""
    make = f"python -m detection cascade {run_dir} CATEGORY_DIR"
    try:
        about: dict[str, Any] = read_json(run_dir, CASCADE)
        if about["run"] == sha256(run_dir / MANIFEST):
            return about
    except FileNotFoundError as error:
        raise BadArtifact(f"{run_dir.name} has no cascade. Make one: {make}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadArtifact(f"{run_dir.name}: {CASCADE} cannot be read. Make it again: {make}") from error
    raise BadArtifact(f"The cascade in {run_dir.name} is from another run. Make one for this run: {make}")


def write_json(folder: Path, name: str, content: Any) -> None:
    storage.write_text(folder / name, json.dumps(content, indent=2, allow_nan=False) + "\n")


def write_csv(folder: Path, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    storage.write_text(folder / name, tables.lines([header, *rows]))


def verify(run_dir: Path) -> None:
    """Check format version and hashes. Raises BadArtifact, which says what to do."""
    manifest = _manifest(run_dir)
    version = manifest["format_version"]
    if version != FORMAT_VERSION:
        remedy = "update this program" if version > FORMAT_VERSION else "retrain the category"
        raise BadArtifact(
            f"{run_dir.name} has format version {version}, this program reads {FORMAT_VERSION}: {remedy}."
        )
    for name, entry in manifest["files"].items():
        path = run_dir / name
        if not path.is_file():
            raise _broken(run_dir, f"{name} is missing")
        if path.stat().st_size != entry["bytes"] or sha256(path) != entry["sha256"]:
            raise _broken(run_dir, f"{name} has changed (its sha256 differs)")


def read_json(run_dir: Path, name: str) -> Any:
    return json.loads((run_dir / name).read_text(encoding="utf-8"))


def read_weights(run_dir: Path) -> dict[str, Tensor]:
    try:
        return load_file(run_dir / WEIGHTS)
    except SafetensorError as error:
        raise _broken(run_dir, f"{WEIGHTS} cannot be read", details=raw(error)) from error


def _broken(run_dir: Path, what: str, *, details: str = "") -> BadArtifact:
    message = f"{run_dir.name}: {what}. Restore the folder from a backup, or retrain."
    return BadArtifact(message, details=details)


def _manifest(run_dir: Path) -> dict[str, Any]:
    if not run_dir.is_dir():
        raise BadArtifact(f"{run_dir} is not a folder. Give a run folder, such as runs/<category>/<run>.")
    if not (run_dir / MANIFEST).is_file():
        raise BadArtifact(_not_a_run(run_dir))
    try:
        manifest: dict[str, Any] = read_json(run_dir, MANIFEST)
        files = manifest["files"].values()
        if isinstance(manifest["format_version"], int) and all({"sha256", "bytes"} <= set(f) for f in files):
            return manifest
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise _broken(run_dir, f"{MANIFEST} cannot be read")


def _not_a_run(folder: Path) -> str:
    runs = sorted(path.parent.name for path in folder.glob(f"*/{MANIFEST}"))
    if runs:
        return f"{folder} contains runs but is not one itself. Give one of them; the newest is {runs[-1]}."
    return f"{folder} is not a run folder: it has no {MANIFEST}. Give one that `train` printed."


def _seal(folder: Path) -> None:
    """Write the manifest, and flush everything to disk before the folder gets its name."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {
        path.relative_to(folder).as_posix(): {"sha256": sha256(path), "bytes": path.stat().st_size}
        for path in paths
    }
    write_json(folder, MANIFEST, {"format_version": FORMAT_VERSION, "files": files})
    for path in (*paths, folder / MANIFEST, folder, *(p for p in folder.rglob("*") if p.is_dir())):
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
