"""Messages as files: each comes to one reader, whole, and a broken one stops nobody."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from inspector.core.folder_broker import Channel, tidy


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    return tmp_path


@pytest.fixture
def connection(folder: Path) -> Iterator[Connection]:
    messages = str(folder / "messages")
    options = {
        "data_folder_in": messages,
        "data_folder_out": messages,
        "control_folder": str(folder / "control"),
    }
    with Connection("folders://", transport_options=options) as connection:
        yield connection


def drained(channel: Channel, queue: str) -> list:
    found = []
    while True:
        try:
            found.append(channel._get(queue))
        except Empty:
            return found


def test_messages_come_in_order_and_to_their_queue(connection):
    channel = connection.channel()
    for number in range(3):
        channel._put("inspect", {"n": number})
        channel._put("train", {"n": 10 + number})
    assert [message["n"] for message in drained(channel, "train")] == [10, 11, 12]
    assert [message["n"] for message in drained(channel, "inspect")] == [0, 1, 2]


def test_a_message_that_cannot_be_read_stops_nobody(connection, folder):
    channel = connection.channel()
    (folder / "messages" / "1_a.inspect.msg").write_bytes(b"")
    channel._put("inspect", {"n": 1})
    assert drained(channel, "inspect") == [{"n": 1}]
    assert list((folder / "messages").iterdir()) == []


def test_two_readers_and_two_writers_lose_and_double_nothing(connection):
    def write(first: int) -> None:
        channel = connection.channel()
        for number in range(first, first + 200):
            channel._put("inspect", {"n": number})

    found: list[int] = []
    over = threading.Event()

    def read() -> None:
        channel = connection.channel()
        while not over.is_set():
            found.extend(message["n"] for message in drained(channel, "inspect"))

    readers = [threading.Thread(target=read) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(first,)) for first in (0, 200)]
    for thread in (*readers, *writers):
        thread.start()
    for writer in writers:
        writer.join()
    over.set()
    for reader in readers:
        reader.join()
    found += [message["n"] for message in drained(connection.channel(), "inspect")]
    assert sorted(found) == list(range(400))


def test_a_queue_is_bound_once_however_many_declare_it(connection):
    channel = connection.channel()
    for queue in ("inspect", "inspect", "train"):
        channel._queue_bind("celery", queue, "", queue)
    assert [bound.queue for bound in channel.get_table("celery")] == ["train", "inspect"]


def test_what_nobody_will_read_is_removed_and_the_rest_stays(connection, folder, settings):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": str(folder / "messages")}
    channel = connection.channel()
    channel._put("inspect", {"n": 1})
    (new,) = (folder / "messages").iterdir()
    for name, hours in (("1_a.inspect.msg.x.taken", 2), ("1_b.inspect.msg.y.part", 2), ("1_c.train.msg", 25)):
        path = folder / "messages" / name
        path.touch()
        os.utime(path, (time.time() - hours * 3600,) * 2)
    (folder / "messages" / "1_d.inspect.msg.z.part").touch()  # somebody writes it
    assert tidy() == 3
    assert sorted(folder.glob("messages/*")) == sorted([new, folder / "messages" / "1_d.inspect.msg.z.part"])
