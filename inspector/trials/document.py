"""A comparison as PDF."""

import io
from typing import Any

from django.utils import timezone
from reportlab.graphics.shapes import Drawing, Line, PolyLine, Rect
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table

from inspector.core.charts import Point
from inspector.core.templatetags.figures import NONE, metric
from inspector.exports.documents import sheet
from inspector.inspections.score_chart import Row
from inspector.registry.metrics import Figure, Mistake
from inspector.trials.beside import Compared, Comparison

ACROSS = 3
SIDE = 26 * mm  # of a curve
GAP = 4 * mm


def document(comparison: Comparison, *, by: Any) -> bytes:
    """The table, then the curves of each version, on one scale."""
    shown = comparison.shown
    name = "Comparison of categories"
    story = [
        *sheet.title(name, ", ".join(one.name for one in shown), kind="Comparison"),
        _table(shown),
        Spacer(0, 2 * mm),
        sheet.muted("In brackets: 95 % intervals. Each version was tested on photos of its own category."),
        sheet.heading("ROC, precision by recall, and scores in multiples of the threshold"),
        sheet.muted(
            "Scores: good photos above, defective ones below. The solid line is the threshold, where ANOMALY "
            "begins; the dashed one is where REVIEW begins."
        ),
        Spacer(0, 3 * mm),
        *_multiples(shown),
    ]
    out = io.BytesIO()
    sheet.build(out, story, name=name, foot=f"{name} · made by {by}, {sheet.moment(timezone.now())}")
    return out.getvalue()


def _table(shown: list[Compared]) -> Table:
    head = ("Version", "Method", ">Good / defective", ">Missed", ">False alarms", ">Image AUROC", ">F1")
    widths = [32 * mm, 30 * mm, 20 * mm, 19 * mm, 19 * mm, 27 * mm]
    rows = [
        (
            one.name,
            one.method,
            f"{one.version.results.n_good} / {one.version.results.n_defect}",
            _counted(one.counted.get("missed")),
            _counted(one.counted.get("false_alarms")),
            _figure(one.by_code.get("image_auroc")),
            _figure(one.by_code.get("f1")),
        )
        for one in shown
    ]
    return sheet.listing(head, rows, [*widths, sheet.WIDTH - sum(widths)])


def _counted(mistake: Mistake | None) -> str:
    return f"{mistake.count} of {mistake.n}" if mistake else NONE


def _figure(figure: Figure | None) -> str:
    if figure is None:
        return NONE
    return f"{metric(figure.value)} ({figure.span})" if figure.span else metric(figure.value)


def _multiples(shown: list[Compared]) -> list[Any]:
    width = sheet.WIDTH / ACROSS
    cells: list[Any] = [_one(one, width - GAP) for one in shown]
    cells += [""] * (-len(cells) % ACROSS)
    look = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
    ]
    return [
        KeepTogether(Table([cells[start : start + ACROSS]], colWidths=[width] * ACROSS, style=look))
        for start in range(0, len(cells), ACROSS)
    ]


def _one(one: Compared, width: float) -> list[Any]:
    if not one.roc:
        return [sheet.text(one.name), sheet.muted("No scores of single test photos are known.")]
    curves = Table([[_curve(one.roc, chance=True), _curve(one.pr)]], colWidths=[width / 2] * 2, hAlign="LEFT")
    curves.setStyle([("LEFTPADDING", (0, 0), (-1, -1), 0)])
    return [sheet.text(one.name), curves, *(_bars(row, one, width) for row in one.rows)]


def _curve(points: list[Point], *, chance: bool = False) -> Drawing:
    drawing = Drawing(SIDE, SIDE)
    drawing.add(Rect(0, 0, SIDE, SIDE, fillColor=None, strokeColor=sheet.LINE, strokeWidth=0.6))
    if chance:
        dashed = {"strokeColor": sheet.MUTED, "strokeWidth": 0.5, "strokeDashArray": (2, 2)}
        drawing.add(Line(0, 0, SIDE, SIDE, **dashed))
    places = [place * SIDE for point in points for place in point]
    drawing.add(PolyLine(places, strokeColor=sheet.INK, strokeWidth=1.1))
    return drawing


def _bars(row: Row, one: Compared, width: float) -> Drawing:
    tall = 9 * mm
    drawing = Drawing(width, tall + 2)
    ground = sheet.TONES["OK" if row.name == "good" else "ANOMALY"][0]
    for bar in row.bars:
        left, high = bar.x / 100 * width, bar.height / 100 * tall
        drawing.add(Rect(left, 0, bar.width / 100 * width, high, fillColor=ground, strokeColor=None))
    drawing.add(Line(0, 0, width, 0, strokeColor=sheet.MUTED, strokeWidth=0.5))
    for limit, place in one.marks:
        dash = None if limit == "ANOMALY" else (2, 2)
        at = place / 100 * width
        drawing.add(Line(at, 0, at, tall, strokeColor=sheet.INK, strokeWidth=0.7, strokeDashArray=dash))
    return drawing
