"""A throw-away installation: its own folders, port and processes, gone at the end.

Use it before Django is set up: `with Installation() as site:` puts the folders into the environment,
so that this process, the web server and the workers all use the same database.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """Embedded mode in a temporary folder; `start` adds processes of the Procfile by name."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = tempfile.TemporaryDirectory(prefix="inspector-bench-")
        self.folder = Path(self._folder.name)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Installation":
        for name in ("var", "media", "runs"):
            (self.folder / name).mkdir()
            os.environ[f"INSPECTOR_{name.upper()}"] = str(self.folder / name)
        os.environ |= {"PORT": str(self.port), "DJANGO_SETTINGS_MODULE": "inspector.settings"}
        os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end_processes()
        self._folder.cleanup()

    def end_processes(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            process.wait(timeout=30)
        self.processes.clear()

    def set_up(self, *arguments: str) -> None:
        """Migrate and make the accounts; with "--no-demo" nothing else."""
        subprocess.run(
            [sys.executable, "manage.py", "setup", *arguments], cwd=ROOT, check=True, stdout=sys.stderr
        )

    def start(self, name: str, called: str = "", before: str = "") -> subprocess.Popen[bytes]:
        """Start a line of the Procfile and, for the web, wait until it answers.

        called: a name of its own, for a second one. before: a command that starts it, such as `faketime`.
        """
        called = called or name
        lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines() if line)
        line = lines[name].replace(f"{name}@", f"{called}@")
        with (self.folder / f"{called}.log").open("ab") as log:
            command = f"exec {before} {line}"
            # A session each, as honcho does it: Linux shares the processor among sessions.
            started = subprocess.Popen(
                command, shell=True, cwd=ROOT, start_new_session=True, stdout=log, stderr=log
            )
        self.processes[called] = started
        if name == "web":
            self.wait_for_web()
        return started

    def wait_for_web(self, seconds: float = 60) -> float:
        """Seconds until /healthz answered."""
        start = time.monotonic()
        while time.monotonic() - start < seconds:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).read()
                return time.monotonic() - start
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(f"nothing answered at {self.url} within {seconds} s")

    def account(self, role: str) -> dict[str, str]:
        accounts: dict[str, dict[str, str]] = json.loads((self.folder / "var" / "accounts.json").read_text())
        return accounts[role]

    def token(self, role: str) -> str:
        """An API token of the first account of a role."""
        return str(self.api("POST", "/api/token/", self.account(role))["token"])

    def api(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """One JSON request and its JSON answer."""
        request = urllib.request.Request(self.url + path, method=method)
        if token:
            request.add_header("Authorization", f"Token {token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
