"""A real worker whose storage takes connections and never answers begins anew, and judges once it does."""

import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import boto3
import pytest
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from inspector.core import files
from inspector.core.jobs import State
from inspector.core.storage_url import s3_storage
from inspector.inspections.models import Inspection, Source
from inspector.inspections.submit import submit
from inspector.inspections.sweep import sweep
from inspector.registry.detectors import detector
from tests.inspections.test_worker_killed import WORKER, done, on_redis, until  # noqa: F401
from tests.photos import photo, upload

PHOTOS = 12


class Gate(threading.Thread):
    """Leads to another port. While it is `silent`, it takes connections and hands nothing on."""

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(daemon=True)
        self.target, self.silent, self.met = target, False, 0
        self.held: list[socket.socket] = []
        self.server = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self.server.getsockname()[1]

    def run(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self.server.accept()
                if self.silent:
                    self.met += 1
                    self.held.append(client)
                    continue
                there = socket.create_connection(self.target)
                for one, other in ((client, there), (there, client)):
                    threading.Thread(target=self._hand_on, args=(one, other), daemon=True).start()

    def _hand_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while part := one.recv(65536):
                if self.silent:
                    self.met += 1
                    return
                other.sendall(part)
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def gate(settings) -> Iterator[Gate]:
    """Storage of these settings is a bucket behind it."""
    bucket = ThreadedMotoServer("127.0.0.1", 0)
    bucket.start()
    gate = Gate(bucket.get_host_and_port())
    gate.start()
    access = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=f"http://127.0.0.1:{gate.port}", **access).create_bucket(Bucket="photos")
    gate.url = f"s3://key:secret@127.0.0.1:{gate.port}/photos?region=us-east-1&tls=0"
    settings.STORAGES = settings.STORAGES | {"default": s3_storage(gate.url)}
    yield gate
    gate.server.close()
    bucket.stop()


def test_reading_and_writing_end_when_storage_is_silent(gate, settings, monkeypatch):
    client = storages["default"].client_config
    assert client.connect_timeout + client.read_timeout <= 20, "a person or a photo waits for this"
    assert client.retries == {"total_max_attempts": 2}
    short = s3_storage(gate.url)
    short["OPTIONS"]["client_config"] = client.merge(type(client)(read_timeout=0.2))
    settings.STORAGES = settings.STORAGES | {"default": short}
    files.store("a/photo.jpg", b"content")
    gate.silent = True
    for verb in (lambda: files.read("a/photo.jpg"), lambda: files.store("b/photo.jpg", b"content")):
        start = time.monotonic()
        with pytest.raises(Exception, match=r"(?i)time") as told:
            verb()
        assert time.monotonic() - start < 10
        assert type(told.value).__module__.startswith("botocore")


@pytest.mark.redis
def test_it_begins_anew_after_four_threads_hang(
    gate,
    on_redis,  # noqa: F811
    installation,
    active_version,
    person,
    processes,
    capfd,
):
    version = active_version()
    detector(version)  # unpacked: the worker needs the storage for photos only
    uploads = [upload(photo(n), f"{n}.png") for n in range(PHOTOS)]
    submit(category=version.category, uploads=uploads, by=person(), source=Source.API)
    gate.silent = True
    environment = installation | {
        "REDIS_URL": on_redis,
        "STORAGE_URL": gate.url,
        "INSPECTOR_READ_SECONDS": "1",
        "INSPECTOR_BATCH_SIZE": "4",
    }
    worker = processes(WORKER.split(), environment)
    said = ""

    def anew() -> bool:
        nonlocal said
        said += capfd.readouterr().err
        return "restarts" in said

    until(anew, seconds=120, every=0.5, meanwhile=sweep)
    assert "4 threads hang" in said
    assert set(Inspection.objects.values_list("state", "attempts")) == {(State.WAITING, 0)}
    assert Inspection.objects.filter(wait_code="storage_silent").exists()
    gate.silent = False
    until(lambda: done() == PHOTOS, seconds=120, every=0.5, meanwhile=sweep)
    assert worker.poll() is None, "the same process went on"
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=60) == 0
