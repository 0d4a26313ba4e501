"""What takes the place of a part of the photo: a picture on which the model finds nothing unusual."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from detection.errors import UnreadableImage
from detection.explanations.types import NotExplained, Question
from detection.photos.transforms import to_unit
from detection.verdicts.scoring import plain

# Parts of a photo are replaced with a soft edge of this many px: a seam would be unusual, too.
SOFT = 9
# Number of good photos to read, evenly spread; and the least for a mean, and of the photo's own shape.
LOOKED_AT, LEAST = 12, 3


@dataclass(frozen=True, slots=True)
class Background:
    """image: [3, H, W] in 0..1. words: what it is, for a sentence."""

    image: Tensor
    score: float
    words: str


def find(question: Question, image: Tensor) -> Background:
    """The mean of good photos, one of them, or the model's repair: the one with the lowest score.

    image: the photo [3, H, W] in 0..1. Raises NotExplained where there is none of these.
    """
    model = question.detector.model
    offered: list[tuple[str, Tensor]] = []
    drawn = model.judge(image[None]).reconstructions
    if drawn is not None:
        offered.append(("the repaired photo", drawn[0].clamp(0, 1)))
    goods = _goods(question, image)
    if len(goods) >= LEAST:
        offered.append((f"the mean of {len(goods)} good photos", torch.stack(goods).mean(dim=0)))
    if goods:
        nearest = min(goods, key=lambda good: float((good - image).square().mean()))
        offered.append(("the good photo most like it", nearest))
    if not offered:
        raise NotExplained(
            "There is no good photo to replace parts of this photo with. Name the folder of good photos, or "
            "retrain the category."
        )
    each = [(plain(model.judge(picture[None]).scores)[0], words, picture) for words, picture in offered]
    score, words, picture = min(each, key=lambda one: one[0])
    return Background(picture, score, words)


def _goods(question: Question, image: Tensor) -> list[Tensor]:
    """Some good photos as the model reads them, in the shape of this one.

    Photos of another shape are stretched or squeezed to it, and used only if too few have it anyway.
    """
    detector = question.detector
    alike: list[Tensor] = []
    fitted: list[Tensor] = []
    hashes = detector.dataset.get("learned", [])
    step = max(1, len(hashes) // LOOKED_AT)
    for digest in hashes[::step][:LOOKED_AT]:
        good = question.goods.find(digest)
        if good.photo is None:
            continue
        try:
            pixels = detector.prepare(good.photo).pixels
        except (UnreadableImage, OSError):
            continue
        photo = to_unit(pixels[None], detector.model.device)
        if photo.shape[1:] == image.shape:
            alike.append(photo[0])
        else:
            size = image.shape[1:]
            fitted.append(nn.functional.interpolate(photo, size, mode="bilinear", antialias=True)[0])
    return alike if len(alike) >= LEAST else alike + fitted


def mixed(image: Tensor, ground: Tensor, kept: Tensor) -> Tensor:
    """Pictures [N, 3, H, W] of a photo [3, H, W] of which only some places [N, H, W] in 0..1 are kept; the
    background replaces the others."""
    share = nn.functional.avg_pool2d(
        kept[:, None], SOFT, stride=1, padding=SOFT // 2, count_include_pad=False
    )
    return ground + share * (image - ground)
