"""One inspection as a document: what was seen, what was said, and by what."""

import io
from typing import Any

from django.utils import timezone
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table

from inspector.core.templatetags.figures import NONE, percent, pixels
from inspector.exports.documents import fonts, sheet
from inspector.inspections.how_sure import interval_in_words, spread_in_words, stable_in_words
from inspector.inspections.models import Inspection, Verdict
from inspector.inspections.p_values import unusual
from inspector.inspections.parts import label_of
from inspector.inspections.templatetags.scores import TIMES, scored
from inspector.registry.methods import title as method_title
from inspector.reviews.marks import counting_mark
from inspector.reviews.models import Review
from inspector.reviews.selectors import reviews_of

GAP = 8 * mm
HALF = (sheet.WIDTH - GAP) / 2
LABEL = 24 * mm
VERDICTS = {
    Verdict.OK: "The photo looks like those of good parts.",
    Verdict.REVIEW: "The photo is between the limits: a person has to decide.",
    Verdict.ANOMALY: "The photo does not look like those of good parts.",
}
ABOUT_MAP = (
    "Colours show where the photo differs from good parts; they begin at the REVIEW "
    "limit. The SHA-256 below identifies the photo as received, byte for byte."
)


def document(inspection: Inspection, *, by: Any) -> bytes:
    """The PDF."""
    about = " · ".join(filter(None, (str(inspection.category), *_part(inspection))))
    story = [
        *sheet.title(inspection.filename, about, f"Inspection {inspection.pk}"),
        _said(inspection),
        Spacer(0, 6 * mm),
        *_seen(inspection),
        *_decisions(inspection),
        Spacer(0, 4 * mm),
        _side_by_side(
            [sheet.heading("The photo"), sheet.facts(_photo(inspection), HALF, LABEL)],
            [sheet.heading("The judgement"), sheet.facts(_judged(inspection), HALF, LABEL)],
        ),
    ]
    out = io.BytesIO()
    made = sheet.moment(timezone.now())
    foot = f"Inspection {inspection.pk} · made with Inspector by {by}, {made}"
    sheet.build(out, story, name=f"Inspection {inspection.pk}: {inspection.filename}", foot=foot)
    return out.getvalue()


def _side_by_side(*cells: list[Any], width: float = HALF) -> Table:
    look = [
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 0),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    row: list[Any] = [cells[0]]
    for cell in cells[1:]:
        row += ["", cell]
    widths = [width if at % 2 == 0 else GAP for at in range(len(row))]
    return Table([row], colWidths=widths, style=look, hAlign="LEFT")


def _part(inspection: Inspection) -> list[str]:
    names = ("lot", "serial", "station", "order")
    values = {name: getattr(inspection, name) for name in names} | inspection.part_fields
    return [f"{label_of(name)} {value}" for name, value in values.items() if value]


def _how_sure(inspection: Inspection) -> list[str]:
    stable = stable_in_words(inspection)
    said = (
        "Decided by a quick draft: score and anomaly map are estimates." if inspection.drafted else "",
        interval_in_words(inspection),
        stable and f"Stable in {stable} slight changes of the photo.",
        spread_in_words(inspection),
    )
    return [sentence for sentence in said if sentence]


def _said(inspection: Inspection) -> Table:
    """Verdict, score and outcome, which readers look for first."""
    score = scored(inspection)
    strong = {"fontName": fonts.STRONG, "fontSize": 12, "leading": 16}
    words = []
    if score:
        text = f"{score.ratio}{TIMES} the threshold" if score.ratio else f"{score.score} of {score.threshold}"
        words.append(sheet.text(text, **strong))
        words.append(sheet.muted(f"Score {score.score}, threshold {score.threshold}"))
    odd = unusual(inspection)
    words.append(sheet.muted(odd.words if odd else VERDICTS[Verdict(inspection.verdict)]))
    words += [sheet.muted(said) for said in _how_sure(inspection)]
    decided = [sheet.muted("Outcome"), sheet.pill(inspection.get_outcome_display(), inspection.outcome, 11)]
    decided.append(
        sheet.muted(
            f"Decided by {inspection.decided_by}" if inspection.decided_by else "By the verdict alone"
        )
    )
    verdict = [sheet.muted("Verdict"), sheet.pill(inspection.verdict, inspection.verdict, 15)]
    look = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("BACKGROUND", (0, 0), (-1, -1), sheet.PALE),
        ("ROUNDEDCORNERS", [5] * 4),
        ("LEFTPADDING", (0, 0), (-1, -1), 10),
        ("TOPPADDING", (0, 0), (-1, -1), 8),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 10),
    ]
    widths = [44 * mm, sheet.WIDTH - 92 * mm, 48 * mm]
    return Table([[verdict, words, decided]], colWidths=widths, style=look)


