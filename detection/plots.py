"""The figures of a run, as SVG and PNG: losses, ROC, score histogram.

Made with matplotlib's objects, without pyplot: no window, and nothing kept. The same run gives the
same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from detection.calibration import Calibration
from detection.methods.base import Epoch
from detection.types import Evaluation

INK, GREY, RULE = "#1f2933", "#66727f", "#dde2e7"
GOOD, DEFECT, LINE = "#3b7dd8", "#c2410c", "#1f2933"
_STYLE: dict[Any, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": RULE,
    "axes.labelcolor": GREY,
    "axes.titlecolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "legend.frameon": False,
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and copied
    "svg.hashsalt": "inspector",
    "savefig.facecolor": "white",
}


def write(
    folder: Path, history: Sequence[Epoch], calibration: Calibration, evaluation: Evaluation | None
) -> None:
    """Those figures that the run has the numbers for."""
    folder.mkdir()
    with mpl.rc_context(_STYLE):
        if history:
            _save(losses(history), folder / "losses")
        if evaluation and evaluation.roc:
            _save(roc(evaluation), folder / "roc")
        _save(score_histogram(calibration), folder / "score_histogram")


def losses(history: Sequence[Epoch]) -> Figure:
    """Training and validation loss by epoch, and the epoch whose weights were kept."""
    figure, axes = _figure("Loss while learning", "Epoch", "Mean squared error")
    axes.plot(
        [e.epoch for e in history], [e.train_loss for e in history], color=GOOD, label="training images"
    )
    validated = [(e.epoch, e.validation_loss) for e in history if e.validation_loss is not None]
    epochs, values = [epoch for epoch, _ in validated], [loss for _, loss in validated]
    axes.plot(epochs, values, "o-", color=DEFECT, markersize=3.5, label="held-back images")
    best = int(np.argmin(values))
    axes.plot(epochs[best], values[best], "o", color=LINE, markersize=7, label=f"kept: epoch {epochs[best]}")
    axes.set_yscale("log")
    _legend_above(axes)
    return figure


def roc(evaluation: Evaluation) -> Figure:
    """The curve, and the point that the decisions behind F1, precision and recall amount to."""
    figure, axes = _figure(
        f"ROC, image AUROC {evaluation.image_auroc:.3f}",
        "False alarms: share of good images flagged",
        "Found: share of defects flagged",
    )
    axes.plot([0, 1], [0, 1], color=RULE, linewidth=1, linestyle="--", label="chance")
    axes.plot(evaluation.roc["fpr"], evaluation.roc["tpr"], color=GOOD, linewidth=2, label="this model")
    counts = evaluation.confusion
    alarms = counts["fp"] / (counts["fp"] + counts["tn"])
    found = counts["tp"] / (counts["tp"] + counts["fn"])
    axes.plot(alarms, found, "o", color=DEFECT, markersize=8, label="as judged")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.02)
    axes.set_aspect("equal")
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
    every = [*good, *defect, calibration.threshold.value]
    bins = np.linspace(min(every), max(every), 31).tolist() if min(every) < max(every) else 10
    if good:
        axes.hist(good, bins=bins, color=GOOD, alpha=0.75, label=f"{named}: {len(good)}")
    if defect:
        axes.hist(defect, bins=bins, color=DEFECT, alpha=0.6, label=f"defective: {len(defect)}")
    axes.axvline(calibration.threshold.value, color=LINE, linewidth=1.5, linestyle="--", label="threshold")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _legend_above(axes)
    return figure


def _figure(title: str, x: str, y: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return figure, axes


def _legend_above(axes: Axes) -> None:
    """Between title and axes, where it hides no data."""
    axes.set_title(axes.get_title(loc="left"), pad=28)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=3, borderaxespad=0.2)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(path.with_suffix(".png"), dpi=150)
