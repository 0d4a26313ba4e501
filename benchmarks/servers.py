"""A measurement's own Redis and PostgreSQL, to be stopped and frozen at will; an installation on them."""

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from benchmarks.installation import Installation, free_port


class Redis:
    """Keeps nothing on disk: whatever it forgets, the database has to know."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self._port), "--save", ""]
        with (self._folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen([*command, "--dir", str(self._folder)], stdout=log)
        wait_for_port(self._port)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)

    def freeze(self) -> None:
        """Still there, still taking connections, and silent."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def forget(self) -> None:
        with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            connection.recv(64)


class PostgreSQL:
    """A cluster in a folder, run by the binaries of Debian's package; not as root, which they refuse."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder / "postgres", free_port()
        self._bin = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.url = f"postgres://inspector@127.0.0.1:{self._port}/inspector"

    def make(self) -> None:
        self._folder.mkdir()
        if self._as:
            shutil.chown(self._folder, "postgres")
        self._run("initdb", "--auth=trust", "--username=inspector")
        self.start()
        with_host = ("-h", "127.0.0.1", "-p", str(self._port), "-U", "inspector")
        subprocess.run([self._bin / "createdb", *with_host, "inspector"], check=True)

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self._port} -k {self._folder}"
        self._run("pg_ctl", "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """At once: whoever is connected is cut off."""
        self._run("pg_ctl", "-m", "fast", "-w", "stop")

    def freeze(self) -> None:
        """Still there, still taking connections, and silent."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._bin / program), "-D", str(self._folder), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def _signal(self, number: int) -> None:
        first = int((self._folder / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for process in (first, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, number)


class OnServers(Installation):
    """An installation as `docker compose up` has it: PostgreSQL and Redis, both of its own."""

    def __enter__(self) -> "OnServers":
        super().__enter__()
        self.folder.chmod(0o711)
        self.redis, self.postgres = Redis(self.folder), PostgreSQL(self.folder)
        self.redis.start()
        self.postgres.make()
        os.environ |= {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
        }
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.redis.thaw()
        self.postgres.thaw()
        self.end_processes()
        self.redis.stop()
        self.postgres.stop()
        super().__exit__(kind, error, trace)


def wait_for_port(port: int, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > end:
            raise TimeoutError(
                f"nothing answered at port {port} for {getpass.getuser()} within {seconds:.0f} s"
            )
        time.sleep(0.05)
