"""The pages of Trends over a year of 10,000,000 inspections, of which only the hourly sums are written.

python -m benchmarks trends                                        in a throw-away folder on SQLite
DATABASE_URL=postgres://USER@HOST/trends python -m benchmarks trends    on PostgreSQL, in an empty database,
                                                                   or one that this filled before

Five categories with two versions each, three stations and a person at each, day and night: 131,400 sums, and
as many of defect types. Milliseconds of the whole request in the server, without the network.
"""

import random
import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.utils import timezone

from inspector.accounts.models import User
from inspector.accounts.people import create_person
from inspector.categories.models import Category
from inspector.core.roles import Role
from inspector.monitoring.models import DefectSum, HourlySum
from inspector.registry.models import Deployment, ModelVersion
from inspector.reviews.models import DefectType
from inspector.webserver import settle

DAYS, CATEGORIES, STATIONS = 365, 5, 3
A_YEAR = 10_000_000
REPEATS, AIM_MS = 21, 300


def main(site: Any) -> None:
    """Fill, ask for each page in turn, and print the table."""
    if not HourlySum.objects.exists():
        fill()
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(username="qa"))
    settle()  # as the web process does
    print(f"{connection.vendor}: {HourlySum.objects.count():,} sums\n")
    print("| page | queries | least, ms | p50, ms | p95, ms | |\n|---|---|---|---|---|---|")
    for name, address in pages().items():
        queries, times = asked(client, address)
        p95 = statistics.quantiles(times, n=20, method="inclusive")[-1]
        cells = f"{min(times):.0f} | {statistics.median(times):.0f} | {p95:.0f}"
        print(f"| {name} | {queries} | {cells} | {'slow' if p95 > AIM_MS else ''} |", flush=True)


def pages() -> dict[str, str]:
    today = timezone.localdate()
    year = f"since={today - timedelta(days=DAYS - 1)}&until={today}"
    month = f"category=part-0&since={today - timedelta(days=29)}"
    one = f"category=part-0&{year}"
    return {
        "a year, all categories": f"/trends/?{year}",
        "a year, by station": f"/trends/?{year}&by=station",
        "a year, by person": f"/trends/?{year}&by=person",
        "a year of one category": f"/trends/?{one}",
        "a year of one category, weeks, Nelson": f"/trends/?{one}&per=week&rules=nelson",
        "30 days, all categories": "/trends/",
        "30 days of one category, hours": f"/trends/?{month}&per=hour",
        "escapes and false calls, a year": f"/trends/escapes/?{year}",
        "API, defect rate, a year": f"/api/trends/rate/?{year}",
        "Home of a QA manager": "/",
    }


def asked(client: Client, address: str) -> tuple[int, list[float]]:
    """How many queries, and the milliseconds of each look after the first."""
    queries = 0

    def count(execute: Any, *call: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*call)

    with connection.execute_wrapper(count):
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - start) * 1000)
    return queries, times


def fill() -> None:
    people = [create_person(f"inspector{n}", Role.INSPECTOR)[0] for n in range(STATIONS)]
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    first = now - timedelta(hours=DAYS * 24 - 1)
    for place in range(CATEGORIES):
        category = Category.objects.create(name=f"Part {place}", slug=f"part-{place}")
        versions = [
            _version(category, number, first + timedelta(days=180 * n)) for n, number in enumerate((1, 2))
        ]
        kinds = [
            DefectType.objects.create(category=category, name=f"Kind {n}", name_key=f"kind {n}")
            for n in range(6)
        ]
        HourlySum.objects.bulk_create(sums(first, category, versions, people), batch_size=5000)
        DefectSum.objects.bulk_create(defects(first, category, versions, people, kinds), batch_size=5000)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _version(category: Category, number: int, since: datetime) -> ModelVersion:
    limits = {"threshold": 0.5, "map_low": 0.0, "map_high": 1.0}
    version = ModelVersion.objects.create(
        category=category, number=number, method="unet", sha256=str(number), **limits
    )
    Deployment.objects.filter(category=category, until=None).update(until=since)
    Deployment.objects.create(category=category, version=version, since=since, **limits)
    return version


Keys = Iterator[tuple[random.Random, dict[str, Any]]]


def _keys(first: datetime, category: Category, versions: list[ModelVersion], people: list[User]) -> Keys:
    draw = random.Random(category.pk)
    for back in range(DAYS * 24):
        version = versions[back >= 180 * 24]
        for station in range(STATIONS):
            known = {"category": category, "version": version, "person": people[station], "folded": True}
            hour = first + timedelta(hours=back)
            yield draw, {"hour": hour, "station": f"Line {station}", **known}


def sums(
    first: datetime, category: Category, versions: list[ModelVersion], people: list[User]
) -> Iterator[HourlySum]:
    each = A_YEAR / (DAYS * 24 * CATEGORIES * STATIONS)
    for draw, key in _keys(first, category, versions, people):
        n, bad, review = round(draw.uniform(0.7, 1.3) * each), draw.randrange(4), draw.randrange(3)
        counts = {"anomaly_defective": bad, "anomaly_good": draw.randrange(2), "review_good": review}
        yield HourlySum(ok_good=n - bad - review, ok_defective=int(draw.random() < 0.01), **key, **counts)


def defects(
    first: datetime,
    category: Category,
    versions: list[ModelVersion],
    people: list[User],
    kinds: list[DefectType],
) -> Iterator[DefectSum]:
    for draw, key in _keys(first, category, versions, people):
        yield DefectSum(defect_type=draw.choice(kinds), n=draw.randrange(3), **key)
