"""Grad-CAM (Selvaraju et al. 2017, arXiv:1610.02391), and gradient times activation of layers; by captum.

For methods with a bank, the layers are the feature maps that are compared with it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from detection.explanations import pictures
from detection.explanations.shown import Shown
from detection.explanations.types import Explanation, NotExplained, Question
from detection.learning import device as devices
from detection.methods.traced import Traced
from detection.options.explanations import GRAD_CAM, KINDS, LAYERS
from detection.photos.transforms import to_unit


def grad_cam(question: Question) -> Explanation:
    """At the deepest feature map. Raises NotExplained for a method without gradients; UnreadableImage."""
    return _explain(question, GRAD_CAM)


def layers(question: Question) -> Explanation:
    """The sum over all feature maps, each in units of its largest value. Raises as `grad_cam`."""
    return _explain(question, LAYERS)


@devices.repeatable()
def _explain(question: Question, kind: str) -> Explanation:
    detector = question.detector
    traced = detector.model.traced()
    if traced is None:
        raise NotExplained(f"{KINDS[kind].lacking} Method: {detector.method}.")
    shown = Shown.of(question.photo, detector)
    image = to_unit(shown.prepared.pixels[None], detector.model.device)
    question.on_step(0, 1)
    values = _cam(traced, image) if kind == GRAD_CAM else _activations(traced, image)
    question.on_step(1, 1)
    facts: dict[str, Any] = {"threshold": question.threshold, "layers": list(traced.probes)}
    facts["says"] = [_SAYS[kind] if values.max() > 0 else _NOTHING]
    drawn = {"photo": shown.window, "heat": pictures.heat(shown.window, values)}
    return Explanation(kind, facts, drawn, values)


_NOTHING = "No place raises the score: there is nothing to show."
_OWN = "The scale is this photo's own."
_SAYS = {
    GRAD_CAM: f"The denser the colour, the more the score depends on the largest patches there. {_OWN}",
    LAYERS: f"The denser the colour, the more the features there add to the score. {_OWN}",
}


def _cam(traced: Traced, image: Tensor) -> NDArray[np.float32]:
    from captum.attr import LayerGradCam

    deepest = list(traced.probes.values())[-1]
    attributed = LayerGradCam(traced, deepest).attribute(image, relu_attributions=True)
    return _finished(attributed, image)


def _activations(traced: Traced, image: Tensor) -> NDArray[np.float32]:
    from captum.attr import LayerGradientXActivation

    total = torch.zeros(image.shape[2:], device=image.device)
    for probe in traced.probes.values():
        attributed = LayerGradientXActivation(traced, probe).attribute(image)
        one = torch.from_numpy(_finished(attributed.abs().sum(dim=1, keepdim=True), image)).to(total.device)
        total += one / one.max().clamp(min=1e-12)
    return np.asarray(total.cpu().numpy(), dtype=np.float32)


def _finished(attributed: Tensor, image: Tensor) -> NDArray[np.float32]:
    """An attribution [1, 1, h, w] at the size of the image, without values that are not numbers: at distances
    of 0 gradients are infinite."""
    calm = attributed.detach().float().nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
    whole = nn.functional.interpolate(calm, size=image.shape[2:], mode="bilinear", align_corners=False)
    return np.asarray(whole[0, 0].cpu().numpy(), dtype=np.float32)
