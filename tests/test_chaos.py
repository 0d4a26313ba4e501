"""Workers and the web process are killed: no photo lost, doubled, stuck or failed, no answer of 500."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.redis
def test_a_hundred_photos_and_ten_killed_workers(installation):
    command = [sys.executable, "-m", "benchmarks", "chaos_short"]
    done = subprocess.run(command, cwd=ROOT, env=installation, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost, 0 doubled, 0 stuck, 0 FAILED; 0 answers of 500" in done.stdout
