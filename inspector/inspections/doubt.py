"""How hard a verdict was: the distance between score and threshold on the scale of good scores."""

import math
import statistics
from functools import lru_cache

from inspector.inspections.models import SMALLEST_THRESHOLD, Inspection
from inspector.registry.models import ModelVersion
from inspector.registry.selectors import test_scores

FEWEST = 3  # good test photos that have a spread
SMALLEST = 1e-30


def doubt(inspection: Inspection) -> float:
    """As the inspection keeps it, otherwise from its scores."""
    if inspection.doubt is not None:
        return inspection.doubt
    return doubt_of(inspection.score or 0.0, inspection.threshold or 0.0, inspection.version_id)


def doubt_of(score: float, threshold: float, version_id: int | None) -> float:
    """In deviations of the log scores of good test photos, as scores are products; 0 at the threshold."""
    distance = abs(math.log(max(score, SMALLEST) / max(threshold, SMALLEST_THRESHOLD)))
    return distance / (spread(version_id) if version_id else 1.0)


@lru_cache(maxsize=256)
def spread(version_id: int) -> float:
    """Of a version, whose test scores never change; 1 where it cannot be known."""
    good, _ = test_scores(ModelVersion(pk=version_id))
    return spread_of(good)


def spread_of(good: list[float]) -> float:
    logs = [math.log(score) for score in good if score > 0]
    deviation = statistics.stdev(logs) if len(logs) >= FEWEST else 0.0
    return deviation if deviation > 1e-6 else 1.0
