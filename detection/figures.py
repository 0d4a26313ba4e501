"""How every figure of this package looks, and how it is saved: as SVG and PNG.

Made with matplotlib's objects, without pyplot: no window, and nothing kept. The same numbers give
the same bytes. Draw and save within `styled()`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK, GREY, RULE = "#1f2933", "#66727f", "#dde2e7"
GOOD, DEFECT, LINE, UNSURE = "#3b7dd8", "#c2410c", "#1f2933", "#fde68a"
STYLE: dict[Any, Any] = {
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


def styled() -> AbstractContextManager[None]:
    """Within it figures are drawn and saved in this style."""
    return mpl.rc_context(STYLE)


def figure(title: str, x: str, y: str, *, height: float = 4.4) -> tuple[Figure, Axes]:
    """An empty figure, 6.4 inches wide, with one pair of axes."""
    made = Figure(figsize=(6.4, height), layout="constrained")
    FigureCanvasAgg(made)
    axes = made.add_subplot()
    axes.set_title(title)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return made, axes


def legend_above(axes: Axes) -> None:
    """Between title and axes, where it hides no data."""
    axes.set_title(axes.get_title(loc="left"), pad=28)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=4, borderaxespad=0.2)


def save(made: Figure, path: Path) -> None:
    """As <path>.svg and <path>.png."""
    made.savefig(path.with_suffix(".svg"), metadata={"Date": None})
    made.savefig(path.with_suffix(".png"), dpi=150)
