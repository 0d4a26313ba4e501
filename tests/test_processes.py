"""`make run`: what is killed is started again, what cannot start ends all, and one signal ends all."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PROCESSES = Path(__file__).resolve().parent.parent / "deploy" / "processes.py"


@pytest.fixture
def running(tmp_path) -> Callable[..., subprocess.Popen[str]]:
    """The processes of such a Procfile."""
    started: list[subprocess.Popen[str]] = []

    def start(*lines: str) -> subprocess.Popen[str]:
        (tmp_path / "Procfile").write_text("\n".join(lines))
        command = [sys.executable, str(PROCESSES), "--procfile", str(tmp_path / "Procfile"), "--port", "9000"]
        out = subprocess.PIPE
        started.append(subprocess.Popen(command, cwd=tmp_path, stdout=out, stderr=out, text=True))
        return started[-1]

    yield start
    for one in started:
        one.terminate()
        one.communicate(timeout=30)


def wait_for(path: Path, lines: int) -> list[str]:
    for _ in range(600):
        if path.exists() and len(written := path.read_text().split()) >= lines:
            return written
        time.sleep(0.05)
    raise AssertionError(f"{path.name}: fewer than {lines} lines")


def test_what_is_killed_is_started_again_beside_the_others(running, tmp_path):
    both = running(
        "train: echo $PORT >>trained; [ $(wc -l <trained) -gt 1 ] || kill -KILL $$; exec sleep 60",
        "web: echo $PORT >>served; exec sleep 60",
    )
    wait_for(tmp_path / "trained", 2)
    assert wait_for(tmp_path / "served", 1) == ["9100"], "as before"
    both.send_signal(signal.SIGTERM)
    said, _ = both.communicate(timeout=30)
    assert both.returncode == 128 + signal.SIGTERM
    assert "killed, perhaps because memory ran out; it is started again in 1 s" in said


@pytest.mark.parametrize("status", [3, 255])
def test_what_cannot_start_ends_all(running, status):
    both = running(f"web: echo the port is taken; exit {status}", "train: exec sleep 60")
    said, _ = both.communicate(timeout=30)
    assert both.returncode == status and "the port is taken" in said and "again" not in said


def test_settings_are_read_from_the_file_beside(running, tmp_path):
    (tmp_path / ".env").write_text("INSPECTOR_TITLE=Line-7\n")
    running("web: echo $INSPECTOR_TITLE >>told; exec sleep 60")
    assert wait_for(tmp_path / "told", 1) == ["Line-7"]
