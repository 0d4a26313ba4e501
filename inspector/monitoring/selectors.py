"""Every read of the sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Sum

from inspector.accounts.models import User
from inspector.categories.models import Category
from inspector.inspections.models import Outcome, Verdict
from inspector.monitoring import lots
from inspector.monitoring.count import hour_of
from inspector.monitoring.models import DefectSum, HourlySum, column
from inspector.monitoring.shifts import Shift, shift_of
from inspector.registry.models import Change, Deployment, Kind, ModelVersion
from inspector.reviews.models import DefectType


class Counts(NamedTuple):
    """Photos of an hour or of whatever they have in common, by outcome. `passed`: judged OK, and still good.
    `anomalies`: judged ANOMALY; `false_alarms`: of these, good ones; `misses`: judged OK, and defective.
    `judged`: all of them, whatever their outcome."""

    good: int = 0
    defective: int = 0
    open: int = 0
    passed: int = 0
    anomalies: int = 0
    false_alarms: int = 0
    misses: int = 0

    @property
    def judged(self) -> int:
        return self.good + self.defective + self.open

    @property
    def decided(self) -> int:
        return self.good + self.defective

    @property
    def share(self) -> float | None:
        """Of defective parts among those whose outcome is known."""
        return self.defective / self.decided if self.decided else None

    @property
    def first_pass(self) -> float | None:
        """First-pass yield: of all, the share that passed at once."""
        return self.passed / self.judged if self.judged else None


def _of(outcome: str) -> Any:
    good, *others = (F(column(verdict, outcome)) for verdict in Verdict.values)
    return Sum(sum(others, start=good))


COUNTED = {
    "n_good": _of(Outcome.GOOD),
    "n_defective": _of(Outcome.DEFECTIVE),
    "n_open": _of(Outcome.OPEN),
    "n_passed": Sum("ok_good"),
    "n_anomalies": Sum(F("anomaly_good") + F("anomaly_defective") + F("anomaly_open")),
    "n_false_alarms": Sum("anomaly_good"),
    "n_misses": Sum("ok_defective"),
}


def sums(category: Category | None, since: datetime, until: datetime) -> QuerySet[HourlySum]:
    """Of the hours that touch this time."""
    rows = HourlySum.objects.filter(hour__gte=hour_of(since), hour__lte=until).order_by()
    return rows.filter(category=category) if category else rows


def hours(
    category: Category | None, spans: Sequence[tuple[datetime, datetime]]
) -> list[tuple[datetime, Counts]]:
    """Each hour of these spans in which photos came, the earliest first."""
    times = Q()
    for since, until in spans:
        times |= Q(hour__gte=hour_of(since), hour__lte=until)
    hourly = HourlySum.objects.filter(times).order_by()
    hourly = hourly.filter(category=category) if category else hourly
    rows = hourly.values_list("hour").annotate(**COUNTED).order_by("hour")
    return [(hour, Counts(*counts)) for hour, *counts in rows]


def total(counts: Sequence[Counts]) -> Counts:
    return Counts(*(sum(one) for one in zip(*counts, strict=True))) if counts else Counts()


OWN = "part_fields."  # before the name of an own field
FIELDS = {"category": "category_id", "version": "version_id", "station": "station", "person": "person_id"}


@dataclass(frozen=True, slots=True)
class Group:
    """What is compared with others. `filters`: those of History that show it, None where none do; `span`: the
    newest time it has in one piece, where it has several."""

    name: str
    counts: Counts
    filters: dict[str, str] | None
    span: tuple[datetime, datetime] | None = None


def groups(category: Category | None, since: datetime, until: datetime, by: str, most: int) -> list[Group]:
    """By category, version, station, person or shift: those with most photos, by name; by lot, or a field of
    one's own (“part_fields.cavity”), the newest."""
    if by == "shift":
        return _shifts(hours(category, [(since, until)]))
    if by == "lot":
        return _lots(category, since, until, most)
    if by.startswith(OWN):
        return _of_own_field(category, since, until, most, by.removeprefix(OWN))
    field = FIELDS[by]
    rows = sums(category, since, until).values_list(field).annotate(**COUNTED)
    counted = sorted(((key, Counts(*counts)) for key, *counts in rows), key=lambda one: -one[1].judged)
    kept = {key: counts for key, counts in counted[:most] if counts.judged}
    names = _names(by, list(kept))
    return [
        # History has no filter for what has no station.
        Group(names[key][0], counts, dict([names[key][1]]) if names[key][1][1] else None)
        for key, counts in kept.items()
        if key in names
    ]


