"""Reads about runs."""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, QuerySet

from inspector.categories.models import Category
from inspector.core.jobs import State, open_condition
from inspector.registry.models import Deployment, Kind
from inspector.training.models import TrainingRun


def runs() -> QuerySet[TrainingRun]:
    """Newest first, with category, version, who asked for each, and the run that trains it along."""
    related = ("category", "version__category", "requested_by", "lead")
    return TrainingRun.objects.select_related(*related).order_by("-pk")


def run(pk: int) -> TrainingRun:
    """One run; DoesNotExist when there is none."""
    return runs().get(pk=pk)


def runs_of(category: Category) -> QuerySet[TrainingRun]:
    """A category's runs, newest first."""
    return runs().filter(category=category)


def recent_runs(category: Category, limit: int = 12) -> list[TrainingRun]:
    """A category's newest, each with what it learned from (`learned_from`: its snapshot's digest), and
    whether its version has been at work (`deployed`)."""
    deployed = Exists(Deployment.objects.filter(version=OuterRef("version"), kind=Kind.ACTIVE))
    annotated = runs_of(category).annotate(learned_from=F("snapshot__sha256"), deployed=deployed)
    return list(annotated[:limit])


def done_runs(category: Category) -> QuerySet[TrainingRun]:
    """Those of a category that ended well, newest first."""
    return runs_of(category).filter(state=State.DONE)


def open_runs() -> QuerySet[TrainingRun]:
    """Those that wait or run, oldest first; those that are trained along with another one, too."""
    return runs().filter(open_condition()).order_by("pk")


def open_run_of(category: Category) -> TrainingRun | None:
    """The one run of a category that is not over, if there is one."""
    return open_runs().filter(category=category).first()


def open_run_by_category(categories: Iterable[Category]) -> dict[int, TrainingRun]:
    """The open run of each category that has one, by the category's id, in one query."""
    return {run.category_id: run for run in open_runs().filter(category__in=list(categories))}
