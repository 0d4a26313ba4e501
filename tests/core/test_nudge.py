import socket
import uuid
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from celery import current_app
from kombu import Connection

from inspector.core import nudge as module
from inspector.core.nudge import nudge, nudge_each

real_send, real_count = module.send, module.messages_in


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


@pytest.fixture(params=["folders", pytest.param("redis", marks=pytest.mark.redis)])
def whole_broker(request: pytest.FixtureRequest, real_broker, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(module, "messages_in", real_count)
    places = dict.fromkeys(("data_folder_in", "data_folder_out", "control_folder"), str(tmp_path))
    url = request.getfixturevalue("redis_url") if request.param == "redis" else "folders://"

    def connect(**more: object) -> Connection:
        return Connection(url, transport_options={} if request.param == "redis" else places)

    monkeypatch.setattr(current_app, "connection_for_write", connect)
    connect().ensure_connection(max_retries=20, interval_start=0.1, interval_step=0.1)


def test_sweeps_fill_no_queue_that_nobody_reads(whole_broker):
    """A weekend without a worker would make 17,000 messages for each job that waits."""
    task, queue = "inspector.core.tasks.work", f"nobody-reads-{uuid.uuid4()}"
    for _ in range(60):
        nudge_each(task, [("training", pk) for pk in range(3)], queue=queue)
    assert real_count(queue) == module.MANY_MESSAGES + 2, "whole sweeps, until there are enough"
    with current_app.connection_for_write() as connection:
        connection.default_channel.queue_purge(queue)
    nudge_each(task, [("training", 1)], queue=queue)
    assert real_count(queue) == 1
    many = module.MANY_MESSAGES * 2
    for _ in range(3):
        nudge_each(task, [("training", pk) for pk in range(many)], queue=queue)
    assert real_count(queue) == many + 1, "each of many rows is sent for"
