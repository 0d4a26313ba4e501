"""A worker dies by SIGKILL in the middle of fifty photos, on a real Redis: each gets exactly one verdict."""

import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import current_app

from benchmarks.ends import logged
from inspector.core import nudge
from inspector.core.jobs import State
from inspector.inspections.models import Inspection, Source
from inspector.inspections.submit import submit
from inspector.inspections.sweep import sweep
from tests.photos import photo, upload

PHOTOS = 50
WORKER = "celery -A inspector worker --queues inspect --pool solo --without-gossip --without-mingle"


@pytest.fixture
def ends(transactional_db: None) -> Iterator[Callable[[], list[tuple[int, str]]]]:
    """Every end that was written so far: (inspection, verdict)."""
    with logged() as written:
        yield written


@pytest.fixture
def on_redis(redis_url: str, nudges: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Nudges of this process go to the real Redis, into a queue that holds nothing yet."""

    def send(name: str, args: tuple[Any, ...], queue: str | None) -> None:
        with current_app.connection_for_write(redis_url) as broker:
            current_app.send_task(name, args=args, connection=broker)

    with current_app.connection_for_write(redis_url) as broker:
        broker.default_channel.queue_purge("inspect")
    monkeypatch.setattr(nudge, "send", send)
    return redis_url


def until(
    reached: Callable[[], bool], seconds: float, every: float, meanwhile: Callable = lambda: None
) -> None:
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, sorted(Inspection.objects.values_list("state", flat=True))
        meanwhile()
        time.sleep(every)


def done() -> int:
    return Inspection.objects.filter(state=State.DONE).count()


@pytest.mark.redis
def test_fifty_photos_and_a_killed_worker(installation, on_redis, ends, active_version, person, processes):
    category = active_version().category
    environment = installation | {
        "REDIS_URL": on_redis,
        "INSPECTOR_LEASE_SECONDS": "3",
        "INSPECTOR_BATCH_SIZE": "4",
    }
    large = [photo(n, (1000, 750), "JPEG", broken=n % 2 == 1) for n in range(10)]
    uploads = [upload(large[n % 10], f"{n}.jpg") for n in range(PHOTOS)]
    submit(category=category, uploads=uploads, by=person(), source=Source.API)

    first = processes(WORKER.split(), environment)
    until(lambda: 6 <= done() < PHOTOS - 10, seconds=240, every=0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = dict(Inspection.objects.filter(state=State.DONE).values_list("pk", "finished"))
    held = set(Inspection.objects.filter(state=State.RUNNING).values_list("pk", flat=True))
    assert before and held and len(before) < PHOTOS, "it died in the middle"

    # What the first held comes free after three seconds; this one keeps its own however busy the machine is.
    processes(WORKER.split(), environment | {"INSPECTOR_LEASE_SECONDS": "60"})
    until(lambda: done() == PHOTOS, seconds=240, every=0.2, meanwhile=sweep)

    written = ends()
    assert sorted(pk for pk, _ in written) == sorted(Inspection.objects.values_list("pk", flat=True))
    assert dict(written) == dict(Inspection.objects.values_list("pk", "verdict"))
    rows = Inspection.objects.in_bulk()
    assert {pk: rows[pk].finished for pk in before} == before
    assert {pk for pk, row in rows.items() if row.attempts > 1} == held
