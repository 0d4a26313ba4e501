"""What the colours and lines over a photo stand for: a fixed scale that belongs to the deployment."""

from dataclasses import dataclass

from detection import MapScale
from detection.drawing import heatmap
from inspector.inspections.models import Inspection

_NAMES = {0: "REVIEW", 1: "threshold"}


@dataclass(frozen=True, slots=True)
class Legend:
    """Colours by their place on the bar (percent), the values at its ends, where the threshold lies on it.

    levels: of the contour lines, in words and as values. from_review: whether colours begin where REVIEW
    does; those of versions made before there were two limits begin at the threshold.
    """

    stops: list[tuple[str, str]]
    low: float
    high: float
    threshold_place: float
    levels: list[tuple[str, float]]
    from_review: bool


def legend_of(inspection: Inspection) -> Legend | None:
    """None while no version has judged the photo."""
    scale = scale_of(inspection)
    if scale is None or inspection.threshold is None:
        return None
    colours = heatmap.legend(scale)
    step = 100 / max(1, len(colours) - 1)
    stops = [(f"{n * step:.1f}%", colour) for n, colour in enumerate(colours)]
    span = scale.high - scale.low
    place = (inspection.threshold - scale.low) / span if span > 0 else 0.0
    levels = [
        (_NAMES.get(times, f"{times}\N{MULTIPLICATION SIGN}"), value)
        for times, value in heatmap.named_levels(scale)
    ]
    from_review = begins_at_review(inspection, scale)
    return Legend(stops, scale.low, scale.high, 100 * min(1.0, max(0.0, place)), levels, from_review)


def scale_of(inspection: Inspection) -> MapScale | None:
    """The scale its map was drawn by; None while no version has judged the photo."""
    # Where it is not known which deployment judged it, its limits were those of the version.
    source = inspection.deployment or inspection.version
    return MapScale(source.map_low, source.map_high) if source else None


def begins_at_review(inspection: Inspection, scale: MapScale) -> bool:
    """Whether the map is drawn from the REVIEW limit on, and not only from the threshold."""
    return inspection.review_from is not None and scale.low <= inspection.review_from
