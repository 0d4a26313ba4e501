"""The history page at 1,000 and 100,000 inspections: queries and milliseconds (the aim: flat).

python -m benchmarks history
"""

import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.installation import Installation
from inspector.accounts.models import User
from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.inspections.models import Batch, Inspection, Source, Verdict
from inspector.registry.models import ModelVersion

SMALL, LARGE = SIZES = (1_000, 100_000)
ADDRESSES = {
    "newest": "/history/",
    "one category": "/history/?category=part-a",
    "anomalies of one": "/history/?category=part-a&verdict=ANOMALY",
    "failed": "/history/?state=failed",
    "an old day": "/history/?since=2026-01-03&until=2026-01-03",
}
REPEATS = 15
Measured = tuple[int, float]


def main(site: Installation) -> None:
    results: dict[str, list[Measured]] = {name: [] for name in ADDRESSES}
    kinds = [_kind(slug) for slug in ("part-a", "part-b")]
    for start, end in ((0, SMALL), (SMALL, LARGE)):
        numbers = range(start, end)
        Inspection.objects.bulk_create((_inspection(n, *kinds[n % 2]) for n in numbers), batch_size=2000)
        for name, address in ADDRESSES.items():
            results[name].append(_measure(address))
    _print(results)


def _print(results: dict[str, list[Measured]]) -> None:
    print(f"{'':<18} {SMALL:>18,} {LARGE:>18,}")
    print(f"{'history page':<18} {'queries':>9} {'ms':>8} {'queries':>9} {'ms':>8} {'ratio':>6}")
    for name, ((queries, before), (queries_large, after)) in results.items():
        ratio = after / before
        print(f"{name:<18} {queries:>9} {before:>8.1f} {queries_large:>9} {after:>8.1f} {ratio:>6.2f}")


def _measure(address: str) -> Measured:
    """Queries and median milliseconds of one page, signed in, after a first look that warms up."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="qa"))
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        count = len(queries)  # the next request forgets them
    assert response.status_code == 200, response.status_code
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - start) * 1000)
    return count, statistics.median(times)


def _kind(slug: str) -> tuple[ModelVersion, Batch]:
    category = Category.objects.create(slug=slug, name=slug)
    version = ModelVersion.objects.create(
        category=category, number=1, method="unet", threshold=0.5, map_low=0, map_high=1
    )
    person = User.objects.get(username="inspector")
    return version, Batch.objects.create(category=category, submitted_by=person, source=Source.API)


def _inspection(number: int, version: ModelVersion, batch: Batch) -> Inspection:
    """Number 0, 1, 2 ... of 300 days: 15 % anomalies, 10 % failed, so that a page is full at 1,000, too."""
    judged: dict[str, Any] = {
        "state": State.DONE,
        "score": (number % 100) / 100,
        "threshold": 0.5,
        "version": version,
        "milliseconds": 90,
        "verdict": Verdict.ANOMALY if number % 100 >= 85 else Verdict.OK,
        "thumbnail": "t.jpg",
    }
    failed = {"state": State.FAILED, "error_code": "truncated", "error_message": "The file ends too early."}
    return Inspection(
        batch=batch,
        category_id=batch.category_id,
        submitted_by_id=batch.submitted_by_id,
        created=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=300 * number / LARGE),
        filename=f"photo{number}.jpg",
        sha256=f"{number:064x}",
        bytes=100_000,
        width=512,
        height=512,
        original="o.jpg",
        **(failed if number % 10 == 7 else judged),
    )
