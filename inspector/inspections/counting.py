"""How many inspections the filters leave: exactly where that is cheap, and never at the cost of a slow page.

A record of years has millions of rows, and counting them all would take seconds. So no more than
MOST are counted, and no more than CANDIDATES looked at.
"""

from dataclasses import dataclass

from django.db.models import QuerySet

from inspector.inspections.filters import InspectionFilter, created_range, created_within
from inspector.inspections.models import Inspection

MOST = 10_000
CANDIDATES = 50_000


@dataclass(frozen=True, slots=True)
class Count:
    """`number` of them, or more where it is not exact."""

    number: int
    exact: bool = True

    @property
    def words(self) -> str:
        """Such as “1,204 inspections”, “More than 10,000 inspections”."""
        noun = "inspection" if self.number == 1 else "inspections"
        how = "" if self.exact else "More than " if self.number == MOST else "At least "
        return f"{how}{self.number:,} {noun}"


def count(asked: InspectionFilter) -> Count:
    """How many of the history are left."""
    since, until = asked.times
    rows = Inspection.objects.order_by()
    if since is None and until is None:
        return _up_to_most(asked.narrowed(rows))
    if not asked.others:
        return _up_to_most(created_within(since, until))
    by_time, all_of_them = _among(created_within(since, until), asked.narrowed(rows))
    if all_of_them or not by_time.exact:
        return by_time
    # A long time, and few matches in its beginning: go by what else was asked for.
    by_rest, all_of_them = _among(asked.narrowed(rows), rows.filter(**created_range("created", since, until)))
    return by_rest if all_of_them else Count(by_time.number, exact=False)


def _among(candidates: QuerySet[Inspection], wanted: QuerySet[Inspection]) -> tuple[Count, bool]:
    """How many of the candidates are wanted, and whether these were all candidates."""
    ids = candidates.values("pk")
    some = ids[:CANDIDATES]
    return _up_to_most(wanted.filter(pk__in=some)), ids[: CANDIDATES + 1].count() <= CANDIDATES


def _up_to_most(rows: QuerySet[Inspection]) -> Count:
    found = rows.values("pk")[: MOST + 1].count()
    return Count(min(found, MOST), exact=found <= MOST)
