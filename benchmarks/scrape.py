"""What /metrics, the notice on every page and the checks of photos cost as the record grows (the aim: flat).

python -m benchmarks scrape

Queries and median milliseconds at 1,000 and at 100,000 failed photos.
"""

import statistics
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.installation import Installation
from inspector.accounts.models import User
from inspector.categories.create import create_category
from inspector.core.jobs import State
from inspector.inspections import health_checks, prometheus, waiting
from inspector.inspections.models import Batch, Inspection, Source

SIZES = (1_000, 100_000)
# 3,333 photos a day.
APART = timedelta(seconds=26)
REPEATS = 9
MEASURED: dict[str, Callable[[], object]] = {
    "photos by kind": lambda: list(prometheus.photos()),
    "queue": lambda: list(prometheus.queue()),
    "times": lambda: list(prometheus.times()),
    "notice on every page": waiting._stopped,
    "waiting photos": health_checks.queue,
    "photos held back": health_checks.held_back,
}


def main(site: Installation) -> None:
    person = User.objects.get(username="inspector")
    category = create_category("Part", by=None)
    batch = Batch.objects.create(category=category, submitted_by=person, source=Source.API)
    begun, made = timezone.now(), 0
    for size in SIZES:
        rows = (_inspection(batch, begun - n * APART) for n in range(made, size))
        Inspection.objects.bulk_create(rows, batch_size=2000)
        made = size
        for name, work in MEASURED.items():
            queries, milliseconds = _measure(work)
            print(f"{size:>9,}  {name:<22} {queries} queries {milliseconds:>7.1f} ms", flush=True)


def _inspection(batch: Batch, created: object) -> Inspection:
    values = {"category": batch.category, "submitted_by": batch.submitted_by, "filename": "a.png"}
    failed = {"state": State.FAILED, "error_code": "photo_missing", "created": created, "finished": created}
    return Inspection(batch=batch, sha256="0" * 64, bytes=1, width=1, height=1, **values, **failed)


def _measure(work: Callable[[], object]) -> tuple[int, float]:
    work()
    with CaptureQueriesContext(connection) as queries:
        work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return len(queries), statistics.median(times)
