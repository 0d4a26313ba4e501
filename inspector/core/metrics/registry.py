"""Which metrics there are. Each app registers functions that compute some of its own from the rows.

From the database, not counted by processes: so web processes and workers need not know of each other, and
nothing is lost at a restart. Only requests are counted by the process that answers them.
"""

import logging
import threading
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from django.db import DatabaseError
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)

# Values of each label; the rest is summed up as OTHER.
MOST_VALUES = 100
OTHER = "(other)"
# The time that "last hour" means, so that a scrape costs the same however long the record is.
RECENT = timedelta(hours=1)
# Other scrapes meanwhile get the same text.
KEPT_SECONDS = 10.0
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

# By the values of the labels.
Values = Mapping[Any, float]

_sources: dict[str, Callable[[], Iterable[Metric]]] = {}


def register(name: str, source: Callable[[], Iterable[Metric]]) -> None:
    """`source` is called at each scrape; if the database fails there, only its metrics are left out."""
    _sources[name] = source


def gauge(name: str, text: str, values: Values, labels: Iterable[str] = ()) -> Metric:
    """A gauge with these labels; values by the labels' values. Too many of them are summed up."""
    names = list(labels)
    family = GaugeMetricFamily(f"inspector_{name}", text, labels=names)
    for key, value in bounded(values).items():
        family.add_metric(list(key), value)
    return family


def one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"inspector_{name}", text, value=value)


def bounded(values: Values) -> dict[tuple[str, ...], float]:
    """The same, but with only the most frequent values of each label; the rest under OTHER."""
    if not values:
        return {}
    kept = []
    for place in range(len(next(iter(values)))):
        sums: Tally[str] = Tally()
        for key, value in values.items():
            sums[key[place]] += value  # type: ignore[assignment]
        kept.append({name for name, _ in sums.most_common(MOST_VALUES)})
    totals: dict[tuple[str, ...], float] = {}
    for key, value in values.items():
        short = tuple(name if name in most else OTHER for name, most in zip(key, kept, strict=True))
        totals[short] = totals.get(short, 0) + value
    return totals


class Rows(Collector):
    """Everything that the apps registered."""

    def collect(self) -> Iterator[Metric]:
        failed: dict[tuple[str, ...], float] = {}
        for name, source in _sources.items():
            try:
                yield from list(source())
                failed[(name,)] = 0
            except (DatabaseError, OSError) as problem:
                log.warning("the metrics of %s are left out: %s", name, problem)
                failed[(name,)] = 1
        yield gauge("metrics_failed", "1 where metrics of a part could not be computed", failed, ["part"])

    def describe(self) -> list[Metric]:
        return []  # otherwise the database would be queried when this is registered


REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
REGISTRY.register(Rows())
_requests = Counter(
    "inspector_http_requests",
    "Requests answered by this web process",
    ["method", "status"],
    registry=REGISTRY,
)
_seconds = Histogram(
    "inspector_http_request_seconds",
    "Time that requests took in this web process",
    registry=REGISTRY,
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)


def count_request(method: str | None, status: int, seconds: float) -> None:
    _requests.labels(method if method in METHODS else OTHER, f"{status // 100}xx").inc()
    _seconds.observe(seconds)


_lock = threading.Lock()
_kept: tuple[float, bytes] | None = None


def text() -> bytes:
    """All metrics in Prometheus' text format; a few seconds old at most."""
    global _kept
    with _lock:
        if _kept is None or time.monotonic() - _kept[0] > KEPT_SECONDS:
            made = generate_latest(REGISTRY)
            _kept = time.monotonic(), made
        return _kept[1]


def forget() -> None:
    """For tests."""
    global _kept
    _kept = None
