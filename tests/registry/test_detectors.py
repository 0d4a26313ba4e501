import os
import shutil
import zipfile

import pytest
from django.core.files.storage import default_storage

import detection
from inspector.registry import detectors
from inspector.registry.register import register
from tests.factories import CategoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cache(settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    settings.DETECTOR_CACHE = 2
    detectors.forget()
    yield settings.VAR_DIR / "artifacts"
    detectors.forget()


@pytest.fixture
def loads(monkeypatch):
    """The folders that were loaded; a folder without its weights is refused, as the real loader does."""
    loaded = []

    def load(folder, *, device, runtime):
        if not (folder / "weights.safetensors").exists():
            raise detection.BadArtifact("incomplete")
        loaded.append(folder)
        return object()

    monkeypatch.setitem(vars(detection), "load", load)
    return loaded


@pytest.fixture
def version(run_dir, result):
    return register(CategoryFactory.create(), run_dir, "unet", result)


def another(run_dir, result, n):
    (run_dir / "config.json").write_text(f'{{"n": {n}}}')
    return register(CategoryFactory.create(), run_dir, "unet", result)


def test_a_version_is_unpacked_and_loaded_once(version, loads, cache):
    assert detectors.detector(version) is detectors.detector(version)
    assert loads == [cache / version.sha256]
    assert (cache / version.sha256 / "plots" / "roc.svg").read_bytes() == b"roc.svg"
    assert [path.name for path in cache.iterdir()] == [version.sha256]  # nothing left aside


def test_what_a_killed_worker_had_unpacked_in_part_is_removed(version, loads, cache):
    old, young = cache / f".{version.sha256}-1", cache / f".{version.sha256}-2"
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    detectors.detector(version)
    assert not old.exists() and young.exists(), "somebody may be at it"


def test_what_is_unpacked_already_is_used(version, loads):
    detectors.detector(version)
    detectors.forget()
    default_storage.delete(version.artifact.name)
    detectors.detector(version)
    assert len(loads) == 2


def test_only_so_many_are_kept_in_memory_and_the_last_used_stay(run_dir, result, loads):
    a, b, c = (another(run_dir, result, n) for n in range(3))
    for version in (a, b, a, c, a):
        detectors.detector(version)
    assert len(loads) == 3
    detectors.detector(b)
    assert len(loads) == 4


def test_a_damaged_folder_is_unpacked_anew(version, loads, cache):
    detectors.detector(version)
    detectors.forget()
    (cache / version.sha256 / "weights.safetensors").unlink()
    detectors.detector(version)
    assert (cache / version.sha256 / "weights.safetensors").exists()


def test_what_was_removed_to_make_room_is_unpacked_anew(version, loads, cache, monkeypatch):
    read = []
    monkeypatch.setitem(vars(detection), "load_cascade", lambda folder, **more: read.append(folder.exists()))
    for use in (detectors.unpacked, detectors.cascade):
        detectors.detector(version), detectors.detector(version, "torch")
        shutil.rmtree(cache)
        use(version)
        assert (cache / version.sha256 / "weights.safetensors").exists()
    assert read == [True]


def test_an_artifact_that_is_not_what_was_registered_is_refused(version, loads, cache):
    with default_storage.open(version.artifact.name, "wb") as file:
        file.write(b"something else")
    with pytest.raises(detection.BadArtifact, match="have changed since they were registered"):
        detectors.detector(version)
    assert list(cache.glob("*")) == []


def test_an_artifact_that_is_gone_is_refused(version, loads):
    default_storage.delete(version.artifact.name)
    with pytest.raises(detection.BadArtifact, match="missing from storage"):
        detectors.detector(version)


def test_an_artifact_cannot_write_outside_its_folder(version, loads, cache, tmp_path):
    evil = tmp_path / "evil.zip"
    with zipfile.ZipFile(evil, "w") as zipped:
        zipped.writestr("../../escaped", "x")
    with pytest.raises(detection.BadArtifact, match="outside"):
        detectors._extract(evil, cache / "folder")
    assert not list(tmp_path.rglob("escaped"))
