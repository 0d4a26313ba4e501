"""The figures of a run, as SVG and PNG: losses, ROC, precision-recall, score histogram, p-values.

The same run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from detection.drawing import score_axis
from detection.drawing.figures import DEFECT, GOOD, GREY, LINE, UNSURE, styled, try_to_draw
from detection.drawing.figures import figure as _figure
from detection.drawing.figures import legend_above as _legend_above
from detection.judging.calibration import Calibration
from detection.learning.outcome import Epoch
from detection.metrics.intervals import binomial
from detection.results import Evaluation, PrecisionRecall, Roc

# With fewer good test images, the steps of the share say nothing about p-values.
_ENOUGH = 20


def write(
    folder: Path, history: Sequence[Epoch], calibration: Calibration, evaluation: Evaluation | None
) -> list[str]:
    """The figures that the run has numbers for; returns the names of those that could not be drawn."""
    folder.mkdir()
    failed: list[str] = []
    with styled():
        for name, draw in _wanted(history, calibration, evaluation).items():
            try_to_draw(draw, folder / name, failed)
    return failed


def _wanted(
    history: Sequence[Epoch], calibration: Calibration, evaluation: Evaluation | None
) -> dict[str, Callable[[], Figure]]:
    wanted: dict[str, Callable[[], Figure]] = {"score_histogram": lambda: score_histogram(calibration)}
    if history:
        wanted["losses"] = lambda: losses(history)
    if evaluation and (curve := evaluation.roc):
        wanted["roc"] = lambda: roc(evaluation, curve)
    if evaluation and (steps := evaluation.pr):
        wanted["pr"] = lambda: pr(evaluation, steps)
    if evaluation and evaluation.p_values and evaluation.n_good >= _ENOUGH:
        wanted["p_values"] = lambda: p_values(evaluation)
    return wanted


def losses(history: Sequence[Epoch]) -> Figure:
    """Training and validation loss by epoch, and the epoch kept; each method has its own loss."""
    figure, axes = _figure("Loss curves", "Epoch", "Loss")
    trained = [epoch.train_loss for epoch in history]
    axes.plot([epoch.epoch for epoch in history], trained, color=GOOD, label="training photos")
    validated = [(e.epoch, e.validation_loss) for e in history if e.validation_loss is not None]
    if validated:
        epochs, values = [epoch for epoch, _ in validated], [loss for _, loss in validated]
        axes.plot(epochs, values, "o-", color=DEFECT, markersize=3.5, label="held-out photos")
        best = int(np.argmin(np.nan_to_num(values, nan=np.inf)))
        said = f"smallest: epoch {epochs[best]}"
        axes.plot(epochs[best], values[best], "o", color=LINE, markersize=7, label=said)
    # A loss of 0 has no place on a logarithmic axis.
    if any(0 < loss < np.inf for loss in (*trained, *(loss for _, loss in validated))):
        axes.set_yscale("log")
    _legend_above(axes)
    return figure


def roc(evaluation: Evaluation, curve: Roc) -> Figure:
    """The curve, and the point of the decisions behind F1, precision and recall."""
    figure, axes = _figure(
        f"ROC, image AUROC {evaluation.image_auroc:.3f}{_interval(evaluation, 'image_auroc')}",
        "False alarms: share of good photos flagged",
        "Recall: share of defects flagged",
    )
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="chance")
    axes.plot(curve.fpr, curve.tpr, color=GOOD, linewidth=2, label="this model")
    if counts := evaluation.confusion:
        judged = (counts.fp / counts.n_good, counts.tp / counts.n_defect)
        axes.plot(*judged, "o", color=DEFECT, markersize=8, label="as judged")
    _unit_square(axes)
    axes.legend(loc="lower right")
    return figure


def pr(evaluation: Evaluation, curve: PrecisionRecall) -> Figure:
    """The curve, the precision of flagging at random, and the point of the decisions."""
    figure, axes = _figure(
        f"Average precision {evaluation.average_precision:.3f}{_interval(evaluation, 'average_precision')}",
        "Recall: share of defects flagged",
        "Precision: share of flagged photos that are defects",
    )
    share = evaluation.n_defect / (evaluation.n_defect + evaluation.n_good)
    axes.plot([0, 1], [share, share], color=GREY, linewidth=1, linestyle="--", label="chance")
    precision = curve.precision
    axes.step([0, *curve.recall], [precision[0], *precision], color=GOOD, linewidth=2, label="this model")
    if evaluation.recall is not None and evaluation.precision is not None:
        axes.plot(evaluation.recall, evaluation.precision, "o", color=DEFECT, markersize=8, label="as judged")
    _unit_square(axes)
    axes.legend(loc="lower left")
    return figure


def p_values(evaluation: Evaluation) -> Figure:
    """The share of good test images at or below each p-value, with exact binomial bounds."""
    n = evaluation.n_good
    figure, axes = _figure(
        f"p-values of {n} good test photos", "p-value", "Share of good test photos at or below this p-value"
    )
    levels = [point.p for point in evaluation.p_values]
    shares = np.array([point.share for point in evaluation.p_values])
    bounds = np.array([binomial(round(share * n), n) for share in shares]).T
    # Rounding may put a bound on the wrong side of its share.
    errors = np.maximum(0, [shares - bounds[0], bounds[1] - shares])
    axes.plot([0, 1], [0, 1], color=LINE, linewidth=1, linestyle="--", label="ideal")
    axes.errorbar(levels, shares, errors, fmt="o", color=GOOD, capsize=3, label="observed (95 % interval)")
    _unit_square(axes)
    axes.legend(loc="lower right")
    return figure


def score_histogram(calibration: Calibration) -> Figure:
    """Good against defective images; held-out good images if no test image is good."""
    figure, axes = _figure(
        "Scores of test photos", "Score (mean of the largest 1 % of the anomaly map)", "Photos"
    )
    good = [one.score for one in calibration.scored if not one.is_defect]
    defect = [one.score for one in calibration.scored if one.is_defect]
    named = "good"
    if not good:
        good, named = list(calibration.threshold.good_scores), "good (held out)"
    value, start = calibration.threshold.value, calibration.threshold.review_from
    band = [] if start is None else [start, value]
    axis = score_axis.fit([*good, *defect, value, *band])
    if len(placed := axis.place(band)) > 1:
        axes.axvspan(placed[0], placed[1], color=UNSURE, alpha=0.6, linewidth=0, label="REVIEW")
    for scores, colour, alpha, name in ((good, GOOD, 0.75, named), (defect, DEFECT, 0.6, "defective")):
        if scores:
            said = f"{name}: {len(scores)}"
            axes.hist(axis.place(scores), bins=list(axis.edges), color=colour, alpha=alpha, label=said)
    for place in axis.place([value]):
        axes.axvline(place, color=LINE, linewidth=1.5, linestyle="--", label="threshold")
    axis.dress(axes)
    lost = len(good) + len(defect) - len(axis.place([*good, *defect]))
    if lost:
        axes.set_xlabel(f"{axes.get_xlabel()}\nnot drawn: {lost} that are not numbers")
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _legend_above(axes)
    return figure


def _interval(evaluation: Evaluation, metric: str) -> str:
    """For the title, after the metric's value."""
    span = evaluation.interval(metric)
    return f" (95 %: {span[0]:.3f} to {span[1]:.3f})" if span else ""


def _unit_square(axes: Axes) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
