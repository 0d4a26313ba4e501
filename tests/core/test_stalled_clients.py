"""Clients that send half a request and fall silent hold up nobody else."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.conftest import free_port

STALLED = 200
FORM = (
    b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Cookie: csrftoken=" + b"a" * 32 + b"\r\n"
)
HALVES = {
    "nothing": b"",
    "half a header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
    "half a body": FORM + b"Content-Length: 100000\r\n\r\nusername=",
    "half a chunk": FORM + b"Transfer-Encoding: chunked\r\n\r\n100\r\nusername=",
    "no reader": b"GET /sign-in/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


@pytest.fixture
def port(installation, processes) -> Iterator[int]:
    port = free_port()
    processes(["inspector.webserver"], installation | {"PORT": str(port)})
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        time.sleep(0.1)
    yield port


def answer(port: int) -> int:
    try:
        # More than a second on an idle machine would be a fault; this one may be busy.
        return urllib.request.urlopen(f"http://localhost:{port}/healthz", timeout=20).status
    except urllib.error.HTTPError as refused:
        return refused.code


def test_two_hundred_stalled_connections_stop_nobody(port):
    with ExitStack() as stack:
        for half in HALVES.values():
            for _ in range(STALLED // len(HALVES)):
                client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
                client.sendall(half)
        assert answer(port) == 200
