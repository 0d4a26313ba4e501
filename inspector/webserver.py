"""How the site is served: `python -m inspector.webserver`.

Waitress reads a whole request before a thread is given to it, and writes the answer without one. So a
client that is slow, or silent, holds a socket and nothing else; the threads are for work that is ready.
"""

import gc
import json
import logging
import signal
import tempfile
from types import FrameType
from typing import Any

import waitress.server
from django.urls import reverse
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
# A connection that was silent for this long is closed.
SILENT_SECONDS = 60
NO_FOLDER = (
    "The server cannot write what you sent to its temporary folder: it is missing, full or read-only. "
    "Nothing was saved. Try again in a minute; tell an admin if it persists."
)
# For a request that waitress refuses: code and sentence by status.
WORDS = {
    413: (
        "too_many_bytes",
        "The request is too large; the limit is {most}. Send fewer photos at once.",
    ),
    431: ("too_much_data", "The address and the headers of the request are too long."),
    501: ("not_supported", "The server takes bodies with Content-Length or in chunks, in no other encoding."),
}
NOT_UNDERSTOOD = ("not_understood", "The request cannot be understood: it is cut off or malformed.")
LONGEST_PREFIX = 200  # bytes of a request that show whether it is one of the API


class RefusedRequest(Error):
    """The answer to a request that no view sees: a sentence; JSON below /api/ as every other answer there."""

    def __init__(self, status: tuple[int, str], code: str, message: str, *, api: bool) -> None:
        super().__init__(message)
        (self.code, self.reason), self.name, self.api = status, code, api

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        kind, body = "text/plain; charset=utf-8", self.body
        if self.api:
            kind, body = "application/json", json.dumps({"error": {"code": self.name, "message": self.body}})
        return f"{self.code} {self.reason}", [("Content-Type", kind)], body.encode()


class Parser(HTTPRequestParser):
    """Says in this site's words what is wrong with a request that cannot be parsed."""

    _first = b""

    def received(self, data: bytes) -> int:
        if not self.headers_finished:
            self._first = (self._first + data[:LONGEST_PREFIX])[:LONGEST_PREFIX]
        try:
            taken = int(super().received(data))
        except OSError as problem:
            # Bodies beyond half a megabyte go to disk. Where that fails, waitress would close without a word.
            log.error("the body of a request could not be written to the temporary folder: %s", problem)
            tempfile.tempdir = None  # gone since the start? The next request looks for another one
            self.error = self._refused((503, "Service Unavailable"), "unavailable", NO_FOLDER)
            self.completed = self.connection_close = True
            return len(data)
        if self.error and not isinstance(self.error, RefusedRequest):
            self.error = self._in_our_words(self.error)
        return taken

    def _in_our_words(self, error: Error) -> RefusedRequest:
        code, words = WORDS.get(error.code, NOT_UNDERSTOOD)
        message = words.format(most=f"{self.adj.max_request_body_size / 2**20:,.0f} MB")
        return self._refused((error.code, error.reason), code, message)

    def _refused(self, status: tuple[int, str], code: str, message: str) -> RefusedRequest:
        path = self._first.lstrip().partition(b" ")[2]  # known before the header is, and if it is too long
        return RefusedRequest(status, code, message, api=path.startswith(b"/api/"))


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

    settle()
    signal.signal(signal.SIGTERM, _end)
    running = server(application)
    # Show the person at the terminal where to go, once the page is really there.
    print(f"Inspector is running at http://{HOST}:{PORT}/ (stop it with Ctrl-C)", flush=True)
    running.run()  # until SystemExit; what was begun has five more seconds


def settle() -> None:
    """What is loaded by now stays: looking through it for garbage again and again would make single pages
    wait 0.1 to 0.2 s. Reversing an address loads all views."""
    reverse("admin:index")
    gc.collect()
    gc.freeze()


def _most_bytes() -> int:
    from django.conf import settings

    return int(settings.MAX_UPLOAD_BYTES * settings.MAX_BATCH_FILES)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit


if __name__ == "__main__":
    main()
