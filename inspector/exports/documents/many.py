"""Many inspections as a document, such as those of a lot: how they ended, why, and the defective ones."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone
from reportlab.graphics.shapes import Circle, Drawing, Line, PolyLine, Rect, String
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Spacer, Table

from inspector.core.templatetags.figures import NONE
from inspector.exports.documents import fonts, sheet
from inspector.inspections.models import Inspection, Outcome, Verdict
from inspector.inspections.templatetags.scores import TIMES, scored
from inspector.reviews.models import DefectType

MOST_PHOTOS = 60
BARS = 8  # of the Pareto chart; the rest is one
ACROSS = 4  # photos in a row
UNNAMED = "No type named"


@dataclass(frozen=True, slots=True)
class Sums:
    total: int
    ok: int
    review: int
    anomaly: int
    good: int
    defective: int
    undecided: int
    reviewed: int
    failed: int
    first: Any
    last: Any

    @property
    def judged(self) -> int:
        return self.ok + self.review + self.anomaly


def write(
    target: Path | IO[bytes],
    rows: QuerySet[Inspection],
    *,
    title: str,
    by: Any,
    about: str = "",
    kind: str = "Summary of inspections",
    most: int = MOST_PHOTOS,
    on_photo: Callable[[], None] = lambda: None,
) -> None:
    """The PDF of these inspections, with at most this many photos of defective ones.

    `rows` may be narrowed in any way; their order counts for nothing.
    """
    rows = rows.order_by()
    sums = _sums(rows)
    story = [
        *sheet.title(title, about or _period(sums), kind),
        _tiles(sums),
        Spacer(0, 5 * mm),
        _parts(rows, sums),
        *_pareto(rows),
        *_photos(rows, sums, most, on_photo),
    ]
    foot = f"{title} · made with Inspector by {by}, {sheet.moment(timezone.now())}"
    sheet.build(str(target) if isinstance(target, Path) else target, story, name=title, foot=foot)


def _sums(rows: QuerySet[Inspection]) -> Sums:
    verdicts = {verdict.lower(): Count("pk", filter=Q(verdict=verdict)) for verdict in Verdict.values}
    outcomes = {
        name: Count("pk", filter=Q(outcome=outcome))
        for name, outcome in (
            ("good", Outcome.GOOD),
            ("defective", Outcome.DEFECTIVE),
            ("undecided", Outcome.OPEN),
        )
    }
    return Sums(
        **rows.aggregate(
            total=Count("pk"),
            reviewed=Count("pk", filter=Q(reviewed__isnull=False)),
            failed=Count("pk", filter=Q(verdict="")),
            first=Min("created"),
            last=Max("created"),
            **verdicts,
            **outcomes,
        )
    )


def _period(sums: Sums) -> str:
    if not sums.total:
        return "No inspections"
    return f"{sheet.moment(sums.first)} to {sheet.moment(sums.last)}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else NONE


def _tiles(sums: Sums) -> Table:
    tiles = [
        ("Inspected", f"{sums.total:,}", f"{sums.failed:,} without verdict" if sums.failed else "all judged"),
        ("Good", f"{sums.good:,}", _share(sums.good, sums.judged)),
        ("Defective", f"{sums.defective:,}", _share(sums.defective, sums.judged)),
        ("Undecided", f"{sums.undecided:,}", _share(sums.undecided, sums.judged)),
        ("Reviewed by people", f"{sums.reviewed:,}", _share(sums.reviewed, sums.judged)),
    ]
    big = {"fontName": fonts.STRONG, "fontSize": 17, "leading": 21}
    row = [[sheet.muted(name), sheet.text(value, **big), sheet.muted(share)] for name, value, share in tiles]
    look = [
        ("BACKGROUND", (0, 0), (-1, -1), sheet.PALE),
        ("ROUNDEDCORNERS", [5] * 4),
        ("LEFTPADDING", (0, 0), (-1, -1), 9),
        ("TOPPADDING", (0, 0), (-1, -1), 8),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 9),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *[("LINEBEFORE", (place, 0), (place, 0), 0.6, sheet.LINE) for place in range(1, len(row))],
    ]
    return Table([row], colWidths=[sheet.WIDTH / len(row)] * len(row), style=look)


def _parts(rows: QuerySet[Inspection], sums: Sums) -> Table:
    named = {
        "Category": "category__name",
        "Lot": "lot",
        "Station": "station",
        "Order": "order",
        "Model version": "version__number",
    }
    facts: list[tuple[str, Any]] = []
    for name, column in named.items():
        values = list(rows.values_list(column, flat=True).distinct().order_by(column)[:9])
        values = [f"v{value}" if name == "Model version" else str(value) for value in values if value]
        more = " and others" if len(values) > 8 else ""
        facts.append((name, f"{', '.join(values[:8])}{more}"))
    verdicts = f"{sums.ok:,} OK, {sums.review:,} REVIEW, {sums.anomaly:,} ANOMALY"
    return sheet.facts([*facts, ("Verdicts", verdicts)])


# --- Pareto ----------------------------------------------------------------------------------
def _pareto(rows: QuerySet[Inspection]) -> list[Any]:
    counted = rows.filter(outcome=Outcome.DEFECTIVE).values_list("defect_type").annotate(n=Count("pk"))
    counts = dict(counted.order_by("-n", "defect_type"))
    if not counts:
        return []
    types = DefectType.objects.in_bulk([pk for pk in counts if pk])
    bars = [(types[pk].name if pk in types else UNNAMED, n) for pk, n in counts.items()]
    shown = bars[:BARS]
    if len(bars) > BARS:
        shown.append(("Others", sum(n for _, n in bars[BARS:])))
    total, sofar, lines = sum(counts.values()), 0, []
    for name, n in shown:
        sofar += n
        lines.append((name, f"{n:,}", _share(n, total), _share(sofar, total)))
    head = ("Defect type", ">Parts", ">Share", ">Cumulative")
    widths = [sheet.WIDTH - 75 * mm, 25 * mm, 25 * mm, 25 * mm]
    return [
        KeepTogether([sheet.heading("Defects by type"), _chart(shown, total)]),
        Spacer(0, 2 * mm),
        sheet.listing(head, lines, widths),
    ]


def _chart(bars: list[tuple[str, int]], total: int) -> Drawing:
    """Bars from the most to the least, and how much they are together."""
    fonts.register()
    width, height, foot, right = sheet.WIDTH, 46 * mm, 6 * mm, 11 * mm
    drawing = Drawing(width, height)
    step, top, most = (width - right) / len(bars), height - foot - 4 * mm, max(n for _, n in bars)
    sofar, points = 0, []
    for share in (0.5, 1.0):
        y = foot + top * share
        drawing.add(Line(0, y, width - right, y, strokeColor=sheet.LINE, strokeWidth=0.5))
        drawing.add(_label(width - right + 3, y - 2.5, f"{share:.0%}"))
    for place, (name, n) in enumerate(bars):
        sofar += n
        x, tall = place * step, top * n / most * 0.92
        bar = Rect(x + step * 0.18, foot, step * 0.64, tall, fillColor=HexColor("#BF4750"))
        bar.strokeColor = None
        drawing.add(bar)
        drawing.add(_label(x + step / 2, foot - 9, fonts.cut(name, max(6, int(step / 4.4))), "middle"))
        points += [x + step / 2, foot + top * sofar / total]
    drawing.add(Line(0, foot, width - right, foot, strokeColor=sheet.INK, strokeWidth=0.8))
    drawing.add(PolyLine(points, strokeColor=sheet.INK, strokeWidth=1.1))
    for x, y in zip(points[::2], points[1::2], strict=True):
        drawing.add(Circle(x, y, 1.8, fillColor=sheet.INK, strokeColor=None))
    return drawing


def _label(x: float, y: float, words: str, anchor: str = "start") -> String:
    plain, font = fonts.one_font(words)
    return String(x, y, plain, fontName=font, fontSize=7.5, fillColor=sheet.MUTED, textAnchor=anchor)


# --- Photos ----------------------------------------------------------------------------------
def _photos(rows: QuerySet[Inspection], sums: Sums, most: int, on_photo: Callable[[], None]) -> list[Any]:
    """The worst first."""
    defective = rows.filter(outcome=Outcome.DEFECTIVE).select_related("decided_by")
    worst = list(defective.order_by("-relative_score", "-pk")[:most])
    if not worst:
        return [sheet.heading("Defective parts"), sheet.muted("There are none among these inspections.")]
    types = DefectType.objects.in_bulk({row.defect_type for row in worst if row.defect_type})
    gap = 4 * mm
    width = (sheet.WIDTH - gap * (ACROSS - 1)) / ACROSS
    cards = []
    for row in worst:
        on_photo()
        cards.append(_card(row, types, width))
    lines = [cards[start : start + ACROSS] for start in range(0, len(cards), ACROSS)]
    look = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), gap),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 10),
    ]
    tables = [
        Table(
            [line + [""] * (ACROSS - len(line))], colWidths=[width + gap] * ACROSS, style=look, hAlign="LEFT"
        )
        for line in lines
    ]
    words = (
        f"{len(worst):,} of {sums.defective:,}, the highest scores first."
        if len(worst) < sums.defective
        else ""
    )
    head = [sheet.heading("Defective parts"), *([sheet.muted(words)] if words else [])]
    return [KeepTogether([*head, tables[0]]), *tables[1:]]


def _card(row: Inspection, types: dict[int, DefectType], width: float) -> list[Any]:
    shown = sheet.pictures(row, side=480)
    picture = shown.mapped or shown.photo
    image = (
        sheet.drawn(picture, width, 44 * mm)
        if picture
        else sheet.muted("The photo is no longer in storage, or damaged.")
    )
    if picture:
        image.hAlign = "LEFT"
    score = scored(row)
    defect = types.get(row.defect_type or 0)
    what = str(defect) if defect else UNNAMED if row.reviewed else "Not reviewed"
    about = [f"{score.ratio}{TIMES}" if score and score.ratio else "", row.serial, f"no. {row.pk}"]
    return [
        image,
        sheet.text(fonts.cut(what, 26), fontName=fonts.STRONG, fontSize=8.8, leading=12),
        sheet.muted(fonts.cut(row.filename, 30), fontSize=7.6, leading=10),
        sheet.muted(" · ".join(filter(None, about)), fontSize=7.6, leading=10),
    ]
