"""Counterfactual: the photo as the model would draw a good part, only where it finds something unusual."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from detection.explanations.shown import Shown
from detection.explanations.types import Explanation, NotExplained, Question
from detection.learning import device as devices
from detection.options.explanations import COUNTERFACTUAL, KINDS
from detection.photos.transforms import to_unit
from detection.verdicts.digits import in_digits
from detection.verdicts.scoring import plain

# Where the map is above this share of the threshold the photo is redrawn, with a soft edge of this many px.
_UNUSUAL, _SOFT = 0.5, 9


@devices.repeatable()
def explain(question: Question) -> Explanation:
    """Raises NotExplained for a method that draws no reconstruction; UnreadableImage."""
    detector = question.detector
    shown = Shown.of(question.photo, detector)
    image = to_unit(shown.prepared.pixels[None], detector.model.device)
    question.on_step(0, 2)
    judged = detector.model.judge(image)
    if judged.reconstructions is None:
        raise NotExplained(f"{KINDS[COUNTERFACTUAL].lacking} Method: {detector.method}.")
    drawn = judged.reconstructions.clamp(0, 1)
    share = _redrawn(judged.maps, question.threshold)
    repaired = image + share[:, None] * (drawn - image)
    question.on_step(1, 2)
    before, after = (plain(scores)[0] for scores in (judged.scores, detector.model.judge(repaired).scores))
    facts = {
        "score": before,
        "after": after,
        "threshold": question.threshold,
        "redrawn": float(share.mean()),
    }
    facts["says"] = _says(before, after, question.threshold, float(share.mean()))  # type: ignore[assignment]
    pictures = {"photo": shown.window, "repaired": _repaired(shown.window, share[0], drawn[0])}
    change = (drawn - image).abs().mean(dim=1)
    attribution = functional.avg_pool2d(change[:, None], 9, stride=1, padding=4)[0, 0] * share[0]
    return Explanation(COUNTERFACTUAL, facts, pictures, attribution.cpu().numpy().astype(np.float32))


def _redrawn(maps: Tensor, threshold: float) -> Tensor:
    """What share of each place of maps [N, H, W] is redrawn: [N, H, W] in 0..1."""
    least = _UNUSUAL * max(threshold, 1e-12)
    unusual = (maps >= least).float()[:, None]
    wide = functional.max_pool2d(unusual, _SOFT, stride=1, padding=_SOFT // 2)
    return functional.avg_pool2d(wide, _SOFT, stride=1, padding=_SOFT // 2, count_include_pad=False)[:, 0]


def _says(before: float, after: float, threshold: float, share: float) -> list[str]:
    if share <= 0:
        return ["The model finds nothing to redraw."]
    was, now, limit = in_digits(before), in_digits(after), in_digits(threshold)
    fall = f"The score falls from {was} to {now}"
    if before >= threshold > after:
        return [f"{fall}, below the threshold of {limit}: what was redrawn is why it is an anomaly."]
    if after < before:
        return [f"{fall}; the threshold is {limit}."]
    return [f"The score does not fall ({was}, then {now}), so the repair is not an explanation here."]


def _repaired(window: Image.Image, share: Tensor, drawn: Tensor) -> Image.Image:
    """The sharp photo, redrawn where the share [H, W] says; drawn: [3, H, W]."""
    colours = (drawn * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    picture = Image.fromarray(np.ascontiguousarray(colours)).resize(window.size, Image.Resampling.BICUBIC)
    mask = Image.fromarray((share * 255).round().to(torch.uint8).cpu().numpy()).resize(window.size)
    return Image.composite(picture, window, mask)
