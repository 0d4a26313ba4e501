"""The figures of a run, as SVG and PNG: losses, ROC, precision-recall, score histogram, p-values.

The same run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from detection.calibration import Calibration
from detection.cutoffs import WORST
from detection.figures import DEFECT, GOOD, GREY, LINE, UNSURE, styled
from detection.figures import figure as _figure
from detection.figures import legend_above as _legend_above
from detection.figures import save as _save
from detection.intervals import binomial
from detection.methods.base import Epoch
from detection.types import Evaluation

# Fewer good test images, and the steps of the share say nothing of p-values.
_ENOUGH = 20
# Scores of which the largest is so many times the smallest: on a plain axis all good ones are one bar.
_WIDE = 10
_BINS = 30


def write(
    folder: Path, history: Sequence[Epoch], calibration: Calibration, evaluation: Evaluation | None
) -> None:
    """Those figures that the run has the numbers for."""
    folder.mkdir()
    with styled():
        if history:
            _save(losses(history), folder / "losses")
        if evaluation and evaluation.roc:
            _save(roc(evaluation), folder / "roc")
            _save(pr(evaluation), folder / "pr")
        if evaluation and evaluation.p_values and evaluation.n_good >= _ENOUGH:
            _save(p_values(evaluation), folder / "p_values")
        _save(score_histogram(calibration), folder / "score_histogram")


def losses(history: Sequence[Epoch]) -> Figure:
    """Training and validation loss by epoch, and the epoch kept; each method has a loss of its own."""
    figure, axes = _figure("Loss while learning", "Epoch", "Loss")
    axes.plot(
        [e.epoch for e in history], [e.train_loss for e in history], color=GOOD, label="training images"
    )
    validated = [(e.epoch, e.validation_loss) for e in history if e.validation_loss is not None]
    if validated:
        epochs, values = [epoch for epoch, _ in validated], [loss for _, loss in validated]
        axes.plot(epochs, values, "o-", color=DEFECT, markersize=3.5, label="held-back images")
        best = int(np.argmin(values))
        said = f"smallest: epoch {epochs[best]}"
        axes.plot(epochs[best], values[best], "o", color=LINE, markersize=7, label=said)
    axes.set_yscale("log")
    _legend_above(axes)
    return figure


def roc(evaluation: Evaluation) -> Figure:
    """The curve, and the point that the decisions behind F1, precision and recall amount to."""
    figure, axes = _figure(
        f"ROC, image AUROC {evaluation.image_auroc:.3f}{_interval(evaluation, 'image_auroc')}",
        "False alarms: share of good images flagged",
        "Found: share of defects flagged",
    )
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle="--", label="chance")
    axes.plot(evaluation.roc["fpr"], evaluation.roc["tpr"], color=GOOD, linewidth=2, label="this model")
    counts = evaluation.confusion
    alarms = counts["fp"] / (counts["fp"] + counts["tn"])
    found = counts["tp"] / (counts["tp"] + counts["fn"])
    axes.plot(alarms, found, "o", color=DEFECT, markersize=8, label="as judged")
    _unit_square(axes)
    axes.legend(loc="lower right")
    return figure


def pr(evaluation: Evaluation) -> Figure:
    """The curve, what flagging at random would give, and the point that the decisions amount to."""
    figure, axes = _figure(
        f"Average precision {evaluation.average_precision:.3f}{_interval(evaluation, 'average_precision')}",
        "Recall: share of defects flagged",
        "Precision: share of the flagged that are defects",
    )
    share = evaluation.n_defect / (evaluation.n_defect + evaluation.n_good)
    axes.plot([0, 1], [share, share], color=GREY, linewidth=1, linestyle="--", label="chance")
    recall, precision = evaluation.pr["recall"], evaluation.pr["precision"]
    axes.step([0, *recall], [precision[0], *precision], color=GOOD, linewidth=2, label="this model")
    if evaluation.recall is not None and evaluation.precision is not None:
        axes.plot(evaluation.recall, evaluation.precision, "o", color=DEFECT, markersize=8, label="as judged")
    _unit_square(axes)
    axes.legend(loc="lower left")
    return figure


def p_values(evaluation: Evaluation) -> Figure:
    """Of the good test images the share with at most each p-value, with exact binomial bounds."""
    n = evaluation.n_good
    figure, axes = _figure(
        f"p-values of {n} good test images", "p-value", "Share of good test images with at most that p-value"
    )
    levels = [point["p"] for point in evaluation.p_values]
    shares = np.array([point["share"] for point in evaluation.p_values])
    bounds = np.array([binomial(round(share * n), n) for share in shares]).T
    # A bound may differ from its share by less than nothing: rounding.
    errors = np.maximum(0, [shares - bounds[0], bounds[1] - shares])
    axes.plot([0, 1], [0, 1], color=LINE, linewidth=1, linestyle="--", label="as it should be")
    axes.errorbar(levels, shares, errors, fmt="o", color=GOOD, capsize=3, label="as it is (95 % interval)")
    _unit_square(axes)
    axes.legend(loc="lower right")
    return figure


def score_histogram(calibration: Calibration) -> Figure:
    """Good against defective images; the held-back ones where no test images are good."""
    figure, axes = _figure(
        "Scores of test images", "Score (mean of the largest 1 % of the anomaly map)", "Images"
    )
    good = [one.score for one in calibration.scored if not one.is_defect]
    defect = [one.score for one in calibration.scored if one.is_defect]
    named = "good"
    if not good:
        good, named = list(calibration.threshold.good_scores), "good (kept from training)"
    value, start = calibration.threshold.value, calibration.threshold.review_from
    every = [score for score in (*good, *defect, value) if abs(score) < WORST]
    bins = _bins(axes, min(every), max(every))
    if start is not None:
        axes.axvspan(start, value, color=UNSURE, alpha=0.6, linewidth=0, label="REVIEW")
    if good:
        axes.hist(good, bins=bins, color=GOOD, alpha=0.75, label=f"{named}: {len(good)}")
    if defect:
        axes.hist(defect, bins=bins, color=DEFECT, alpha=0.6, label=f"defective: {len(defect)}")
    axes.axvline(value, color=LINE, linewidth=1.5, linestyle="--", label="threshold")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _legend_above(axes)
    return figure


def _bins(axes: Axes, least: float, most: float) -> list[float] | int:
    """Where bars of scores begin and end, and the axis they want: in ratios where scores lie far apart."""
    if least >= most:
        return 10
    apart = least > 0 and most >= _WIDE * least
    edges: list[float] = (np.geomspace if apart else np.linspace)(least, most, _BINS + 1).tolist()
    if not apart:
        return edges
    axes.set_xscale("log")
    steps = (1, 2, 5) if most < _WIDE**2 * least else (1,)
    axes.xaxis.set_major_locator(LogLocator(subs=steps))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda score, _: f"{score:g}"))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_minor_formatter(NullFormatter())
    return edges


def _interval(evaluation: Evaluation, metric: str) -> str:
    """As it stands behind the metric's value in a title."""
    if metric not in evaluation.intervals:
        return ""
    low, high = evaluation.intervals[metric]
    return f" (95 %: {low:.3f} to {high:.3f})"


def _unit_square(axes: Axes) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
