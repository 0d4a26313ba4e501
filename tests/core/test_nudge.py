import socket
from collections.abc import Iterator
from types import SimpleNamespace

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
    now, tried = [100.0], []
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(module, "send", lambda *args: tried.append(args[1]) or real_send(*args))
    assert module.IMPATIENT["socket_connect_timeout"] == module.IMPATIENT["socket_timeout"] == 1
    assert nudge("inspector.inspections.tasks.analyse", 1) is False, "patience here would wait for ever"
    assert nudge("inspector.inspections.tasks.analyse", 2) is False
    assert tried == [(1,)], "while the broker is known to be down nobody waits for it"
    now[0] += module.PAUSE_SECONDS
    assert nudge("inspector.inspections.tasks.analyse", 3) is False
    assert tried == [(1,), (3,)]
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 2


def test_a_message_holds_only_the_name_and_the_id(real_broker, monkeypatch):
    sent = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, **options: sent.append((name, options["args"]))
    )
    assert nudge("inspector.inspections.tasks.analyse", 7)
    assert sent == [("inspector.inspections.tasks.analyse", (7,))]
