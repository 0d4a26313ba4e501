import socket
import time
from collections.abc import Iterator

import pytest
from celery import current_app

from inspector.core import nudge as module
from inspector.core.nudge import nudge

real_send = module.send


@pytest.fixture
def real_broker(monkeypatch: pytest.MonkeyPatch, nudges) -> None:
    monkeypatch.setattr(module, "send", real_send)
    monkeypatch.setattr(module, "_quiet_until", 0.0)


@pytest.fixture(params=["nobody listens", "nobody answers"])
def broken_redis(request: pytest.FixtureRequest) -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "nobody answers":
            listener.listen(5)
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_a_broken_broker_holds_nobody_up(real_broker, broken_redis, monkeypatch, caplog):
    monkeypatch.setattr(current_app.conf, "broker_write_url", broken_redis)
    start = time.monotonic()
    assert nudge("inspector.inspections.tasks.analyse", 1) is False
    assert time.monotonic() - start < 2.5
    start = time.monotonic()
    assert nudge("inspector.inspections.tasks.analyse", 2) is False
    assert time.monotonic() - start < 0.1, "while the broker is known to be down nobody waits for it"
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_message_holds_only_the_name_and_the_id(real_broker, monkeypatch):
    sent = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, **options: sent.append((name, options["args"]))
    )
    assert nudge("inspector.inspections.tasks.analyse", 7)
    assert sent == [("inspector.inspections.tasks.analyse", (7,))]
