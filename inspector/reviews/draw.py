"""Which OK photos are drawn for a random check: by chance, and so that anybody can verify it afterwards."""

import hashlib
import time
from datetime import timedelta

from django.db.models import Count, Min
from django.utils import timezone

from inspector.categories.models import Category
from inspector.inspections.models import Inspection, Verdict
from inspector.reviews.models import QueueRules

WEEK = timedelta(days=7)
# A count is kept longer the more there are: it takes longer then, and a few more change it less.
SECONDS_A_PHOTO, LONGEST = 0.1, 600.0
_pace: dict[int, tuple[float, float]] = {}


def is_drawn(seed: str, inspection_id: int, probability: float) -> bool:
    """Whether SHA-256 of “seed:id”, its first 8 bytes taken as a number in 0..1, is below the probability."""
    digest = hashlib.sha256(f"{seed}:{inspection_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < probability * 2**64


def probability(rules: QueueRules) -> float:
    """Of each OK photo: the share, or more where fewer than `at_least` a day would be drawn.

    How many a day there are is known from the last week. The probability is stored with each photo that is
    drawn, so that shares of all photos can be estimated from those drawn (Horvitz and Thompson 1952).
    """
    if not rules.at_least:
        return rules.share
    a_day = photos_a_day(rules.category)
    wanted = rules.at_least / a_day if a_day > rules.at_least else 1.0
    return min(1.0, max(rules.share, wanted))


def photos_a_day(category: Category) -> float:
    """OK photos a day in the last week, or since the first of them; the count is kept for a while."""
    known = _pace.get(category.pk)
    if known and time.monotonic() < known[0]:
        return known[1]
    now = timezone.now()
    rows = Inspection.objects.filter(category=category, verdict=Verdict.OK, created__gte=now - WEEK)
    first, count = rows.aggregate(first=Min("created"), n=Count("pk")).values()
    days = max(1.0, (now - first) / timedelta(days=1)) if first else 1.0
    _pace[category.pk] = (time.monotonic() + min(LONGEST, count * SECONDS_A_PHOTO), count / days)
    return count / days


def forget_pace() -> None:
    """For tests: the next read is from the database."""
    _pace.clear()
