"""How the site is served: `python -m inspector.webserver`.

Waitress reads a whole request before a thread is given to it, and writes the answer without one. So a
client that is slow, or silent, holds a socket and nothing else; the threads are for work that is ready.
"""

import json
import logging
import signal
import tempfile
from types import FrameType
from typing import Any

import waitress.server
from environs import Env
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error

log = logging.getLogger(__name__)
_env = Env()
HOST = _env.str("HOST", "127.0.0.1")
PORT = _env.int("PORT", 8000)
THREADS = _env.int("INSPECTOR_WEB_THREADS", 8)
# Sockets, not threads: each costs a few kilobytes. 1,024 open files are a usual limit; more clients wait.
CONNECTIONS = 800
# A connection on which nothing has moved for so long is closed.
SILENT_SECONDS = 60
NO_FOLDER = (
    "The server cannot write what you sent to its temporary folder: it is missing, full or read-only. "
    "Nothing was saved. Try again in a minute; tell an admin if it lasts."
)


class NoTemporaryFolder(Error):
    """Waitress's answer to a request it could not read; JSON below /api/."""

    code, reason = 503, "Service Unavailable"

    def __init__(self, path: str) -> None:
        super().__init__(NO_FOLDER)
        self.api = path.startswith("/api/")

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        if not self.api:
            status, headers, body = super().to_response(ident)
            return status, headers, body
        body = json.dumps({"error": {"code": "unavailable", "message": NO_FOLDER}}).encode()
        return f"{self.code} {self.reason}", [("Content-Type", "application/json")], body


class Parser(HTTPRequestParser):
    """Bodies beyond half a megabyte go to disk. Where that fails, waitress would close without a word."""

    def received(self, data: bytes) -> int:
        try:
            return int(super().received(data))
        except OSError as problem:
            log.error("the body of a request could not be written to the temporary folder: %s", problem)
            tempfile.tempdir = None  # gone since the start? The next request looks for another one
            self.error = NoTemporaryFolder(getattr(self, "path", ""))
            self.completed = self.connection_close = True
            return len(data)


def server(application: Any) -> Any:
    """A waitress server that is bound and does not run yet."""
    HTTPChannel.parser_class = Parser
    return waitress.server.create_server(
        application,
        host=HOST,
        port=PORT,
        threads=THREADS,
        backlog=1024,
        connection_limit=CONNECTIONS,
        cleanup_interval=10,
        channel_timeout=SILENT_SECONDS,
        asyncore_use_poll=True,  # select() ends at 1,024 open files
        # A batch of the largest photos in one request: bodies beyond half a megabyte go to disk.
        max_request_body_size=_most_bytes(),
        # Whether a proxy is believed is decided by Django (INSPECTOR_HTTPS, INSPECTOR_PROXIES).
        clear_untrusted_proxy_headers=False,
        ident=None,
    )


def main() -> None:
    from inspector.wsgi import application

    signal.signal(signal.SIGTERM, _end)
    running = server(application)
    # Tell the person at the terminal where to go, once the page is really there.
    print(f"Inspector is running at http://{HOST}:{PORT}/ (stop it with Ctrl-C)", flush=True)
    running.run()  # until SystemExit; what was begun has five more seconds


def _most_bytes() -> int:
    from django.conf import settings

    return int(settings.MAX_UPLOAD_BYTES * settings.MAX_BATCH_FILES)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit


if __name__ == "__main__":
    main()
