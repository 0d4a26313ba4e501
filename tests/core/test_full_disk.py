"""A disk that takes no more: everywhere the folder is named, and nothing half written stays."""

import errno
import os
from pathlib import Path

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from inspector.core import files
from inspector.core.errors import NoRoom
from inspector.core.jobs import State
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.models import Inspection, Source
from inspector.inspections.submit import submit
from inspector.registry.models import ModelVersion
from inspector.registry.register import register
from inspector.samples.import_folder import import_folder
from inspector.samples.models import Sample
from tests.factories import CategoryFactory
from tests.photos import photo, upload

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full(monkeypatch):
    """full(n) -> from now on the disk of the media has room for n more files."""
    left, fsync = [0], os.fsync

    def after(count: int) -> None:
        left[0] = count

        def no_room(descriptor: int) -> None:
            path = Path(f"/proc/self/fd/{descriptor}").readlink()
            if path.suffix == ".part":
                left[0] -= 1
                if left[0] < 0:
                    raise FULL
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", no_room)

    return after


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_without_room_names_the_folder_and_leaves_what_was_there(media, full):
    files.store("a/part.png", b"first")
    full(0)
    with pytest.raises(NoRoom, match=f"^The disk of {media} is full: free some space") as refused:
        files.store("a/part.png", b"second")
    assert (refused.value.code, refused.value.status) == ("disk_full", 507)
    assert kept(media) == ["part.png"]
    assert (media / "a/part.png").read_bytes() == b"first"


def test_of_several_files_none_is_left(media, full):
    full(1)
    with pytest.raises(NoRoom), files.all_or_none() as store:
        store("a/1.png", b"1")
        store("a/2.png", b"2")
    assert kept(media) == []


def test_photos_that_have_no_room_are_refused_with_the_reason(active_version, person, media, full):
    category = active_version().category
    before = kept(media)
    full(1)
    with pytest.raises(NoRoom, match=f"^None of the photos was accepted. The disk of {media} is full"):
        submit(category=category, uploads=[upload(), upload(photo(1))], by=person(), source=Source.API)
    assert kept(media) == before
    assert not Inspection.objects.exists()


def test_pictures_that_have_no_room_keep_the_photo_waiting_with_the_reason(
    active_version, person, media, full, settings
):
    category = active_version().category
    submit(category=category, uploads=[upload()], by=person(), source=Source.API)
    before = kept(media)
    full(1)
    for _ in range(settings.MAX_ATTEMPTS):
        assert analyse_waiting(category.pk) == 0
        full(1)
        Inspection.objects.update(wait_until=None)  # time passes
    row = Inspection.objects.get()
    assert (row.state, row.attempts, row.wait_code) == (State.WAITING, 0, "disk_full")
    assert row.wait_message.startswith(f"The disk of {media} is full")
    assert kept(media) == before


@pytest.mark.django_db
def test_an_import_without_room_stops_with_the_reason_and_the_next_one_goes_on(tmp_path, media, full):
    for n in range(4):
        path = tmp_path / f"nut/train/good/{n}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo(n))
    full(2)
    with pytest.raises(NoRoom, match="is full"):
        import_folder(tmp_path / "nut", by=None)
    assert Sample.objects.count() == 2
    assert len(kept(media)) == 2
    full(99)
    assert import_folder(tmp_path / "nut", by=None).added == 2


@pytest.mark.django_db
def test_a_run_without_room_is_no_version_and_leaves_no_file(trained_run, media, full):
    run_dir, result = trained_run
    full(2)
    with pytest.raises(NoRoom):
        register(CategoryFactory.create(), run_dir, "unet", result)
    assert kept(media) == []
    assert not ModelVersion.objects.exists()


@pytest.mark.parametrize("address", ["/inspect/", "/api/inspections/"])
def test_an_upload_that_has_no_room_while_it_arrives_is_a_507(
    client_of, api_of, active_version, monkeypatch, settings, address
):
    """Before any view has seen it."""
    category = active_version().category

    def no_room(self, raw_data, start):
        raise FULL

    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0
    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", no_room)
    client = api_of() if "api" in address else client_of()
    more = {"format": "multipart"} if "api" in address else {}
    answer = client.post(address, {"category": category.slug, "images": [upload()]}, **more)
    assert answer.status_code == 507
    assert "is full: free some space" in answer.content.decode()
