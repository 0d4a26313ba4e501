"""What the web server itself refuses, before a view sees it."""

import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from inspector import webserver
from tests.conftest import free_port

REFUSED = {
    "too large": (b"Content-Length: 99999999999999\r\n\r\n", 413, "too_many_bytes"),
    "long header": (b"X-Long: " + b"x" * 300_000 + b"\r\n\r\n", 431, "too_much_data"),
    "no length": (b"Content-Length: many\r\n\r\n", 400, "not_understood"),
    "no chunk": (b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400, "not_understood"),
    "encoding": (b"Transfer-Encoding: gzip\r\n\r\n", 501, "not_supported"),
}


@pytest.fixture
def port(monkeypatch) -> Iterator[int]:
    port = free_port()
    monkeypatch.setattr(webserver, "PORT", port)
    server = webserver.server(lambda environ, start: start("204 No Content", []) and [])
    threading.Thread(target=server.run, daemon=True).start()
    yield port
    server.close()


def sent(port: int, path: str, rest: bytes) -> tuple[int, str, str]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\n".encode() + rest)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status, answer.headers.get_content_type(), answer.read().decode()


@pytest.mark.parametrize("how", REFUSED)
def test_what_the_server_refuses_is_told_as_json_below_api(port, how):
    rest, status, code = REFUSED[how]
    told = sent(port, "/api/inspections/", rest)
    assert told[:2] == (status, "application/json")
    error = json.loads(told[2])["error"]
    assert error["code"] == code
    assert sent(port, "/inspect/", rest) == (status, "text/plain", error["message"])
    assert error["message"].endswith(".")
