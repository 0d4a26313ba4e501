"""A model's answer as a category takes it: by the limits at work, and with how sure it is."""

import logging
from dataclasses import replace
from typing import Any

import detection
from detection import Prediction
from detection.types import LEAST_STABLE
from inspector.inspections.place import MEMORY, fault_of_place
from inspector.registry.models import Deployment

log = logging.getLogger(__name__)


def examined(
    detector: "detection.Detector", deployment: Deployment, photo: Any, prediction: Prediction
) -> Prediction:
    """The score is the model's; a person may have decided since the training what it means.

    With its stability, if it is near a limit. That takes several photos' memory: if there is none, the
    verdict is given without it.
    """
    prediction = replace(prediction, threshold=deployment.threshold, review_from=deployment.review_from)
    least = LEAST_STABLE if deployment.review_unstable else 0.0
    try:
        [one] = detection.examine(detector, [photo], [prediction], least_stable=least)
    except Exception as problem:
        fault = fault_of_place(problem)
        if fault is None or fault.code not in MEMORY:
            raise
        log.warning("no memory to examine how stable a verdict is: it stays as it is")
        return prediction
    return one


def columns(prediction: Prediction) -> dict[str, Any]:
    """How sure it is, as an inspection keeps it."""
    low, high = prediction.p_interval or (None, None)
    known = prediction.stability
    return {
        "p_low": low,
        "p_high": high,
        "stable": known and known.same,
        "stable_of": known and known.of,
        "spread": prediction.spread,
    }
