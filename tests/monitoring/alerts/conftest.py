"""A real receiver of webhooks on this machine, and rules."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from inspector.core import outbox
from inspector.monitoring.alerts.evaluate import evaluate
from inspector.monitoring.alerts.models import Message, Rule, Webhook
from inspector.monitoring.alerts.send import send_due
from inspector.monitoring.alerts.signing import new_secret

LOOPBACK = ip_network("127.0.0.0/8")


@dataclass
class Receiver:
    """What came; what is answered next, else 204."""

    url: str = ""
    got: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = [LOOPBACK]
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers, text = found.answers.pop(0) if found.answers else (200, {}, b"thanks")
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def hook(db: None, receiver: Receiver) -> Webhook:
    return Webhook.objects.create(name="Line", url=receiver.url, secret=new_secret())


@pytest.fixture
def rule_of(db: None) -> Callable[..., Rule]:
    def make(kind: str = "row", limit: float = 3, **values: Any) -> Rule:
        return Rule.objects.create(name=f"Rule {kind}", kind=kind, limit=limit, **values)

    return make


@pytest.fixture
def look() -> Callable[[], int]:
    """As the sweep does, whenever it looked last; what was raised goes on to its channels."""

    def again() -> int:
        Rule.objects.update(looked=None)
        raised = evaluate()
        outbox.deliver()
        return raised

    return again


@pytest.fixture
def send() -> Callable[[], int]:
    """As the sweep does, with all pauses over."""

    def again() -> int:
        Message.objects.update(wait_until=None)
        return send_due()

    return again
