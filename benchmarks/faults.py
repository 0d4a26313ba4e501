"""What benchmarks/chaos.py does to a site: each fault lasts some seconds, then all is as it was before."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection

from benchmarks.servers import OnServers, PostgreSQL, Redis
from inspector.core.jobs import State
from inspector.inspections.models import Inspection

if TYPE_CHECKING:
    from benchmarks.chaos import Chaos

DISK = "512m"

Fault = tuple[str, Callable[["Chaos"], None]]


def _servers(chaos: "Chaos") -> OnServers:
    """The site, whose Redis or PostgreSQL a fault stops."""
    assert isinstance(chaos.site, OnServers)
    return chaos.site


def forget(chaos: "Chaos") -> None:
    _servers(chaos).redis.forget()


def redis_away(chaos: "Chaos") -> None:
    with _away(_servers(chaos).redis):
        time.sleep(8)


def restart_postgres(chaos: "Chaos") -> None:
    with _away(_servers(chaos).postgres):
        pass


@contextmanager
def _away(server: "Redis | PostgreSQL") -> Iterator[None]:
    server.stop()
    yield
    server.start()


def redis_hangs(chaos: "Chaos") -> None:
    _freeze(_servers(chaos).redis, 10)


def postgres_hangs(chaos: "Chaos") -> None:
    _freeze(_servers(chaos).postgres, 10)


def _freeze(server: "Redis | PostgreSQL", seconds: float) -> None:
    server.freeze()
    time.sleep(seconds)
    server.thaw()


def kill_web(chaos: "Chaos") -> None:
    chaos.kill("web")


def fill_disk(chaos: "Chaos") -> None:
    ballast = Path(os.environ["INSPECTOR_MEDIA"]) / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    time.sleep(12)
    ballast.unlink()


def hang_a_file(chaos: "Chaos") -> None:
    """A pipe that nobody writes to takes the place of a waiting photo; 15 s later the photo is back."""
    with _away(_servers(chaos).redis):
        row = _waiting_one()
        path = Path(os.environ["INSPECTOR_MEDIA"]) / str(row.original)
        aside = path.with_suffix(".aside")
        path.rename(aside)
        os.mkfifo(path)
    time.sleep(15)
    aside.replace(path)


def _waiting_one() -> Inspection:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        row = Inspection.objects.filter(state=State.WAITING).last()
        if row is not None:
            connection.close()
            return row
        time.sleep(0.05)
    raise TimeoutError("no photo waited")


WHOLE: tuple[Fault, ...] = (
    ("Redis forgets all", forget),
    ("the web process is killed", kill_web),
    ("Redis is away for 8 s", redis_away),
    ("a photo's file hangs for 15 s", hang_a_file),
    ("Redis forgets all", forget),
    ("PostgreSQL is restarted", restart_postgres),
    ("the disk is full for 12 s", fill_disk),
    ("the web process is killed", kill_web),
    ("Redis hangs for 10 s", redis_hangs),
    ("PostgreSQL hangs for 10 s", postgres_hangs),
    ("Redis forgets all", forget),
)


@contextmanager
def small_disk() -> Iterator[bool]:
    """The media on a disk small enough to be filled. Yields whether there is one: only root may mount it."""
    media = os.environ["INSPECTOR_MEDIA"]
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", media]
    mounted = os.geteuid() == 0 and subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", media], check=True)
