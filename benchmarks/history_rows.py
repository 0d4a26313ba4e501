"""Years of a busy plant, written straight into the tables: 3,333 photos a day, the newest one now.

Five categories (half of the photos are of the first), 10 % anomalies, 3 % review, 2 % failed (every other
one removed from the list), 54 waiting at the end; batches of 18, four people, an audit event for each batch;
lots of 500, and one lot that every tenth batch belongs to; a serial for each photo; three stations; 20 defect
types. What nobody decided waits in the review queue.
"""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from inspector.accounts.models import User
from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.inspections.models import (
    BY_VERDICT,
    Batch,
    Disagreement,
    Inspection,
    Outcome,
    Severity,
    Source,
    Verdict,
)
from inspector.registry.models import ModelVersion
from inspector.registry.promote import promote
from inspector.reviews.models import DefectType, Entry, Why

A_DAY = 3333
BATCH = 18
WAITING = 3 * BATCH
SHARES = (5, 7, 8, 9, 10)  # of the batches by category, in tenths, summed up
BIG_LOT, LOT, STATIONS = "L-BIG", 500, ("Line 1", "Line 2", "Line 3")
DEFECT_TYPES = 20
BLOCK_DAYS = 6
BLOCK = BLOCK_DAYS * A_DAY  # a whole number of batches


