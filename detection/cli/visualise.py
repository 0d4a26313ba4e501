"""The pictures and the table that `predict` writes."""

from __future__ import annotations

import math
from contextlib import suppress
from itertools import count
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from detection.drawing import heatmap
from detection.files import storage, tables
from detection.names import printable
from detection.types import NOT_THIS_PART, MapScale, Outcome, Prediction

SUMMARY = "predict_summary.csv"
# Files of earlier versions end with visualization_path; `image` comes last, so readers by position keep
# working.
HEADER = ("category", "score", "threshold", "prediction", "visualization_path", "image")
_SIDE, _GAP, _CAPTION = 480, 12, 34
_LEAST = 240  # px, of the longer side of an enlarged photo
_COLOURS: dict[Outcome, str] = {
    "OK": "#166534",
    "REVIEW": "#92400e",
    "ANOMALY": "#b91c1c",
    NOT_THIS_PART: "#3730a3",
}


def shrink(photo: Image.Image) -> Image.Image:
    """At the size that `draw` expects; a tiny photo is enlarged, so that its heatmap can be seen."""
    shown = photo.copy()
    shown.thumbnail((_SIDE, _SIDE))
    times = _LEAST // max(shown.size)
    if times > 1:
        shown = shown.resize((times * shown.width, times * shown.height), Image.Resampling.NEAREST)
    return shown


def draw(shown: Image.Image, prediction: Prediction, scale: MapScale) -> Image.Image:
    """Photo, reconstruction (of methods that make one) and heatmap side by side, below verdict and score."""
    panels = [("photo", shown), ("heatmap", heatmap.overlay(shown, prediction.anomaly_map, scale))]
    if prediction.reconstruction is not None:
        panels.insert(1, ("reconstruction", Image.fromarray(prediction.reconstruction).resize(shown.size)))
    outcome = prediction.outcome.replace("_", " ")
    estimated = " about" if prediction.decided_by == "draft" else ""
    text = f"{outcome}   score{estimated} {prediction.score:.6f}, threshold {prediction.threshold:.6f}"
    large, small = ImageFont.load_default(17), ImageFont.load_default(13)
    # A long, upright part may be narrower than what is written above it.
    step = _GAP + max(shown.width, *(math.ceil(small.getlength(name)) for name, _ in panels))
    width = _GAP + max(len(panels) * step, math.ceil(large.getlength(text)) + _GAP)
    picture = Image.new("RGB", (width, 2 * _CAPTION + shown.height + _GAP), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((_GAP, 9), text, fill=_COLOURS[prediction.outcome], font=large)
    for place, (name, panel) in enumerate(panels):
        left = _GAP + place * step
        pen.text((left, _CAPTION + 10), name, fill="#52606d", font=small)
        picture.paste(panel, (left, 2 * _CAPTION))
    return picture


def save(picture: Image.Image, folder: Path, name: str) -> Path:
    """As <name>.jpg, or <name>-2.jpg and so on: a picture that the table points to is never overwritten."""
    content = storage.encoded(picture, "JPEG", quality=90)
    for attempt in count(1):
        with suppress(FileExistsError):
            return storage.write_new(
                folder / (f"{name}.jpg" if attempt == 1 else f"{name}-{attempt}.jpg"), content
            )
    raise AssertionError("count never ends")


def append(folder: Path, category: str, prediction: Prediction, picture: Path, photo: Path) -> None:
    """Add a row to the table, and the header if the table is new or of an earlier version. What a draft
    decided has no score: its estimate is not to be compared with the others."""
    table = folder / SUMMARY
    _add_columns(table)
    score = prediction.score if prediction.decided_by == "model" else ""
    judged = (score, prediction.threshold, prediction.outcome)
    row = (category, *judged, printable(picture), printable(photo))
    new = not table.exists() or table.stat().st_size == 0
    storage.append(table, tables.lines([HEADER, row] if new else [row]))


def _add_columns(table: Path) -> None:
    """Give a table of an earlier version today's header; its rows are only shorter."""
    if not table.is_file():
        return
    with table.open(newline="", encoding="utf-8") as file:
        first = file.readline()
        if first.strip().split(",") != list(HEADER[:5]):
            return
        rest = file.read()
    storage.write_text(table, tables.lines([HEADER]) + rest)
