"""Kinds of alert rules. Each is a registered way to measure: upper and later parts can add their own."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inspector.categories.models import Category
from inspector.monitoring.alerts.machine import Levels
from inspector.monitoring.alerts.models import Rule


@dataclass(frozen=True, slots=True)
class Number:
    """What a number of a rule means. `whole`: a count."""

    label: str
    unit: str
    least: float
    most: float
    usual: float
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule sees now: of a category, or of the whole installation (None), in a number and in words."""

    category: Category | None
    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be measured: the rule, and the categories that it is for."""

    rule: Rule
    categories: Sequence[Category]

    @property
    def last(self) -> int:
        return self.rule.last or 0


@dataclass(frozen=True, slots=True)
class Span:
    """Of the past."""

    since: datetime
    until: datetime


Value = tuple[datetime, float]


@dataclass(frozen=True, slots=True)
class Kind:
    """each: a rule for all categories measures each of them by itself; otherwise all together.

    read: the values now, by bounded queries; nothing where nothing can be said. replay: the values
    that it would have seen of one category (None: of all together), in the order of time; None where the past
    is not kept. every: seconds between two evaluations. below: low values are bad. whole: about the
    installation, never about one category.
    """

    value: str
    title: str
    help: str
    limit: Number
    read: Callable[[Asked], Iterator[Reading]]
    replay: Callable[[Rule, Category | None, Span], Iterable[Value]] | None
    last: Number | None = None
    each: bool = True
    below: bool = False
    whole: bool = False
    every: int = 60


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.value] = kind


def kinds() -> list[Kind]:
    """In the order in which they were registered."""
    return list(_kinds.values())


def kind_of(value: str) -> Kind | None:
    return _kinds.get(value)


def levels_of(rule: Rule, kind: Kind) -> Levels:
    over_at = rule.limit if rule.over_at is None else rule.over_at
    return Levels(rule.limit, over_at, kind.below, timedelta(minutes=rule.quiet_minutes))