def fill(rows: int) -> None:
    """Write the newest days row by row; the days before are copies of them."""
    blocks = -(-rows // BLOCK)
    size, first = min(rows, BLOCK), (blocks - 1) * BLOCK
    with transaction.atomic():
        versions = [_version(number) for number in range(len(SHARES))]
        _defect_types([version.category_id for version in versions])
        people = [User.objects.get_or_create(username=f"person{n}")[0].pk for n in range(4)]
        step, start = timedelta(days=1) / A_DAY, timezone.now() - timedelta(days=size / A_DAY)
        batches = [
            _batch(first // BATCH + n, versions, people, start + n * BATCH * step)
            for n in range(-(-size // BATCH))
        ]
        _write(Batch, batches)
        _write(Event, (_event(batch) for batch in batches))
        made = (_inspection(first + n, batches[n // BATCH], versions, start + n * step) for n in range(size))
        _write(Inspection, made)
        for back in range(1, blocks):
            _copy(back)
        _queue()
        last = Inspection.objects.filter(pk__gt=first + size - WAITING)
        last.update(state=State.WAITING, verdict="", score=None, threshold=None, version=None, error_code="")
        last.update(finished=None, started=None, dismissed=None, attempts=0)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for model in (Batch, Event, Inspection, DefectType):
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
            cursor.execute("VACUUM ANALYZE")  # SQLite goes without, as it does on the site


def _copy(back: int) -> None:
    """Copy the newest block to `back` blocks earlier."""
    rows, batches = back * BLOCK, back * BLOCK // BATCH
    changes = {
        "created": _earlier("created", back),
        "when": _earlier('"when"', back),
        "batch_id": f"batch_id - {batches}",
        "sha256": f"'{back:03}' || substr(sha256, 4)",
        "score": f"score * {1 - back / 10_000}",
        "lot": f"CASE WHEN lot = '{BIG_LOT}' THEN lot ELSE '{back:03}' || lot END",
        "serial": f"'{back:03}' || serial",
    }
    for model, shift in ((Batch, batches), (Event, batches), (Inspection, rows)):
        table = model._meta.db_table
        columns = [str(field.column) for field in model._meta.concrete_fields if not field.generated]
        values = [changes.get(column, f'"{column}"') for column in columns if column != "id"]
        names = ", ".join(f'"{column}"' for column in columns if column != "id")
        block = BLOCK if model is Inspection else BLOCK // BATCH
        newest = f"FROM {table} WHERE id > (SELECT max(id) FROM {table}) - {block}"
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (id, {names}) SELECT id - {shift}, {', '.join(values)} {newest}"
            )


def _earlier(column: str, back: int) -> str:
    days = back * BLOCK_DAYS
    if connection.vendor == "postgresql":
        return f"{column} - interval '{days} days'"
    return f"strftime('%Y-%m-%d %H:%M:%f', {column}, '-{days} days') || '000'"


def _defect_types(categories: list[int]) -> None:
    _write(
        DefectType,
        [
            DefectType(
                pk=n + 1, category_id=categories[n % len(categories)], name=f"Type {n}", name_key=f"type{n}"
            )
            for n in range(DEFECT_TYPES)
        ],
    )


def _queue() -> None:
    """An entry for each REVIEW, ANOMALY and decided OK photo; those of decided photos are closed."""
    asked = Q(verdict__in=[Verdict.REVIEW, Verdict.ANOMALY]) | Q(verdict=Verdict.OK, reviewed__isnull=False)
    fields = ("pk", "category", "verdict", "doubt", "relative_score", "created", "reviewed")
    whys = {Verdict.REVIEW: Why.REVIEW, Verdict.ANOMALY: Why.ANOMALY, Verdict.OK: Why.CHECK}
    rows = Inspection.objects.filter(asked).values_list(*fields)
    left = rows.iterator()
    while some := list(islice(left, 20_000)):
        _write(
            Entry,
            [
                Entry(
                    inspection_id=pk,
                    category_id=category,
                    why=whys[Verdict(verdict)],
                    probability=1.0,
                    doubt=doubt,
                    relative_score=score,
                    created=created,
                    closed=reviewed,
                )
                for pk, category, verdict, doubt, score, created, reviewed in some
            ],
        )


def _version(number: int) -> ModelVersion:
    category = Category.objects.create(slug=f"part-{number}", name=f"Part {number}")
    version = ModelVersion.objects.create(
        category=category, number=1, method="unet", threshold=0.5, map_low=0, map_high=1
    )
    return promote(version, by=None)


def _batch(number: int, versions: list[ModelVersion], people: list[int], created: datetime) -> Batch:
    tenth = number * 7 % 10
    version = versions[next(place for place, share in enumerate(SHARES) if tenth < share)]
    return Batch(
        pk=number + 1,
        category_id=version.category_id,
        submitted_by_id=people[number % len(people)],
        source=Source.API,
        created=created,
    )


def _event(batch: Batch) -> Event:
    return Event(
        pk=batch.pk + 1000,
        time=batch.created,
        actor_id=batch.submitted_by_id,
        kind="photos_submitted",
        subject_name=f"Batch {batch.pk}",
        category_id=batch.category_id,
    )


def _inspection(number: int, batch: Batch, versions: list[ModelVersion], created: datetime) -> Inspection:
    version = next(version for version in versions if version.category_id == batch.category_id)
    values = _ended(number * 7919 % 1009, number, version, created + timedelta(seconds=1))
    return Inspection(
        pk=number + 1,
        batch_id=batch.pk,
        category_id=batch.category_id,
        submitted_by_id=batch.submitted_by_id,
        created=created,
        filename=f"photo{number}.jpg",
        sha256=f"{number * 2654435761 % 2**32:08x}{number:056x}",
        bytes=100_000,
        width=512,
        height=512,
        original="o.jpg",
        lot=BIG_LOT if batch.pk % 10 == 0 else f"L-{number % BLOCK // LOT}",
        serial=f"SN{number:08}",
        station=STATIONS[batch.pk % len(STATIONS)],
        attempts=1,
        **values,
    )


def _ended(chance: int, number: int, version: ModelVersion, finished: datetime) -> dict[str, Any]:
    """`chance`: 0 to 1008."""
    if chance < 20:
        dismissed = finished if number % 2 else None
        error = {"error_code": "truncated", "error_message": "The file ends too early."}
        return {"state": State.FAILED, "dismissed": dismissed, "finished": finished, **error}
    verdict, lowest, width = Verdict.OK, 0.0, 0.4
    if chance < 150:
        verdict, lowest, width = (Verdict.REVIEW, 0.4, 0.1) if chance < 50 else (Verdict.ANOMALY, 0.51, 2)
    spread = (number * 48271 % 65521) / 65521
    score = lowest + spread * width
    return {
        "state": State.DONE,
        "verdict": verdict,
        "score": score,
        "threshold": 0.5,
        "doubt": abs(math.log(max(score, 1e-9) / 0.5)),
        "p_value": max(1 - score / 0.45, 0.005),
        **_decided(verdict, number, finished),
        "version_id": version.pk,
        "milliseconds": 90,
        "started": finished,
        "finished": finished,
        "thumbnail": "t.jpg",
    }


def _decided(verdict: Verdict, number: int, finished: datetime) -> dict[str, Any]:
    """Half of the REVIEW and ANOMALY verdicts and 1 % of OK are decided; against the verdict are decided
    every 15th of the former (a REVIEW as good) and every third of the latter."""
    if number % (100 if verdict == Verdict.OK else 2):
        return {"outcome": BY_VERDICT[verdict]}
    otherwise = number % 3 == 0 and number % 10 == 0
    good = (verdict == Verdict.OK) != otherwise
    clash = {Verdict.OK: Disagreement.ESCAPE, Verdict.ANOMALY: Disagreement.FALSE_CALL}.get(verdict)
    return {
        "outcome": Outcome.GOOD if good else Outcome.DEFECTIVE,
        "reviewed": finished + timedelta(hours=1),
        "decided_by_id": _decider(),
        "defect_type": None if good else number % 20 + 1,
        "severity": None if good else Severity.values[number % 3],
        "disagreement": clash if otherwise else None,
    }


@cache
def _decider() -> int:
    return User.objects.get_or_create(username="person1")[0].pk


def _write(model: type[Any], rows: Iterable[Any]) -> None:
    model._default_manager.bulk_create(rows, batch_size=2000)
