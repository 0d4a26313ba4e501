"""A robustness report as a picture: a heat table with the numbers in its cells."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from detection.drawing.figures import INK
from detection.robustness.report import Cell, Report

# The value of a cell, as a share in 0..1 where more is worse, and in words; None where it is not known.
Value = Callable[[Cell], tuple[float, str] | None]
_DARK = 0.55


def false_alarms(cell: Cell) -> tuple[float, str] | None:
    rate = cell.rates.false_alarm
    return (rate.rate, f"{100 * rate.rate:.0f}") if rate else None


def misses(cell: Cell) -> tuple[float, str] | None:
    rate = cell.rates.miss
    return (rate.rate, f"{100 * rate.rate:.0f}") if rate else None


def auroc(cell: Cell) -> tuple[float, str] | None:
    """An AUROC of 0.5 is chance, and drawn as the worst."""
    return None if cell.auroc is None else (min(1.0, 2 * (1 - cell.auroc)), f"{cell.auroc:.3f}".lstrip("0"))


PANELS: tuple[tuple[str, Value], ...] = (
    ("False alarms, %", false_alarms),
    ("Misses, %", misses),
    ("Image AUROC", auroc),
)


def draw(report: Report) -> Figure:
    """Within `figures.styled()`."""
    shown = [(title, value) for title, value in PANELS if value(report.unchanged)]
    figure = Figure(
        figsize=(2.6 + 3.0 * len(shown), 1.2 + 0.32 * (1 + len(report.rows))), layout="constrained"
    )
    FigureCanvasAgg(figure)
    every = figure.subplots(1, len(shown), squeeze=False)[0]
    for number, (axes, (title, value)) in enumerate(zip(every, shown, strict=True)):
        _panel(axes, report, value)
        axes.set_title(title)
        axes.set_xlabel("Strength")
        names = ["As they are", *(row.title for row in report.rows)]
        axes.set_yticks(range(len(names)), names if number == 0 else [""] * len(names))
    return figure


def _panel(axes: Axes, report: Report, value: Value) -> None:
    rows = [(report.unchanged,), *(row.cells for row in report.rows)]
    columns = max(len(row) for row in rows)
    worst = np.full((len(rows), columns), np.nan)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            if known := value(cell):
                worst[y, x] = known[0]
                colour = "white" if known[0] > _DARK else INK
                axes.text(x, y, known[1], ha="center", va="center", fontsize=8, color=colour)
    axes.imshow(worst, cmap="Oranges", vmin=0, vmax=1.1, aspect="auto")
    axes.set_xticks(range(columns), [str(strength) for strength in range(1, columns + 1)])
    axes.grid(visible=False)
    axes.tick_params(length=0)
