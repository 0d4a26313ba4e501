"""What all documents share: page, colours, styles, pictures, tables of facts."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from PIL import Image as Pictures
from PIL import ImageChops, ImageFilter
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Image, Paragraph, SimpleDocTemplate, Spacer, Table

from inspector.core import files
from inspector.core.templatetags.figures import NONE
from inspector.exports.documents import fonts
from inspector.exports.documents.fonts import marked
from inspector.inspections.models import Inspection

MARGIN = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
INK, MUTED, LINE, PALE = map(HexColor, ("#17212B", "#5B6773", "#D5DBE1", "#F3F5F7"))
# Letters and ground of verdicts and outcomes.
TONES = {
    name: tuple(map(HexColor, pair))
    for name, pair in {
        "OK": ("#1B6B3A", "#E3F2E8"),
        "good": ("#1B6B3A", "#E3F2E8"),
        "REVIEW": ("#7A5200", "#FFF1CC"),
        "open": ("#7A5200", "#FFF1CC"),
        "ANOMALY": ("#A3161F", "#FBE3E4"),
        "defective": ("#A3161F", "#FBE3E4"),
    }.items()
}
SIDE = 1400  # px of a picture
SHARP = [255 if value >= 128 else 0 for value in range(256)]
PADDING = 6  # of the frame of SimpleDocTemplate


def style(name: str = "text", **values: Any) -> ParagraphStyle:
    fonts.register()
    base = {"fontName": fonts.TEXT, "fontSize": 9.5, "leading": 13.5, "textColor": INK}
    return ParagraphStyle(name, **base | values)


def text(words: object, **values: Any) -> Paragraph:
    return Paragraph(marked(words), style(**values))


def muted(words: object, **values: Any) -> Paragraph:
    return text(words, **{"textColor": MUTED, "fontSize": 8.5, "leading": 11.5} | values)


def title(words: object, about: object = "", kind: str = "") -> list[Any]:
    parts: list[Any] = []
    if kind:
        parts.append(text(kind.upper(), fontName=fonts.STRONG, fontSize=8, leading=11, textColor=MUTED))
    parts.append(text(fonts.cut(words, 90), fontName=fonts.STRONG, fontSize=19, leading=24))
    if about:
        parts.append(text(about, textColor=MUTED, fontSize=10.5, leading=15))
    return [*parts, Spacer(0, 5 * mm)]


def heading(words: str) -> Paragraph:
    values = {"fontName": fonts.STRONG, "fontSize": 11.5, "leading": 15, "spaceBefore": 16, "spaceAfter": 6}
    return text(words, keepWithNext=True, **values)


def moment(value: datetime | None) -> str:
    """With its zone, because this will be read elsewhere."""
    if value is None:
        return NONE
    local = timezone.localtime(value)
    offset = f"{local:%z}"
    zone = "UTC" if offset == "+0000" else f"{local:%Z} (UTC{offset[:3]}:{offset[3:]})"
    return f"{date_format(local, 'j F Y, H:i:s')} {zone}"


def short(value: datetime | None) -> str:
    return date_format(timezone.localtime(value), "j M Y H:i") if value else NONE


def pill(words: str, tone: str, size: float = 9) -> Table:
    """A word on its colour; the word alone says what the colour says."""
    letters, ground = TONES[tone]
    label = text(words, fontName=fonts.STRONG, fontSize=size, leading=size * 1.25, textColor=letters)
    width = label.minWidth() + size * 2
    pad = size * 0.45
    look = [
        ("BACKGROUND", (0, 0), (-1, -1), ground),
        ("ROUNDEDCORNERS", [size * 0.4] * 4),
        ("LEFTPADDING", (0, 0), (-1, -1), size * 0.9),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), pad),
        ("BOTTOMPADDING", (0, 0), (-1, -1), pad + 1),
    ]
    return Table([[label]], colWidths=[width], style=look, hAlign="LEFT")


def facts(pairs: Sequence[tuple[str, Any]], width: float = WIDTH, label: float = 31 * mm) -> Table:
    """Names and values; a value may be more than text. Left out where there is none."""
    cells = [
        [muted(name), value if not isinstance(value, str) else text(value)] for name, value in pairs if value
    ]
    look = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LINEBELOW", (0, 0), (-1, -2), 0.4, LINE),
    ]
    return Table(cells, colWidths=[label, width - label], style=look, hAlign="LEFT")


def listing(head: Sequence[str], rows: Sequence[Sequence[Any]], widths: Sequence[float]) -> Table:
    """A table whose head comes again on each page; numbers are at the right where a head begins with ">"."""
    right = {place for place, words in enumerate(head) if words.startswith(">")}
    look: list[Any] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.8, INK),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, LINE),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]

    def cell(value: Any, place: int, **values: Any) -> Any:
        if not isinstance(value, str | int | float):
            return value
        return text(value, **values | ({"alignment": TA_RIGHT} if place in right else {}))

    first = [
        cell(words.lstrip(">"), place, fontName=fonts.STRONG, fontSize=8.5, leading=11)
        for place, words in enumerate(head)
    ]
    rest = [[cell(value, place, fontSize=8.8, leading=12) for place, value in enumerate(row)] for row in rows]
    return Table([first, *rest], colWidths=list(widths), style=look, repeatRows=1, hAlign="LEFT")


# --- Pictures --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Shown:
    """A photo as people see it, plain and with its map; None where it is gone or damaged."""

    photo: Pictures.Image | None
    mapped: Pictures.Image | None


def pictures(inspection: Inspection, *, side: int = SIDE, kind: str = "preview") -> Shown:
    """Of what the system drew for people, never of what was sent in."""
    photo = _opened(str(getattr(inspection, kind) or ""))
    if photo is None:
        return Shown(None, None)
    photo = photo.convert("RGB")
    photo.thumbnail((side, side))
    layer = _opened(str(inspection.heatmap or ""))
    if layer is None:
        return Shown(photo, None)
    layer = layer.convert("RGBA").resize(photo.size, Pictures.Resampling.BILINEAR)
    return Shown(photo, Pictures.alpha_composite(photo.convert("RGBA"), layer).convert("RGB"))


def outlined(photo: Pictures.Image, mask: str) -> Pictures.Image | None:
    """The photo with a line around what a mask marks; None where the mask is gone."""
    marked = _opened(mask)
    if marked is None:
        return None
    inside = marked.convert("L").resize(photo.size, Pictures.Resampling.BILINEAR).point(SHARP)
    drawn_on = photo.convert("RGB")
    # From the outermost line inwards, so that it is seen on light and on dark parts.
    for colour, reach in (("#101315", 9), ("#5ce1ff", 5)):
        line = ImageChops.subtract(inside.filter(ImageFilter.MaxFilter(reach)), inside)
        drawn_on.paste(colour, mask=line)
    return drawn_on


def _opened(name: str) -> Pictures.Image | None:
    """None where it is gone or damaged. A storage that fails is no such thing: then there is no document."""
    if not name:
        return None
    try:
        content = files.read(name)
    except (FileNotFoundError, files.NotAFile):
        return None
    try:
        picture = Pictures.open(io.BytesIO(content))
        picture.load()  # opened is its header alone
    except (OSError, SyntaxError, ValueError, EOFError):
        return None
    return picture


def drawn(picture: Pictures.Image, width: float, height: float) -> Image:
    """As large as fits."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    scale = min(width / picture.width, height / picture.height)
    return Image(out, picture.width * scale, picture.height * scale)


