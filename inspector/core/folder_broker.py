"""The broker of an installation on one machine: every message is a file in a folder.

Kombu's transport of this kind writes a message where readers look for it. One that is read while it
is still empty ends the worker (kombu issue 1551), and with it all that honcho runs. Here whatever
others may read is written aside and renamed, and a message is taken by renaming it: a reader sees
all of it or nothing.
"""

import logging
import time
import uuid
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from django.conf import settings
from kombu.transport import filesystem
from kombu.transport.filesystem import exchange_queue_t
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)
HALF_SECONDS, MESSAGE_SECONDS = 3600, 86_400


class Channel(filesystem.Channel):
    """The parts of kombu's channel that a second process can look at half done."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # By the clock, so that the oldest is first; the queue is found by what follows the first dot.
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        _write(Path(self.data_folder_out) / name, payload)

    def _get(self, queue: str, timeout: Any = None) -> Any:
        for path in sorted(Path(self.data_folder_in).iterdir()):
            if path.name.partition(".")[2] == f"{queue}.msg":
                message = _take(path)
                if message is not None:
                    return message
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        wanted = exchange_queue_t(routing_key or "", pattern or "", queue or "")
        bound = self.get_table(exchange)
        if wanted not in bound:
            _write(self._exchange_file(exchange), [wanted, *bound])


class Transport(filesystem.Transport):
    Channel = Channel


def tidy() -> int:
    """Removes what nobody will read: halves that a killed process left, and messages that lie for a day.

    A message is only a nudge; the sweeps send it again if its row still waits. Returns how many.
    """
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    removed = 0
    for path in Path(options["data_folder_in"]).iterdir() if "data_folder_in" in options else ():
        lifetime = HALF_SECONDS if path.suffix in (".part", ".taken") else MESSAGE_SECONDS
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - lifetime:
                path.unlink()
                removed += 1
    return removed


def _write(path: Path, content: Any) -> None:
    aside = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    aside.write_text(dumps(content))
    aside.replace(path)


def _take(path: Path) -> Any:
    """The message, now this process's own; None when another was faster or it cannot be read."""
    taken = path.with_name(f"{path.name}.{uuid.uuid4().hex}.taken")
    try:
        path.rename(taken)
    except FileNotFoundError:
        return None
    text = taken.read_text()
    taken.unlink()
    try:
        return loads(text)
    except ValueError:
        log.warning("the message %s cannot be read and is dropped; the sweep sends another", path.name)
        return None
