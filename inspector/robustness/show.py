"""A robustness report as pages show it: a heat table for each number, with the number in each cell."""

from collections.abc import Callable
from dataclasses import dataclass

from detection.results import WrongRate
from detection.robustness.report import Cell, Report

# Lower ends of the steps of colour, as shares; the first is no colour.
_SHARES = (0.0, 0.02, 0.05, 0.10, 0.25)
# Of an AUROC: how far it is below that of the photos as they are.
_DROPS = (0.003, 0.01, 0.03, 0.10, 0.25)


@dataclass(frozen=True, slots=True)
class ShownCell:
    """heat: 0 to 5, more is worse. passes: surely beyond what is promised."""

    text: str
    title: str
    heat: int
    passes: bool = False


@dataclass(frozen=True, slots=True)
class ShownRow:
    title: str
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, slots=True)
class ShownTable:
    """One number after every change. unchanged: of the photos as they are."""

    name: str
    title: str
    help: str
    unchanged: ShownCell
    rows: tuple[ShownRow, ...]


def tables(report: Report) -> list[ShownTable]:
    """Those that there are numbers for."""
    usual = report.unchanged.auroc
    shown = [
        _table(
            report,
            "false-alarms",
            "False alarms",
            "Good photos judged ANOMALY.",
            lambda cell: _share(cell, cell.rates.false_alarm, report.promise),
        )
    ]
    if report.n_defect:
        shown.append(
            _table(
                report,
                "misses",
                "Misses",
                "Defective photos not judged ANOMALY; those in REVIEW count.",
                lambda cell: _share(cell, cell.rates.miss),
            )
        )
    if usual is not None:
        shown.append(
            _table(
                report,
                "auroc",
                "Image AUROC",
                "The order of good and defective photos, whatever the limits.",
                lambda cell: _auroc(cell, usual),
            )
        )
    return shown


def _table(
    report: Report, name: str, title: str, words: str, shown: Callable[[Cell], ShownCell]
) -> ShownTable:
    rows = tuple(ShownRow(row.title, tuple(map(shown, row.cells))) for row in report.rows)
    return ShownTable(name, title, words, shown(report.unchanged), rows)


def _share(cell: Cell, rate: WrongRate | None, promise: float | None = None) -> ShownCell:
    if rate is None:
        return ShownCell("-", cell.amount, 0)
    span = (
        ""
        if rate.low is None or rate.high is None
        else f"; 95 %: {_percent(rate.low)} to {_percent(rate.high)}"
    )
    passes = promise is not None and cell.passes(promise)
    return ShownCell(
        _percent(rate.rate),
        _titled(cell, f"{rate.count} of {rate.n}{span}"),
        _step(rate.rate, _SHARES),
        passes,
    )


def _auroc(cell: Cell, usual: float) -> ShownCell:
    if cell.auroc is None:
        return ShownCell("-", cell.amount, 0)
    ends = " to ".join(f"{end:.3f}" for end in cell.auroc_interval)
    text = f"{cell.auroc:.3f}"
    return ShownCell(
        text, _titled(cell, f"{text}; 95 %: {ends}" if ends else text), _step(usual - cell.auroc, _DROPS)
    )


def _titled(cell: Cell, words: str) -> str:
    return f"{cell.amount}: {words}" if cell.amount else words


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"


def _step(value: float, ends: tuple[float, ...]) -> int:
    return sum(value > end for end in ends)