# --- Page ------------------------------------------------------------------------------------
class _Numbered(Canvas):
    """Knows the number of pages when it draws the footers."""

    foot = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page in self._pages:
            self.__dict__.update(page)
            self._draw_foot(len(self._pages))
            super().showPage()
        super().save()

    def _draw_foot(self, pages: int) -> None:
        self.setStrokeColor(LINE)
        self.setLineWidth(0.5)
        self.line(MARGIN, 15 * mm, A4[0] - MARGIN, 15 * mm)
        foot = muted(self.foot, fontSize=7.5)
        foot.wrapOn(self, WIDTH - 25 * mm, 10 * mm)
        foot.drawOn(self, MARGIN, 10.2 * mm)
        self.setFillColor(MUTED)
        self.setFont(fonts.TEXT, 7.5)
        self.drawRightString(A4[0] - MARGIN, 11.2 * mm, f"Page {self._pageNumber} of {pages}")


def build(target: Any, story: list[Any], *, name: str, foot: str) -> None:
    """Write the document to a path or a file."""
    fonts.register()
    made = SimpleDocTemplate(
        target,
        pagesize=A4,
        # Its frame has a padding of its own.
        leftMargin=MARGIN - PADDING,
        rightMargin=MARGIN - PADDING,
        topMargin=16 * mm,
        bottomMargin=20 * mm,
        title=name,
        author="Inspector",
        creator="Inspector",
    )
    made.build(story, canvasmaker=type("Foot", (_Numbered,), {"foot": foot}))
