"""Where an anomaly map reaches the limits, as polygons in pixels of the photo: what a mark can begin with."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detection import MapScale
from detection.drawing import heatmap
from detection.drawing.outlines import polygons
from inspector.core import files
from inspector.inspections.legend import begins_at_review, scale_of
from inspector.inspections.models import Inspection

# Specks below this many pixels of the map show nothing, and thousands of points help nobody.
SMALLEST = 4
MOST_POINTS = 20_000
Ring = list[list[int]]


def outlines_of(inspection: Inspection) -> dict[str, list[Ring]]:
    """{"review": rings, "anomaly": rings}, each of points [x, y], filled by the even-odd rule.

    A limit that the map is not drawn from, and all of a map that is gone, has no ring.
    """
    rings: dict[str, list[Ring]] = {"review": [], "anomaly": []}
    scale, opacity = scale_of(inspection), _opacity(str(inspection.heatmap))
    if scale is None or opacity is None or inspection.threshold is None:
        return rings
    size = (inspection.width, inspection.height)
    if inspection.review_from is not None and begins_at_review(inspection, scale):
        rings["review"] = _rings(opacity, _level(inspection.review_from, scale), size)
    rings["anomaly"] = _rings(opacity, _level(inspection.threshold, scale), size)
    return rings


def _opacity(name: str) -> NDArray[np.uint8] | None:
    """Of the heatmap, which rises with the score: the map itself is not kept."""
    try:
        with Image.open(BytesIO(files.read(name)), formats=["PNG"]) as picture:
            return np.asarray(picture.convert("RGBA"))[:, :, 3] if name else None
    except (OSError, SyntaxError, ValueError):
        return None


def _level(value: float, scale: MapScale) -> float:
    shown = heatmap.opacity_at(max(value, scale.low), scale)
    # Nothing is drawn below where colours begin: halfway between nothing and the first colour.
    return shown / 2 if value <= scale.low else shown - 0.5


def _rings(opacity: NDArray[np.uint8], level: float, size: tuple[int, int]) -> list[Ring]:
    rings: list[Ring] = []
    points = 0
    for ring in polygons(opacity, level):
        points += len(ring)
        spread = np.ptp(ring * opacity.shape[::-1], axis=0)
        if points > MOST_POINTS:
            break
        if spread[0] * spread[1] >= SMALLEST:
            rings.append(np.rint(ring * size).astype(int).tolist())
    return rings
