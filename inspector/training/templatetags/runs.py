"""What pages of lower apps show about trainings, without an import of this app there."""

from typing import Any

from django import template

from inspector.categories.models import Category
from inspector.registry.methods import applies
from inspector.registry.models import ModelVersion
from inspector.registry.selectors import active_version
from inspector.samples.models import DatasetSnapshot, Exploration
from inspector.samples.selectors import last_explored
from inspector.training import panels
from inspector.training.models import TrainingRun
from inspector.training.selectors import open_run_of, open_runs, recent_runs
from inspector.training.steps import Step, steps

register = template.Library()


@register.simple_tag(name="open_runs")
def all_open_runs() -> list[TrainingRun]:
    """Every run that waits or works, oldest first."""
    return list(open_runs())


@register.simple_tag
def open_run(category: Category) -> TrainingRun | None:
    """The category's run that is not over, if there is one."""
    return open_run_of(category)


@register.simple_tag
def latest_runs(category: Category) -> dict[str, Any]:
    """What the panel of a category's newest runs shows."""
    return panels.latest(category)


@register.simple_tag
def setup_steps(
    category: Category, latest: dict[str, Any], active: ModelVersion | None, explored: Exploration | None
) -> list[Step]:
    """From photos to a version in use, where the page knows the rest; none where there is nothing to do."""
    return steps(category, latest["recent"], active, explored)


@register.simple_tag
def steps_of(category: Category) -> list[Step]:
    """The same on any page."""
    return steps(category, recent_runs(category), active_version(category), last_explored(category))


@register.filter
def by_category(runs: list[TrainingRun], category: Category) -> TrainingRun | None:
    """Of open runs, the one of this category."""
    return next((run for run in runs if run.category_id == category.pk), None)


@register.filter
def phase(run: TrainingRun) -> str:
    """What a run is doing, in words: “Epoch 12 of 40”."""
    return panels.phase(run)


@register.filter
def has_epochs(run: TrainingRun) -> bool:
    """Whether its method learns in epochs, so that there will be losses to plot."""
    return applies("epochs", run.method)


@register.filter
def plot(run: TrainingRun) -> panels.LossPlot | None:
    """The losses so far; None before the second epoch."""
    return panels.loss_plot(run)


@register.filter
def in_words(options: dict[str, Any], method: str) -> list[tuple[str, str]]:
    """The options of a training as people call them, with their values."""
    return panels.options_in_words(options, method)


@register.filter
def learned_from(snapshot: DatasetSnapshot) -> str:
    """What a run has to learn from and to be judged on, in one phrase."""
    return panels.learned_from(snapshot)
