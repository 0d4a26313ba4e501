"""Writing: whole files or none, and a disk that takes no more says which folder it is about."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from detection.cli import main
from detection.cli.output import REFUSED
from detection.errors import CannotWrite
from detection.files import artifact, storage
from tests.detection.parts import part

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def full(monkeypatch):
    """A disk on which each file has room for its first ten bytes."""

    def write_bytes(path, content):
        with path.open("wb") as file:
            file.write(content[:10])
            if len(content) > 10:
                raise FULL

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (errno.ENOSPC, "disk_full", "The disk of {} is full: free some space"),
        (errno.EFBIG, "disk_full", "The disk of {} is full"),
        (errno.EDQUOT, "disk_full", "Your quota on the disk of {} is used up"),
        (errno.EROFS, "read_only", "The disk of {} is read-only"),
    ],
)
def test_what_a_disk_refuses_names_the_folder(tmp_path, number, code, said):
    with pytest.raises(CannotWrite) as caught, storage.into(tmp_path), storage.into(tmp_path / "aside/plots"):
        raise OSError(number, os.strerror(number))
    assert caught.value.code == code
    assert str(caught.value).startswith(said.format(tmp_path))


def test_what_may_not_be_read_is_no_fault_of_the_folder_written_to(tmp_path):
    for name, expected in (("out/a.jpg", CannotWrite), ("photos/a.jpg", PermissionError)):
        denied = PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(tmp_path / name))
        with pytest.raises(expected), storage.into(tmp_path / "out"):
            raise denied


def test_a_full_disk_leaves_what_was_there_and_no_pieces(tmp_path, full):
    kept = tmp_path / "kept.json"
    kept.write_text("before")
    picture = Image.new("RGB", (64, 64))
    for write in (
        lambda: storage.write_text(kept, "x" * 100),
        lambda: storage.write_image(tmp_path / "a.jpg", picture, "JPEG"),
        lambda: storage.write_new(tmp_path / "b.jpg", b"x" * 100),
    ):
        with pytest.raises(CannotWrite):
            write()
    assert list(tmp_path.iterdir()) == [kept]
    assert kept.read_text() == "before"


def test_a_line_that_has_no_room_is_taken_back(tmp_path):
    """By a limit on the size of files, in a process of its own: what a disk of 100 bytes would do."""
    table = tmp_path / "table.csv"
    code = (
        "import resource, signal, pathlib\n"
        "from detection import errors; from detection.files import storage\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        f"table = pathlib.Path({str(table)!r})\n"
        "storage.append(table, 'x' * 60 + chr(10))\n"
        "try: storage.append(table, 'y' * 60)\n"
        "except errors.CannotWrite as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"The disk of {tmp_path} is full" in done.stdout
    assert table.read_text() == "x" * 60 + "\n"


def test_a_run_that_has_no_room_leaves_nothing_and_names_the_folder_of_runs(tmp_path, full):
    said = pytest.raises(CannotWrite, match=f"The disk of {tmp_path}/runs is full")
    with said, artifact.writing(tmp_path / "runs/first") as aside:
        artifact.write_json(aside, "config.json", {"method": "unet"})
    assert list((tmp_path / "runs").iterdir()) == []


def test_predict_on_a_full_disk_leaves_no_empty_pictures(run_dir, tmp_path, full, capsys):
    photo = part(tmp_path / "photos/a.png", 1)
    assert main(["predict", str(run_dir), str(photo), "--out", str(tmp_path / "out")]) == REFUSED
    assert f"The disk of {tmp_path}/out is full" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def test_explore_and_demo_data_on_a_full_disk_name_their_folders(plates, tmp_path, full, capsys):
    for command in (
        ["explore", str(plates), "--out", str(tmp_path / "e")],
        ["demo-data", str(tmp_path / "d")],
    ):
        assert main(command) == REFUSED
        assert f"The disk of {command[-1]} is full" in capsys.readouterr().err
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_folder_where_a_file_is_to_be_written_is_named(tmp_path):
    with pytest.raises(IsADirectoryError, match=str(tmp_path)) as refused:
        storage.write_bytes(tmp_path, b"")
    assert refused.value.filename == str(tmp_path)
    assert list(tmp_path.parent.glob(".*.part")) == []