def _lots(category: Category | None, since: datetime, until: datetime, most: int) -> list[Group]:
    """A lot is of a category. Sums know no lots: so of the newest photos only, of which there are so many."""
    counted = lots.newest(category, since, until, most)
    names = Category.objects.in_bulk({of for of, _ in counted})
    return [
        Group(
            lot if category else f"{names[of]}: {lot}",
            Counts(*counts),
            {"lot": lot, "category": names[of].slug},
        )
        for (of, lot), counts in counted.items()
    ]


def _of_own_field(
    category: Category | None, since: datetime, until: datetime, most: int, name: str
) -> list[Group]:
    counted = lots.newest(category, since, until, most, f"part_fields__{name}")
    return [
        Group(value, Counts(*counts), {"part_field": f"{name}={value}"})
        for (_, value), counts in counted.items()
    ]


def _shifts(counted: Sequence[tuple[datetime, Counts]]) -> list[Group]:
    """By the name of the shift that the beginning of an hour falls into; between shifts there is none."""
    by_name: dict[str, list[Counts]] = defaultdict(list)
    newest: dict[str, Shift] = {}
    for hour, counts in counted:
        if shift := shift_of(hour):
            by_name[shift.name].append(counts)
            newest[shift.name] = shift
    return [
        Group(name, total(each), {}, (newest[name].start, newest[name].end - timedelta(microseconds=1)))
        for name, each in by_name.items()
    ]


def _names(by: str, keys: list[Any]) -> dict[Any, tuple[str, tuple[str, str]]]:
    if by == "station":
        return {key: (key or "No station", ("station", key)) for key in keys}
    if by == "category":
        categories = Category.objects.in_bulk(keys)
        return {key: (one.name, ("category", one.slug)) for key, one in categories.items()}
    if by == "person":
        people = User.objects.in_bulk(keys)
        return {key: (str(one), ("sent_by", one.username)) for key, one in people.items()}
    versions = ModelVersion.objects.select_related("category").only("number", "category__name")
    return {one.pk: (str(one), ("version", str(one.pk))) for one in versions.filter(pk__in=keys)}


def defects(category: Category | None, since: datetime, until: datetime) -> list[tuple[DefectType, int]]:
    """Defect types that reviews named, with how many photos have them."""
    rows = DefectSum.objects.filter(hour__gte=hour_of(since), hour__lte=until).order_by()
    rows = rows.filter(category=category) if category else rows
    counted = dict(rows.values_list("defect_type_id").annotate(photos=Sum("n")))
    types = DefectType.objects.select_related("category").in_bulk([pk for pk, n in counted.items() if n > 0])
    return [(one, counted[pk]) for pk, one in sorted(types.items())]


def changes(category: Category | None, since: datetime, until: datetime, most: int) -> list[Deployment]:
    """Promotions, rollbacks and new limits, the newest first."""
    rows = Deployment.objects.filter(kind=Kind.ACTIVE, since__gte=since, since__lte=until)
    rows = rows.filter(category=category) if category else rows
    rows = rows.select_related("category", "version__category").order_by("-since", "-pk")
    return list(rows.defer("version__metrics", "version__config", "version__plots")[:most])


def in_words(deployment: Deployment) -> str:
    """Such as “Hex nut v4 promoted”."""
    if deployment.change == Change.LIMITS:
        return f"{deployment.category}: limits changed"
    return f"{deployment.version} {Change(deployment.change).label.lower()}"


def verdicts(category: Category | None, since: datetime, until: datetime) -> dict[str, int]:
    """How many photos got which verdict."""
    counted = {
        verdict: Sum(
            sum(
                (F(column(verdict, outcome)) for outcome in Outcome.values[1:]),
                start=F(f"{verdict}_good".lower()),
            )
        )
        for verdict in Verdict.values
    }
    totals = sums(category, since, until).aggregate(**counted)
    return {verdict: n or 0 for verdict, n in totals.items()}
