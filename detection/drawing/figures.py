"""The style of every figure of this package, and how figures are saved: as SVG and PNG.

Made with matplotlib's objects, without pyplot: no window, and no state. The same numbers give the same bytes.
Draw and save within `styled()`.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from detection.errors import CannotWrite
from detection.files import storage

log = logging.getLogger(__name__)

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
    """Figures are drawn and saved in this style within it."""
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
    """A legend between title and axes, where it hides no data."""
    axes.set_title(axes.get_title(loc="left"), pad=28)
    axes.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=4, borderaxespad=0.2)


def save(made: Figure, path: Path) -> None:
    """As <path>.svg and <path>.png: both, or neither if it cannot be drawn."""
    drawn = {".svg": _encoded(made, "svg", metadata={"Date": None})}
    made.set_layout_engine(None)  # it is laid out; once more would take as long again
    drawn[".png"] = _encoded(made, "png", dpi=150)
    for suffix, content in drawn.items():
        storage.write_bytes(path.with_suffix(suffix), content)


def _encoded(made: Figure, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    made.savefig(out, format=kind, **options)
    return out.getvalue()


def try_to_draw(draw: Callable[[], Figure | None], path: Path, failed: list[str]) -> Figure | None:
    """The figure, drawn and saved; None if there is none. A figure that fails is logged and added to
    `failed`: hours of training must not be lost for a picture. Errors of the disk are raised."""
    try:
        made = draw()
        if made is not None:
            save(made, path)
        return made
    except (OSError, CannotWrite):
        raise
    except Exception:
        log.exception("the figure %s could not be drawn and is left out", path.name)
        failed.append(path.name)
        return None
