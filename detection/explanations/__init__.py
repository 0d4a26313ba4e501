"""Why a photo was judged as it was: on request, each kind a file, for the methods that have it.

    from detection import load
    from detection.explanations import explain
    explain(load("runs/bottle/first"), "photo.jpg", "nearest", goods)

Which methods have which kinds: `detection.options.explanations`. How true they are: docs/explanations.md.
"""

from __future__ import annotations

from collections.abc import Callable

from detection.explanations import counterfactual, gradient, nearest, shap
from detection.explanations.types import (
    Explanation,
    GoodPhoto,
    GoodPhotos,
    NotExplained,
    Question,
    ignore,
)
from detection.judging.detector import Detector
from detection.options.explanations import (
    COUNTERFACTUAL,
    GRAD_CAM,
    KINDS,
    LAYERS,
    NEAREST,
    SHAP,
    kinds_of,
)
from detection.photos.transforms import PhotoSource
from detection.types import OnStep

__all__ = ["Explanation", "GoodPhoto", "GoodPhotos", "NotExplained", "explain"]

# By kind.
EXPLAIN: dict[str, Callable[[Question], Explanation]] = {
    NEAREST: nearest.explain,
    COUNTERFACTUAL: counterfactual.explain,
    SHAP: shap.explain,
    GRAD_CAM: gradient.grad_cam,
    LAYERS: gradient.layers,
}


def explain(
    detector: Detector,
    photo: PhotoSource,
    kind: str,
    goods: GoodPhotos,
    on_step: OnStep = ignore,
    *,
    threshold: float | None = None,
) -> Explanation:
    """An explanation of what the detector says of a photo.

    goods: finds the photos that its run has learned from. on_step: called with the progress; may raise
    Cancelled. threshold: the one that the photo was judged by, if not the run's own. Raises NotExplained for
    a kind that the method does not have; UnreadableImage.
    """
    if kind not in KINDS:
        raise NotExplained(f'There is no explanation "{kind}"; choose {" or ".join(KINDS)}.')
    if KINDS[kind] not in kinds_of(detector.method):
        raise NotExplained(
            f"{detector.method} has no “{KINDS[kind].title}”. {KINDS[kind].lacking} "
            f"Available kinds: {', '.join(one.name for one in kinds_of(detector.method)) or 'none'}."
        )
    limit = detector.threshold.value if threshold is None else threshold
    return EXPLAIN[kind](Question(detector, photo, goods, limit, on_step))