def _seen(inspection: Inspection) -> list[Any]:
    """Photo, map and a person's mark beside each other, none over the other."""
    shown = sheet.pictures(inspection)
    pictures = [
        (picture, words)
        for picture, words in (
            (shown.photo, "Photo"),
            (shown.mapped, "With its anomaly map"),
            _marked(inspection, shown),
        )
        if picture
    ]
    if not pictures:
        return [sheet.muted("The pictures of this inspection are no longer in storage, or damaged.")]
    width = (sheet.WIDTH - GAP * (len(pictures) - 1)) / len(pictures)
    cells = [
        [sheet.drawn(picture, width, 84 * mm), sheet.muted(words, spaceBefore=3)]
        for picture, words in pictures
    ]
    about = [sheet.muted(ABOUT_MAP, spaceBefore=2)] if shown.mapped else []
    return [*cells[0], *about] if len(cells) == 1 else [_side_by_side(*cells, width=width), *about]


def _marked(inspection: Inspection, shown: sheet.Shown) -> tuple[Any, str]:
    """Where a person sees the defect, and who; no picture where nobody marked it."""
    mark = counting_mark(inspection)
    if mark is None or shown.photo is None:
        return None, ""
    words = f"Outlined by {mark.person}, {sheet.short(mark.created)}: {percent(mark.share, 2)} of the photo"
    return sheet.outlined(shown.photo, str(mark.mask)), words


def _decisions(inspection: Inspection) -> list[Any]:
    reviews = list(reviews_of(inspection))
    if not reviews:
        return [
            KeepTogether([sheet.heading("Decisions"), sheet.muted("Nobody has decided about this photo.")])
        ]
    head = ("Decision", "Defect", "By", "When", "Comment")
    widths = [24 * mm, 34 * mm, 28 * mm, 30 * mm, sheet.WIDTH - 116 * mm]
    return [sheet.heading("Decisions"), sheet.listing(head, [_decision(one) for one in reviews], widths)]


def _decision(review: Review) -> tuple[Any, ...]:
    defect = ", ".join(
        filter(
            None,
            (
                str(review.defect_type or ""),
                review.get_severity_display().lower() if review.severity else "",
                review.get_disposition_display().lower() if review.disposition else "",
            ),
        )
    )
    gone = getattr(review, "withdrawal", None)
    comment = " ".join(
        filter(None, (review.comment, f"Withdrawn by {gone.person}. {gone.reason}" if gone else ""))
    )
    words = review.get_decision_display()
    return (
        f"{words} (withdrawn)" if gone else words,
        defect or NONE,
        str(review.person),
        sheet.short(review.created),
        comment or NONE,
    )


def _photo(inspection: Inspection) -> list[tuple[str, Any]]:
    size = f"{pixels(inspection.width, inspection.height)}, {inspection.bytes:,} bytes"
    return [
        ("File", inspection.filename),
        ("Sent", f"{sheet.moment(inspection.created)}, by {inspection.submitted_by}"),
        ("Batch", f"{inspection.batch_id}"),
        ("Size", size),
        ("Note", inspection.note),
        ("SHA-256", _hash(inspection.sha256)),
    ]


def _judged(inspection: Inspection) -> list[tuple[str, Any]]:
    version, score = inspection.version, scored(inspection)
    limits = f"ANOMALY from {score.threshold}" if score else ""
    if score and score.review_from:
        limits += f", REVIEW from {score.review_from}"
    deployment = inspection.deployment
    since = ""
    if deployment:
        who = f" by {deployment.by}" if deployment.by else ""
        since = (
            f"{sheet.moment(deployment.since)}{who}{f': {deployment.reason}' if deployment.reason else ''}"
        )
    return [
        ("Judged", sheet.moment(inspection.finished)),
        ("Model version", f"{version} ({method_title(version.method)})" if version else ""),
        ("Limits", limits),
        ("In use since", since),
        ("Model SHA-256", _hash(version.sha256) if version else ""),
    ]


def _hash(value: str) -> Paragraph | str:
    return Paragraph(value, sheet.style(fontName=fonts.MONO, fontSize=8.2)) if value else ""
