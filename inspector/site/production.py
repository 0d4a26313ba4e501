"""A fortnight of made-up production of a demo part: a new user sees a queue, trends and signals at once.

The photos are made up and marked as such (`Source.DEMO`); what is said of them is what the model says. Three
things happen in it: the lamp ages, one lot is bad, and a defect occurs at random now and then.
"""

import hashlib
import logging
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from detection import demo
from inspector.accounts.models import User
from inspector.accounts.people import create_person, set_active
from inspector.categories.archived import not_deleted, refuse_closed
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.events import record
from inspector.core.jobs import State
from inspector.core.models import SetupStep
from inspector.core.roles import Role
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.models import Batch, Inspection, Source
from inspector.inspections.parts import Part
from inspector.monitoring.alerts import rules
from inspector.monitoring.alerts.models import Rule
from inspector.registry.selectors import active_version
from inspector.reviews.models import QueueRules
from inspector.site.events import StartEvent
from inspector.site.first_start import production_step

log = logging.getLogger(__name__)

DAYS = 14
A_DAY = 24
FIRST_HOUR, HOURS = 6, 16
SIZE = 288  # px, as the demo's samples
# The share of parts with a defect: usually, and in the lot that went wrong on one of the last days.
USUAL, BAD = 0.03, 0.3
BAD_PART, BAD_DAY = "hex_nut", DAYS - 2
# From this day on the lamp ages, and loses this share of its light each day.
DARK_PART, DARK_FROM, DARKER = "plastic_gear", DAYS - 5, 0.035
DRAWN = 0.02  # of photos that were judged OK, for a random check
STATIONS = ("Line 1", "Line 2")
PERSON = "demo-line"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part that came down the line: when, its number, with which defect and in what light."""

    when: datetime
    number: int
    defect: str
    brightness: float


def make_production(slug: str) -> bool:
    """Photograph and judge the fortnight before now. Continues where it was cut off; False where there is
    nothing to do, or no version to judge by yet."""
    category = Category.objects.filter(slug=slug, archived=None).first()
    if category is None or SetupStep.objects.filter(name=production_step(slug)).exists():
        return False
    if active_version(category) is None:
        return False
    _draw_few(category)
    by, today = _person(), timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(DAYS):
        there = SetupStep.objects.filter(name=f"{production_step(slug)}, day {day}").exists()
        if not there and not _take_in(category, by, day, today - timedelta(days=DAYS - day)):
            return False
        analyse_waiting(category.pk)
        _backdate(category)
    with transaction.atomic():
        _, first = SetupStep.objects.get_or_create(name=production_step(slug))
        if first:
            record(None, StartEvent.PRODUCTION_MADE, category, photos=DAYS * A_DAY)
            _watch(category)
    return True


def pieces(slug: str, day: int, start: datetime) -> Iterator[Piece]:
    """Of one day, the first at FIRST_HOUR; the same for the same day of the fortnight."""
    chance, kinds = random.Random(f"{slug} {day}"), demo.defects(slug)  # noqa: S311
    share = BAD if (slug, day) == (BAD_PART, BAD_DAY) else USUAL
    old = max(0, day - DARK_FROM + 1) if slug == DARK_PART else 0
    for number in range(A_DAY):
        when = start + timedelta(hours=FIRST_HOUR + HOURS * number / A_DAY)
        defect = chance.choice(kinds) if chance.random() < share else "good"
        yield Piece(when, day * A_DAY + number, defect, 1 - DARKER * old)


def _take_in(category: Category, by: User, day: int, start: datetime) -> bool:
    """The photos of one day, as one lot. Straight into the past: `submit` takes photos of now. False where
    the production was removed meanwhile."""
    lot = f"DEMO-{start:%m%d}"
    made = list(pieces(category.slug, day, start))
    photos = [
        demo.photo(category.slug, one.number, defect=one.defect, brightness=one.brightness, size=SIZE)
        for one in made
    ]
    with files.all_or_none() as store, not_deleted(category), transaction.atomic():
        refuse_closed(category)
        if SetupStep.objects.filter(name=production_step(category.slug)).exists():
            return False
        SetupStep.objects.create(name=f"{production_step(category.slug)}, day {day}")
        batch = Batch.objects.create(
            category=category, submitted_by=by, source=Source.DEMO, created=made[0].when
        )
        Inspection.objects.bulk_create(
            _row(batch, one, photo, lot, store(_name(category, one), photo))
            for one, photo in zip(made, photos, strict=True)
        )
    return True


def _name(category: Category, piece: Piece) -> str:
    return f"inspections/{piece.when:%Y/%m/%d}/demo-{category.pk}-{piece.number}/original.jpg"


def _row(batch: Batch, piece: Piece, photo: bytes, lot: str, name: str) -> Inspection:
    part = Part(lot=lot, serial=f"{lot}-{piece.number % A_DAY + 1:03}", station=STATIONS[piece.number % 2])
    return Inspection(
        batch=batch,
        category_id=batch.category_id,
        submitted_by_id=batch.submitted_by_id,
        created=piece.when,
        filename=f"{part.serial}.jpg",
        sha256=hashlib.sha256(photo).hexdigest(),
        bytes=len(photo),
        width=SIZE,
        height=SIZE,
        original=name,
        **part.values(),
    )


def _backdate(category: Category) -> None:
    """Verdicts, too: otherwise each would seem to have taken days."""
    rows = Inspection.objects.filter(category=category, batch__source=Source.DEMO, state=State.DONE)
    late = list(rows.filter(finished__gt=F("created") + timedelta(hours=1)))
    for row in late:
        row.finished = row.created + timedelta(milliseconds=row.milliseconds or 0)
    Inspection.objects.bulk_update(late, ["finished"])


def _draw_few(category: Category) -> None:
    """By the usual rules every OK would be drawn: how many a day there are is known from the last week."""
    few = {"share": DRAWN, "at_least": 0, "seed": category.slug}
    QueueRules.objects.get_or_create(category=category, defaults=few)


def _watch(category: Category) -> None:
    """By a rule that the bad lot breaks."""
    if category.slug == BAD_PART:
        rule = Rule(name="Demo: many anomalies", kind="anomalies", category=category)
        rule.limit, rule.last = 10.0, 2 * A_DAY
        rules.save(rule, by=None)


def _person() -> User:
    """Who sends them: an account that nobody can sign in with."""
    account = User.objects.filter(username=PERSON).first()
    if account is None:
        account, _ = create_person(PERSON, Role.INSPECTOR)
        set_active(account, False, by=None)
    return account
