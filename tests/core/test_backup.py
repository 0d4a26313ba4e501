"""A backup, brought back into an installation that lost everything, judges as before."""

import errno
import json
import re
import shutil
import sqlite3
from pathlib import Path
from unittest.mock import Mock

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from inspector.accounts.models import User
from inspector.categories.models import Category
from inspector.core.backup import stored
from inspector.core.backup.check import check_files
from inspector.core.backup.manifest import read
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.models import Inspection, Source
from inspector.inspections.submit import submit
from tests.factories import CategoryFactory
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def judged(active_version, person) -> Inspection:
    """One photo that was judged, with all that belongs to it."""
    version = active_version()
    sent = submit(
        category=version.category, uploads=[upload(photo(1, broken=True))], by=person(), source=Source.WEB
    )
    analyse_waiting(version.category_id)
    return Inspection.objects.get(pk=sent.inspections[0].pk)


@pytest.fixture
def backup(judged, tmp_path) -> Path:
    folder = tmp_path / "backup"
    call_command("backup", folder)
    return folder


def lose_everything(media: Path) -> None:
    call_command("flush", interactive=False, verbosity=0)
    shutil.rmtree(media)


def test_all_is_back_and_goes_on(backup, judged, media, person):
    values = Inspection.objects.filter(pk=judged.pk).values().get()
    lose_everything(media)
    call_command("restore", backup)
    assert Inspection.objects.filter(pk=judged.pk).values().get() == values
    assert default_storage.open(str(judged.original)).read() == photo(1, broken=True)
    again = submit(
        category=Category.objects.get(), uploads=[upload(photo(2))], by=User.objects.get(), source=Source.WEB
    )
    assert again.inspections[0].pk > judged.pk, "numbers go on after those that were restored"
    assert analyse_waiting(judged.category_id) == 1
    assert check_files().without_file == []


def test_what_came_after_the_backup_is_gone(backup, judged):
    CategoryFactory.create(name="Later")
    with pytest.raises(CommandError, match="--replace"):
        call_command("restore", backup)
    assert Category.objects.count() == 2
    call_command("restore", backup, "--replace")
    assert [category.name for category in Category.objects.all()] == [judged.category.name]


def test_a_second_restore_at_the_same_time_is_refused(backup, judged, monkeypatch):
    """Both would migrate the same database."""
    real, said = stored.load, []

    def meanwhile(*args):
        monkeypatch.undo()
        with pytest.raises(CommandError) as refused:
            call_command("restore", backup, "--replace")
        said.append(str(refused.value))
        return real(*args)

    monkeypatch.setattr(stored, "load", meanwhile)
    call_command("restore", backup, "--replace")
    assert "at this moment" in said[0] and Inspection.objects.filter(pk=judged.pk).exists()


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_damaged_backup_changes_nothing(backup, judged, harm):
    file = backup / "files" / str(judged.original)
    file.write_bytes(b"x") if harm == "changed" else file.unlink()
    with pytest.raises(CommandError, match=r"1 files are missing or damaged: .*original"):
        call_command("restore", backup, "--replace")
    assert Inspection.objects.filter(pk=judged.pk).exists()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("vendor", "other", "The backup is of other"),
        ("migrations", {"core": "9999_new"}, "newer version"),
        ("database", {}, "does not name all of its database"),
    ],
)
def test_a_backup_for_another_program_changes_nothing(backup, media, name, value, says):
    stored = json.loads((backup / "manifest.json").read_text())
    (backup / "manifest.json").write_text(json.dumps(stored | {name: value}))
    lose_everything(media)
    with pytest.raises(CommandError, match=says):
        call_command("restore", backup)
    assert not media.exists() or not any(media.iterdir()), "no file was restored"


def test_a_file_is_no_backup(backup):
    with pytest.raises(CommandError, match="no finished backup"):
        call_command("restore", backup / "manifest.json")


def test_a_backup_that_was_cut_off_is_none(backup):
    (backup / "manifest.json").unlink()
    with pytest.raises(CommandError, match="no finished backup"):
        call_command("restore", backup, "--replace")


def test_a_backup_overwrites_no_other(backup):
    with pytest.raises(CommandError, match="not empty"):
        call_command("backup", backup)


def test_a_storage_that_is_not_mounted_makes_no_backup(judged, media, tmp_path):
    media.rename(tmp_path / "elsewhere")
    with pytest.raises(CommandError, match="not one file in the storage"):
        call_command("backup", tmp_path / "backup")
    with pytest.raises(CommandError, match="no finished backup"):
        call_command("restore", tmp_path / "backup", "--replace")


@pytest.mark.parametrize(
    "problem",
    [sqlite3.OperationalError("database or disk is full"), OSError(errno.EIO, "Input error")],
)
def test_what_the_machine_does_not_do_is_said(backup, judged, tmp_path, monkeypatch, problem):
    for what in ("save", "load"):
        monkeypatch.setattr(f"inspector.core.backup.database.{what}", Mock(side_effect=problem))
    words = re.escape(str(getattr(problem, "strerror", None) or problem))
    with pytest.raises(CommandError, match=f"(?i){words}.* is unfinished"):
        call_command("backup", tmp_path / "another")
    with pytest.raises(CommandError, match=f"(?i){words}.* the backup itself is intact"):
        call_command("restore", backup, "--replace")
    monkeypatch.undo()
    assert Inspection.objects.filter(pk=judged.pk).exists()


def test_a_backup_does_not_hold_itself(judged, media):
    with pytest.raises(CommandError, match="elsewhere"):
        call_command("backup", media / "backup")
    assert not (media / "backup").exists()


def test_only_its_owner_may_look_into_it(backup):
    assert backup.stat().st_mode & 0o077 == 0


def test_a_photo_that_comes_while_the_copy_is_made_is_no_row_without_a_file(judged, tmp_path, monkeypatch):
    from inspector.core.backup import database

    save = database.save

    def save_and_go_on(*arguments) -> None:
        save(*arguments)
        submit(category=judged.category, uploads=[upload(photo(3))], by=User.objects.get(), source=Source.WEB)

    monkeypatch.setattr(database, "save", save_and_go_on)
    call_command("backup", tmp_path / "b")
    call_command("restore", tmp_path / "b", "--replace")
    assert Inspection.objects.count() == 1 and check_files().without_file == []
    assert any(name.endswith("original.png") for name in read(tmp_path / "b").files)


# --- Do rows and files belong together? ------------------------------------------------------
def test_rows_without_files_and_files_without_rows_are_named(judged, media, capsys, monkeypatch):
    from inspector.core.backup import check

    (media / str(judged.heatmap)).unlink()
    default_storage.save("inspections/left/over.png", default_storage.open(str(judged.original)))
    assert check_files().without_row == [], "it may belong to a row that is just being written"
    monkeypatch.setattr(check, "YOUNG", -check.YOUNG)
    with pytest.raises(SystemExit):
        call_command("check_files", "--delete")
    said = capsys.readouterr().out
    assert f"inspection {judged.pk}, heatmap: {judged.heatmap}" in said
    assert "1 files without a row:\n  inspections/left/over.png" in said
    assert not (media / "inspections/left/over.png").exists() and (media / str(judged.original)).exists()
