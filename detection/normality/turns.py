"""Do parts lie at other angles, or mirrored? Estimated from good photos, never assumed.

A few dozen photos of parts that lie at any angle show few angles, and every further photo looks unusual.
There turned copies help. For parts that always lie the same way they would hide a defect: a part inserted the
wrong way round. So good photos are held back and compared, as they are and turned, with a bank of patches of
the others: a turn is supported if turned photos look no more unusual than the photos themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from detection import datasets
from detection.learning.progress import Watch
from detection.metrics.separation import Scores, auroc
from detection.networks.filterbank import FilterBank
from detection.normality.axes import Axes
from detection.normality.bank import PatchBank
from detection.normality.sampling import PatchSample, coreset
from detection.photos.image_cache import ImageCache
from detection.verdicts.scoring import topk_error

# Degrees, anticlockwise; and whether mirrored first.
Turn = tuple[float, bool]
AS_IS: Turn = (0.0, False)
# Sets of turns that are supported together or not at all.
SETS: dict[str, tuple[Turn, ...]] = {
    "mirrored": ((0, True),),
    "half": ((180, False),),
    "quarter": ((90, False), (180, False), (270, False)),
    "any": tuple((45 * eighths, False) for eighths in range(1, 8)),
}
# A set is supported if its AUROC against the photos as they are is at most this. 0.5 would be no difference;
# for parts that always lie the same way it is .8 or more, or little more than this where only a small print
# distinguishes them from their mirror image.
SUPPORTED = 0.6
# Maximum number of photos, number of folds, and minimum number of photos.
LOOKED_AT, FOLDS, LEAST = 60, 3, 12
# Copies are made only of few photos: many photos show the angles themselves. The approximate number of photos
# including copies, and the maximum number of copies per photo, unless given.
ENOUGH, MOST = 1000, 7
# Longer side of the photos that are turned, and of those that are compared, px.
_TURNED, _SIDE = 480, 160
_BATCH = 8
_SAMPLE, _BANK, _DIMENSIONS = 10_000, 1_000, 64


@dataclass(frozen=True, slots=True)
class Turns:
    """evidence: by set, the AUROC of turned good photos against the same photos as they are, by a bank of
    others; empty if there were too few. supported: the sets that good photos support. copies: the turns of
    the copies that are learned from."""

    evidence: dict[str, float]
    supported: tuple[str, ...] = ()
    copies: tuple[Turn, ...] = ()

    @property
    def any_angle(self) -> bool:
        """Whether parts lie at any angle, so that the places of two photos cannot be compared."""
        return "any" in self.supported

    def as_dict(self) -> dict[str, Any]:
        return {
            "evidence": self.evidence,
            "supported": list(self.supported),
            "copies": [list(turn) for turn in self.copies],
        }


NONE = Turns({})


def read(stored: dict[str, Any] | None) -> Turns:
    """The reverse of `as_dict`; none for older runs."""
    if not stored:
        return NONE
    turns = tuple((float(degrees), bool(mirrored)) for degrees, mirrored in stored["copies"])
    return Turns(dict(stored["evidence"]), tuple(stored["supported"]), turns)


def turned(images: Tensor, turn: Turn) -> Tensor:
    """Images [N, C, H, W] turned about their centre, in the same window; what comes in from outside is the
    photo mirrored at its border."""
    degrees, mirrored = turn
    images = images.flip(3) if mirrored else images
    if degrees % 180 == 0:
        return images.flip((2, 3)) if degrees % 360 else images
    from torchvision.transforms import functional  # slow to load, and seldom needed

    height, width = images.shape[2:]
    # As far as the corners of the window reach; a photo can be mirrored only once.
    room = min(math.ceil((math.hypot(height, width) - min(height, width)) / 2), min(height, width) - 1)
    wide = nn.functional.pad(images, [room] * 4, mode="reflect")
    wide = functional.rotate(wide, degrees, interpolation=functional.InterpolationMode.BILINEAR)
    cropped: Tensor = functional.center_crop(wide, [height, width])
    return cropped


def find(
    photos: ImageCache,
    seed: int,
    device: torch.device,
    watch: Watch,
    *,
    enough: int = ENOUGH,
    most: int = MOST,
) -> Turns:
    """The turns that good photos support, and the copies to learn from: about `enough` photos including
    copies, and at most `most` copies of one."""
    if len(photos) < LEAST:
        return NONE
    drawn = torch.randperm(len(photos), generator=torch.Generator().manual_seed(seed))[:LOOKED_AT]
    looked_at = photos.subset(drawn.sort().values.tolist())
    scores = _scores(looked_at, seed, device, watch)
    plain = scores[AS_IS]
    changed = {name: np.concatenate([scores[turn] for turn in turns]) for name, turns in SETS.items()}
    evidence = {name: round(auroc((plain, of_turned)), 3) for name, of_turned in changed.items()}
    supported = tuple(name for name, value in evidence.items() if value <= SUPPORTED)
    return Turns(evidence, supported, copies(supported, min(most, max(0, enough // len(photos) - 1))))


def copies(supported: Sequence[str], room: int) -> tuple[Turn, ...]:
    """At most `room` turns of these sets, evenly spread; every second one is mirrored if that is
    supported."""
    mirrors = "mirrored" in supported
    if "any" in supported:
        count = min(room, MOST)
        return tuple((n * 360 / (count + 1), mirrors and n % 2 == 1) for n in range(1, count + 1))
    straight = {turn[0] for name in ("half", "quarter") if name in supported for turn in SETS[name]}
    turns = [(float(degrees), False) for degrees in sorted(straight, key=lambda degrees: degrees != 180)]
    if mirrors:
        turns += [(degrees, True) for degrees in (0.0, *(degrees for degrees, _ in turns))]
    return tuple(turns[:room])


def _scores(photos: ImageCache, seed: int, device: torch.device, watch: Watch) -> dict[Turn, Scores]:
    """Scores of photos by banks of the others: as they are, and with each turn of a set."""
    asked = dict.fromkeys((AS_IS, *(turn for turns in SETS.values() for turn in turns)))
    by_turn: dict[Turn, list[Tensor]] = {turn: [] for turn in asked}
    for fold in datasets.deal(len(photos), FOLDS, seed):
        distance = _PatchDistance(photos.subset(sorted(set(range(len(photos))) - set(fold))), seed, device)
        for _, images in photos.subset(fold).batches(_BATCH, device):
            watch.check()
            smaller = _shrunk(images, _TURNED)
            for turn, scores in by_turn.items():
                scores.append(distance(turned(smaller, turn)))
    return {turn: torch.cat(scores).double().cpu().numpy() for turn, scores in by_turn.items()}


class _PatchDistance:
    """Scores photos by the distance of their patches from the nearest good ones, anywhere.

    Photos are shrunk again after turning, so that the loss of sharpness does not show; and only the circle
    that stays in the photo at any angle is used.
    """

    def __init__(self, photos: ImageCache, seed: int, device: torch.device) -> None:
        self._filters = FilterBank("none").to(device)
        sample = PatchSample(_SAMPLE, len(photos) * (_SIDE // 8) ** 2, seed)
        for _, images in photos.batches(_BATCH, device):
            sample.add(self._features(_shrunk(images, _TURNED)))
        vectors = sample.vectors()
        self._axes = Axes.of(vectors, _DIMENSIONS)
        on_axes = (vectors - self._axes.mean) @ self._axes.axes
        self._bank = PatchBank(on_axes[coreset(on_axes, _BANK, seed)])

    def __call__(self, images: Tensor) -> Tensor:
        with torch.inference_mode():
            distances = self._bank.distances(self._axes.project(self._features(images)))
            return topk_error(
                distances[:, None, _circle(distances.shape[1], distances.shape[2]).to(distances.device)]
            )

    def _features(self, images: Tensor) -> Tensor:
        fine: Tensor = self._filters(_shrunk(images, _SIDE))[0]
        return fine


def _shrunk(images: Tensor, side: int) -> Tensor:
    """Shrunk to this longer side, px, if larger; sides are multiples of 16."""
    share = min(1.0, side / max(images.shape[2:]))
    size = [max(16, round(length * share / 16) * 16) for length in images.shape[2:]]
    return images if tuple(size) == images.shape[2:] else nn.functional.interpolate(images, size, mode="area")


def _circle(height: int, width: int) -> Tensor:
    """Which places of a grid lie within the largest circle around its centre."""
    down = torch.arange(height)[:, None] - (height - 1) / 2
    across = torch.arange(width)[None] - (width - 1) / 2
    return down.square() + across.square() <= (min(height, width) / 2) ** 2
