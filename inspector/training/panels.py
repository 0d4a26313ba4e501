"""Runs as pages show them: what they are doing in words, the losses as a plot, a category's newest."""

from dataclasses import dataclass
from typing import Any

from inspector.categories.models import Category
from inspector.core.charts import Point, Range, polyline
from inspector.core.jobs import State
from inspector.core.templatetags.figures import plain_percent
from inspector.registry.methods import applies
from inspector.registry.policies import promise
from inspector.samples.models import GOOD, DatasetSnapshot, Split
from inspector.samples.selectors import samples
from inspector.training.models import TrainingRun
from inspector.training.options import OPTIONS
from inspector.training.selectors import recent_runs

PHASES = {
    "reading": "Reading the photos",
    "training": "Learning",
    "calibrating": "Choosing the threshold and judging test photos",
    "writing": "Saving the version",
    "draft": "Trying the quick draft",
}
# Said in one sentence where a policy was chosen.
OF_THE_THRESHOLD = ("threshold", "target", "percentile", "defect_share")


@dataclass(frozen=True, slots=True)
class LossPlot:
    """Two lines in a box of 100 by 100 and what its sides stand for. The loss is on a logarithmic scale."""

    train: str
    validation: str
    low: float
    high: float
    epochs: int
    last_train: float
    last_validation: float | None


def phase(run: TrainingRun) -> str:
    """What a run is doing now; empty for one that is over."""
    if run.state == State.WAITING:
        return "Waiting for a train worker"
    if run.state != State.RUNNING:
        return ""
    if run.cancel_requested:
        return "Stopping"
    progress = run.how_far
    if progress.phase == "training" and progress.epoch:
        return f"Epoch {progress.epoch} of {progress.epochs}"
    return PHASES.get(progress.phase, "Starting")


def loss_plot(run: TrainingRun) -> LossPlot | None:
    """The losses so far; None before the second epoch."""
    history = run.how_far.history
    train: list[Point] = [(one.epoch, one.train) for one in history if one.train]
    # Between two validations the last one is repeated: drawn once, it makes a line and no stairs.
    validations: list[Point] = [(one.epoch, one.validation) for one in history if one.validation]
    validation = [
        point
        for before, point in zip([None, *validations], validations, strict=False)
        if not before or before[1] != point[1]
    ]
    if len(train) < 2:
        return None
    losses = [loss for _, loss in train + validation]
    return _lines(train, validation, Range(min(losses), max(losses), log=True), _epochs(run, train))


def _lines(train: list[Point], validation: list[Point], y: Range, epochs: int) -> LossPlot:
    x = Range(1, epochs)
    return LossPlot(
        train=polyline(train, x, y),
        validation=polyline(validation, x, y),
        low=y.low,
        high=y.high,
        epochs=epochs,
        last_train=train[-1][1],
        last_validation=validation[-1][1] if validation else None,
    )


def _epochs(run: TrainingRun, train: list[Point]) -> int:
    """A running plot has room for what is to come; one that is over ends where the training did."""
    reached = int(train[-1][0])
    return reached if run.is_final else max(reached, run.how_far.epochs or 0)


def latest(category: Category, limit: int = 5) -> dict[str, Any]:
    """A category's newest runs (`recent`: with some before these), the ids of those to watch, and whether
    there is anything to learn from."""
    recent = recent_runs(category)
    shown = recent[:limit]
    watching = [run.pk for run in shown if not run.is_final]
    trainable = samples(category, Split.TRAIN).exists()
    return {"runs": shown, "recent": recent, "watching": watching, "trainable": trainable}


def options_in_words(options: dict[str, Any], method: str) -> list[tuple[str, str]]:
    """The options of a run as names and values; those that do not apply to its method are left out."""
    policy = options.get("threshold", "auto")
    apart = ("threshold", "review") if policy == "auto" else (*OF_THE_THRESHOLD, "review")
    words = [
        (option_title(name), option_value(name, value))
        for name, value in options.items()
        if name not in apart and applies(name, method)
    ]
    if policy != "auto":
        percentile, share = options.get("percentile", 99.0), options.get("defect_share")
        words.append(("Threshold", promise(policy, options.get("target"), percentile, share)))
    if "review" in options:
        share = options["review"]
        words.append(("REVIEW", f"for at most {plain_percent(share)} of good parts" if share else "none"))
    return words


def option_title(name: str) -> str:
    """Old runs may have options that no longer exist."""
    return OPTIONS[name].title if name in OPTIONS else name.replace("_", " ").capitalize()


def option_value(name: str, value: Any) -> str:
    """With its unit; 0 minutes are no limit."""
    if name == "minutes" and not value:
        return "no limit"
    if name == "defect_share":
        return plain_percent(value)
    unit = OPTIONS[name].unit if name in OPTIONS else ""
    return f"{value:g}{' ' * bool(unit)}{unit}" if isinstance(value, int | float) else str(value)


def learned_from(snapshot: DatasetSnapshot) -> str:
    """Such as “60 to train on, 40 to test on (24 defective)”."""
    train = sum(item["split"] == Split.TRAIN for item in snapshot.items)
    test = len(snapshot.items) - train
    bad = sum(item["label"] != GOOD for item in snapshot.items)
    judged = f", {test} to test on ({bad} defective)" if test else ""
    return f"{train} to train on{judged}"
