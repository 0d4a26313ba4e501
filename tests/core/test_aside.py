"""Folders of jobs: gone with the job, and the next one removes what a killed worker left."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from inspector.core.aside import LOCK, folder_aside

KEEPS_ONE = """
from inspector.core.aside import folder_aside
with folder_aside() as folder:
    (folder / "photo.png").write_bytes(b"photo")
    print(folder, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def test_what_a_killed_worker_left_goes_and_what_is_in_use_stays(temporary):
    worker = subprocess.Popen([sys.executable, "-c", KEEPS_ONE], stdin=-1, stdout=-1, text=True)
    left = Path(worker.stdout.readline().strip())
    os.utime(left / LOCK, (0, 0))
    with folder_aside() as own:
        assert (left / "photo.png").exists()
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        os.utime(own / LOCK, (0, 0))
        with folder_aside() as other:
            assert not left.exists()
            assert own.exists() and other != own
    assert not list(temporary.iterdir())
