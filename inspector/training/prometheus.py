"""Metrics of trainings. There are thousands of rows at most."""

from collections.abc import Iterator

from django.db.models import Count, DateTimeField, ExpressionWrapper, Min
from django.db.models.functions import Now
from prometheus_client.core import Metric

from inspector.core.jobs import State
from inspector.core.metrics.registry import gauge, one, register
from inspector.training.models import TrainingRun


def runs() -> Iterator[Metric]:
    rows = TrainingRun.objects.order_by()
    counted = rows.values_list("state").annotate(n=Count("pk"))
    states = {(state.value,): 0.0 for state in State} | {(state,): float(n) for state, n in counted}
    yield gauge("training_runs", "Trainings by state", states, ["state"])
    failed = rows.filter(state=State.FAILED).values_list("error_code").annotate(n=Count("pk"))
    codes = {(code,): float(n) for code, n in failed}
    yield gauge("training_runs_failed", "Failed trainings by the code why", codes, ["code"])
    now = ExpressionWrapper(Now(), output_field=DateTimeField())
    waiting = rows.filter(state=State.WAITING).aggregate(oldest=Min("created"), now=Min(now))
    age = (waiting["now"] - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
    yield one("oldest_waiting_run_seconds", "How long the oldest waiting training has waited", max(0.0, age))


register("runs", runs)
