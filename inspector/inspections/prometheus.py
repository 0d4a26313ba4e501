"""Metrics of photos: of the last hour and of those not judged yet. Their cost does not grow with the
record."""

from collections import Counter
from collections.abc import Iterator, Sequence

from django.db.models import Count, DateTimeField, ExpressionWrapper, Max
from django.db.models.functions import Now
from prometheus_client.core import CounterMetricFamily, Metric

from inspector.core.jobs import OPEN, State
from inspector.core.metrics.registry import RECENT, gauge, one, register
from inspector.inspections.models import Inspection
from inspector.inspections.waiting import held, oldest_waiting

# The number of newest photos whose times are read.
NEWEST = 2_000
QUANTILES = (0.5, 0.95, 0.99)


def photos() -> Iterator[Metric]:
    """Counts."""
    since = ExpressionWrapper(Now() - RECENT, output_field=DateTimeField())
    recent = Inspection.objects.filter(created__gte=since).order_by()
    # One query for both: for FAILED alone, SQLite would read everything that ever failed.
    kinds = recent.values_list("category__slug", "state", "verdict", "error_code").annotate(n=Count("pk"))
    counts: Counter[tuple[str, ...]] = Counter()
    failed: Counter[tuple[str, ...]] = Counter()
    for slug, state, verdict, code, n in kinds:
        counts[slug, state, verdict or "none"] += n
        if state == State.FAILED:
            failed[(code,)] += n
    labels = ["category", "state", "verdict"]
    yield gauge("photos_last_hour", "Photos that came in the last hour", counts, labels)
    yield gauge("photos_failed_last_hour", "Those of them that failed, by the code why", failed, ["code"])
    # Ids are given out in turn: not exactly a count, but it only grows, and costs nothing.
    taken = Inspection.objects.aggregate(newest=Max("pk"))["newest"] or 0
    yield CounterMetricFamily("inspector_photos_taken", "Photos ever taken (highest number)", value=taken)


def queue() -> Iterator[Metric]:
    """What is not judged yet."""
    rows = Inspection.objects.filter(state__in=OPEN).order_by()
    by_category = rows.values_list("category__slug", "state").annotate(n=Count("pk"))
    counts = {(slug, state): float(n) for slug, state, n in by_category}
    yield gauge("photos_open", "Photos waiting or being judged", counts, ["category", "state"])
    oldest, back = oldest_waiting(), held()
    age = max(0.0, oldest.age.total_seconds()) if oldest else 0.0
    yield one("oldest_waiting_seconds", "How long the oldest waiting photo has waited; 0 without any", age)
    yield one("photos_held", "Photos held back by a fault that is not their own", back.number if back else 0)


def times() -> Iterator[Metric]:
    """How long the newest took, of those that came in the last hour."""
    since = ExpressionWrapper(Now() - RECENT, output_field=DateTimeField())
    newest = Inspection.objects.filter(created__gte=since).order_by("-created")[:NEWEST]
    rows = newest.values_list("state", "milliseconds", "created", "finished")
    done = [row for row in rows if row[0] == State.DONE]
    judging = sorted((ms or 0) / 1000 for _, ms, _, _ in done)
    whole = sorted(max(0.0, (end - begun).total_seconds()) for _, _, begun, end in done if end)
    of_which = f"of the newest {NEWEST:,} photos of the last hour"
    yield _quantiles("judging_seconds", f"Seconds that a worker spent on a photo, {of_which}", judging)
    yield _quantiles("verdict_seconds", f"Seconds from upload to verdict, {of_which}", whole)


def _quantiles(name: str, text: str, values: Sequence[float]) -> Metric:
    """`values` in order. Without any there is no sample, and nothing to alert on."""
    last = len(values) - 1
    samples = {(f"{share:g}",): values[round(share * last)] for share in QUANTILES} if values else {}
    return gauge(name, text, samples, ["quantile"])


register("photos", photos)
register("queue", queue)
register("times", times)
