"""What takes the place of a part of the photo: a picture on which the model finds nothing unusual."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from detection.errors import UnreadableImage
from detection.explanations.types import NotExplained, Question
from detection.photos.transforms import to_unit
from detection.verdicts.scoring import plain

# Parts of a photo are replaced with a soft edge of so many px: a seam is unusual, too.
SOFT = 9
# Good photos that are looked at, evenly spread; fewer of the photo's shape make no mean.
LOOKED_AT, LEAST = 12, 3


@dataclass(frozen=True, slots=True)
class Background:
    """image: [3, H, W] in 0..1. words: what it is, for a sentence."""

    image: Tensor
    score: float
    words: str


def find(question: Question, image: Tensor) -> Background:
    """The mean of good photos, one of them, or the model's repair: what the model gives the lowest score.

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
            "No good photo of the same shape is known to replace parts of this photo with. Give the folder "
            "that was trained on, or retrain the category with such photos."
        )
    each = [(plain(model.judge(picture[None]).scores)[0], words, picture) for words, picture in offered]
    score, words, picture = min(each, key=lambda one: one[0])
    return Background(picture, score, words)


def _goods(question: Question, image: Tensor) -> list[Tensor]:
    """Some good photos that have the shape of this one, as the model reads them."""
    detector, photos = question.detector, []
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
        if pixels.shape == image.shape:
            photos.append(to_unit(pixels[None], detector.model.device)[0])
    return photos


def mixed(image: Tensor, ground: Tensor, kept: Tensor) -> Tensor:
    """Pictures [N, 3, H, W] of a photo [3, H, W] of which only some places [N, H, W] in 0..1 are kept; the
    background is in the place of the others."""
    share = nn.functional.avg_pool2d(
        kept[:, None], SOFT, stride=1, padding=SOFT // 2, count_include_pad=False
    )
    return ground + share * (image - ground)
