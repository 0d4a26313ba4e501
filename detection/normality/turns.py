"""Do parts lie at other angles, or mirrored? Estimated from good photos, never assumed.

A few dozen photos of parts that lie at any angle show few angles, and every further photo looks unusual.
There copies that are turned help. Of parts that always lie alike they would hide what is wrong: a part put in
the wrong way round. So good photos are held back, and looked at as they are and turned, by a bank of patches
of the other ones: a turn is supported where turned photos look no more unusual than the photos themselves.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torchvision.transforms import functional

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
# A set is supported where its AUROC against the photos as they are is at most this. Half would be no
# difference; of parts that always lie alike it is .8 and more, or little more than this where a small print
# alone tells them from their mirror image.
SUPPORTED = 0.6
# Photos looked at, at most, and in how many folds; fewer show nothing.
LOOKED_AT, FOLDS, LEAST = 60, 3, 12
# Copies are made of few photos only: many show the angles themselves. About so many photos with copies, and
# so many copies of one at most, unless others are asked for.
ENOUGH, MOST = 1000, 7
# Longer side of the photos that are turned, and of those that are looked at, px.
_TURNED, _SIDE = 480, 160
_BATCH = 8
_SAMPLE, _BANK, _DIMENSIONS = 10_000, 1_000, 64


@dataclass(frozen=True, slots=True)
class Turns:
    """evidence: by set, the AUROC of turned good photos against the same as they are, by a bank of others;
    empty where there were too few. supported: the sets that good photos support. copies: the turns that
    each photo is learned from besides."""

    evidence: dict[str, float]
    supported: tuple[str, ...] = ()
    copies: tuple[Turn, ...] = ()

    @property
    def any_angle(self) -> bool:
        """Parts that lie at any angle: no place of a photo is like the same place of another."""
        return "any" in self.supported

    def as_dict(self) -> dict[str, Any]:
        return {
            "evidence": self.evidence,
            "supported": list(self.supported),
            "copies": [list(turn) for turn in self.copies],
        }


NONE = Turns({})


def read(stored: dict[str, Any] | None) -> Turns:
    """What `as_dict` gave; none for runs from before there were any."""
    if not stored:
        return NONE
    turns = tuple((float(degrees), bool(mirrored)) for degrees, mirrored in stored["copies"])
    return Turns(dict(stored["evidence"]), tuple(stored["supported"]), turns)


def turned(images: Tensor, turn: Turn) -> Tensor:
    """Images [N, C, H, W] turned about their middle, in the same window: what comes in from outside is the
    photo mirrored at its border."""
    degrees, mirrored = turn
    images = images.flip(3) if mirrored else images
    if degrees % 180 == 0:
        return images.flip((2, 3)) if degrees % 360 else images
    height, width = images.shape[2:]
    # As far as the corners of the window come; a photo can be mirrored once only.
    room = min(math.ceil((math.hypot(height, width) - min(height, width)) / 2), min(height, width) - 1)
    wide = nn.functional.pad(images, [room] * 4, mode="reflect")
    wide = functional.rotate(wide, degrees, interpolation=functional.InterpolationMode.BILINEAR)
    found: Tensor = functional.center_crop(wide, [height, width])
    return found


def find(
    photos: ImageCache,
    seed: int,
    device: torch.device,
    watch: Watch,
    *,
    enough: int = ENOUGH,
    most: int = MOST,
) -> Turns:
    """Which turns good photos support, and the copies to learn from besides: about `enough` photos with them,
    and at most `most` of one."""
    if len(photos) < LEAST:
        return NONE
    drawn = torch.randperm(len(photos), generator=torch.Generator().manual_seed(seed))[:LOOKED_AT]
    looked_at = photos.subset(drawn.sort().values.tolist())
    scores = _scores(looked_at, seed, device, watch)
    plain = scores[AS_IS]
    changed = {name: np.concatenate([scores[turn] for turn in turns]) for name, turns in SETS.items()}
    evidence = {name: round(auroc((plain, found)), 3) for name, found in changed.items()}
    supported = tuple(name for name, value in evidence.items() if value <= SUPPORTED)
    return Turns(evidence, supported, copies(supported, min(most, max(0, enough // len(photos) - 1))))


def copies(supported: Sequence[str], room: int) -> tuple[Turn, ...]:
    """At most so many turns of these sets, spread evenly; every second one mirrored where it is supported."""
    mirrors = "mirrored" in supported
    if "any" in supported:
        count = min(room, MOST)
        return tuple((n * 360 / (count + 1), mirrors and n % 2 == 1) for n in range(1, count + 1))
    straight = {turn[0] for name in ("half", "quarter") if name in supported for turn in SETS[name]}
    found = [(float(degrees), False) for degrees in sorted(straight, key=lambda degrees: degrees != 180)]
    if mirrors:
        found += [(degrees, True) for degrees in (0.0, *(degrees for degrees, _ in found))]
    return tuple(found[:room])


def _scores(photos: ImageCache, seed: int, device: torch.device, watch: Watch) -> dict[Turn, Scores]:
    """How unusual photos are to banks of the others: as they are, and by each turn of a set."""
    asked = dict.fromkeys((AS_IS, *(turn for turns in SETS.values() for turn in turns)))
    found: dict[Turn, list[Tensor]] = {turn: [] for turn in asked}
    for fold in datasets.deal(len(photos), FOLDS, seed):
        look = _Look(photos.subset(sorted(set(range(len(photos))) - set(fold))), seed, device)
        for _, images in photos.subset(fold).batches(_BATCH, device):
            watch.check()
            smaller = _shrunk(images, _TURNED)
            for turn, scores in found.items():
                scores.append(look(turned(smaller, turn)))
    return {turn: torch.cat(scores).double().cpu().numpy() for turn, scores in found.items()}


class _Look:
    """How unusual photos are: the distance of patches from the nearest good ones, wherever these were.

    Small ones, shrunk once more after they were turned, so that what a turn takes of their sharpness does not
    show; and only within the circle that stays in the photo whatever the angle.
    """

    def __init__(self, photos: ImageCache, seed: int, device: torch.device) -> None:
        self._filters = FilterBank(lines=False).to(device)
        sample = PatchSample(_SAMPLE, len(photos) * (_SIDE // 8) ** 2, seed)
        for _, images in photos.batches(_BATCH, device):
            sample.add(self._features(_shrunk(images, _TURNED)))
        vectors = sample.vectors()
        self._axes = Axes.of(vectors, _DIMENSIONS)
        on_axes = (vectors - self._axes.mean) @ self._axes.axes
        self._bank = PatchBank(on_axes[coreset(on_axes, _BANK, seed)])

    def __call__(self, images: Tensor) -> Tensor:
        with torch.inference_mode():
            found = self._bank.distances(self._axes.project(self._features(images)))
            return topk_error(found[:, None, _circle(found.shape[1], found.shape[2]).to(found.device)])

    def _features(self, images: Tensor) -> Tensor:
        fine: Tensor = self._filters(_shrunk(images, _SIDE))[0]
        return fine


def _shrunk(images: Tensor, side: int) -> Tensor:
    """To this longer side, px, where they are larger; sides are multiples of 16."""
    share = min(1.0, side / max(images.shape[2:]))
    size = [max(16, round(length * share / 16) * 16) for length in images.shape[2:]]
    return images if tuple(size) == images.shape[2:] else nn.functional.interpolate(images, size, mode="area")


def _circle(height: int, width: int) -> Tensor:
    """Which places of a grid lie within the largest circle about its middle."""
    down = torch.arange(height)[:, None] - (height - 1) / 2
    across = torch.arange(width)[None] - (width - 1) / 2
    return down.square() + across.square() <= (min(height, width) / 2) ** 2
