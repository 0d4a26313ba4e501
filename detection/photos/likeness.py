"""Which photos are near-duplicates, among many of parts that all look alike.

Photos of one kind of part on one fixture have similar perceptual hashes (dHash, pHash): what they have in
common dominates. So that is removed first. From a grey thumbnail of 64 x 64 of each photo, slow changes of
light are removed (minus itself blurred, sigma 2 px), it is scaled to unit length, and the mean over the
category is subtracted. The remainder is specific to the photo: grain, dust, how the part lay. The distance of
two photos is 1 - r, where r is the correlation of their remainders: about 1 for different parts, below 0.05
for one photo that was saved again, brightened, shrunk or noisy, and about 0.1 for a second shot of a part
that was not touched in between.

The limit is CAP, or less where parts vary in a few ways only, such as how they lie: there, among many, some
are close by chance. How close follows from how fast neighbours accumulate with distance: if the k-th nearest
photo is at d and the 2k-th at e (medians over all photos, k = 10), their number grows as distance ** a, a =
log 2 / log(e / d), and by chance n * k / 2 * (x / d) ** a pairs are within x. The limit is the x where that
is CHANCE: in one of twenty such categories a pair is that close by chance. The 10th nearest and not the 1st,
because where parts were shot several times the nearest are duplicates themselves. Parts that were each shot
more than ten times are not detected.

A strong feature in the same place, such as a hole in each of the defective parts, may dominate the remainders
of two photos. So faint details have to agree, too: the distance of the cube roots of the remainders must not
exceed FAINT; photos of one part have about 0.1 to 0.25 there.

Identical files are detected by their hash and count as one photo here. With fewer than FEWEST photos, what is
common cannot be told from what is specific: none of them are near-duplicates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

THUMB = 64  # px: the size that photos are compared at
FEWEST = 12
CAP = 0.15  # r of .85
CHANCE = 0.05
FAINT = 0.3
# See `siblings`: this many are compared in a second or two.
COMPARED, FAMILY = 2000, 0.2
_SIGMA = 2.0
_ROWS = 512  # of the matrix of distances in memory at once
_MOST_ALIKE = 50  # pairs of one photo: a thousand copies of it must not make a million pairs

Floats = NDArray[np.float32]
Pair = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How similar the photos are, apart from what they all have in common.

    nearest: the distance of each photo to the most similar one, in the order of the photos. typical: the
    median distance to the 10th nearest. limit: two photos at this distance or closer are near-duplicates; 0
    where there are too few photos to tell. groups: near-duplicates by name, with the largest of their
    distances to the most similar photo.
    """

    nearest: tuple[float, ...] = ()
    typical: float = 0.0
    limit: float = 0.0
    groups: tuple[tuple[float, tuple[str, ...]], ...] = ()


def thumb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The thumbnail of a photo uint8 [3, H, W]."""
    grey = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).convert("L")
    return np.asarray(grey.resize((THUMB, THUMB), Image.Resampling.BOX))


def nearly_same(
    names: Sequence[str], thumbs: Sequence[NDArray[np.uint8]], check: Callable[[], None] = lambda: None
) -> Likeness:
    """Near-duplicates among photos by their thumbnails [64, 64]; `check` is called now and then and may
    raise.

    Takes n^2 * 8,192 operations and 8 KB per photo: a second or two for 2,000 photos.
    """
    if len(thumbs) < FEWEST:
        return Likeness()
    own = remains(thumbs)
    nearest, around, pairs = _compare(own, check)
    typical, far = (float(np.median(distances)) for distances in around)
    limit = _limit(typical, far, len(own))
    close = _also_faintly(own, [pair for pair in pairs if pair[2] <= limit])
    return Likeness(
        nearest=tuple(round(float(distance), 4) for distance in nearest),
        typical=round(typical, 4),
        limit=round(limit, 4),
        groups=tuple(_groups(names, close)),
    )


def siblings(thumbs: Sequence[NDArray[np.uint8] | None]) -> tuple[tuple[int, ...], ...]:
    """Of each photo, the numbers of its near-duplicates, itself among them.

    Photos past COMPARED are alone, and so are those with near-duplicates in more than FAMILY of all: without
    them, too little would be left to compare with.
    """
    alone: list[tuple[int, ...]] = [(number,) for number in range(len(thumbs))]
    known = [thumb for thumb in thumbs[:COMPARED] if thumb is not None]
    if len(known) < min(len(thumbs), COMPARED):
        return tuple(alone)
    for _, names in nearly_same([str(number) for number in range(len(known))], known).groups:
        group = tuple(int(name) for name in names)
        for number in group if len(group) <= FAMILY * len(thumbs) else ():
            alone[number] = group
    return tuple(alone)


def remains(thumbs: Sequence[NDArray[np.uint8]]) -> NDArray[np.float16]:
    """The remainder of each photo: [N, 4096], of unit length. In half precision, which halves the memory."""
    blur = _blur(thumbs[0].shape[0])
    own = np.empty((len(thumbs), thumbs[0].size), dtype=np.float16)
    mean = np.zeros(thumbs[0].size, dtype=np.float64)
    for i, thumb in enumerate(thumbs):
        grey = thumb.astype(np.float32)
        sharp = _unit((grey - blur @ grey @ blur.T).ravel())
        mean += sharp
        own[i] = sharp
    common = (mean / len(thumbs)).astype(np.float32)
    for i, row in enumerate(own):
        own[i] = _unit(row.astype(np.float32) - common)
    return own


def _unit(vector: NDArray[Any]) -> Floats:
    centred = vector - vector.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-6), dtype=np.float32)


def _blur(size: int) -> Floats:
    """B such that B @ image @ B.T is the blurred image; rows sum to 1, also at the edges."""
    places = np.arange(size)
    weights = np.exp(-0.5 * ((places[:, None] - places) / _SIGMA) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)


def _neighbour(count: int) -> int:
    """k; less with few photos, so that the 2k-th nearest is not among the farther half."""
    return min(10, (count - 1) // 4)


def _limit(near: float, far: float, count: int) -> float:
    """From the distances to the k-th and 2k-th neighbour; 0 where the photos have no remainders."""
    if near <= 0:
        return 0.0
    growth = math.log(2) / math.log(max(far / near, 1 + 1e-6))
    rare: float = (2 * CHANCE / (count * _neighbour(count))) ** (1 / growth)
    return min(CAP, near * rare)


def _compare(
    own: NDArray[np.float16], check: Callable[[], None]
) -> tuple[Floats, tuple[Floats, Floats], list[Pair]]:
    """Distances to the nearest, k-th and 2k-th neighbours, and the pairs within CAP."""
    count = len(own)
    k = _neighbour(count)
    nearest, near, far = (np.empty(count, np.float32) for _ in range(3))
    pairs: list[Pair] = []
    for start in range(0, count, _ROWS):
        check()
        rows = slice(start, min(start + _ROWS, count))
        distances = _distances(own, rows)
        placed = np.partition(distances, (0, k - 1, 2 * k - 1), axis=1)
        nearest[rows], near[rows], far[rows] = placed[:, 0], placed[:, k - 1], placed[:, 2 * k - 1]
        pairs += _close(distances, start)
    return np.maximum(nearest, 0), (near, far), pairs


def _distances(own: NDArray[np.float16], rows: slice) -> Floats:
    """[rows, N]; the distance of a photo to itself is infinite."""
    block = own[rows].astype(np.float32)
    distances = np.empty((len(block), len(own)), np.float32)
    for start in range(0, len(own), _ROWS):
        columns = slice(start, min(start + _ROWS, len(own)))
        distances[:, columns] = 1 - block @ own[columns].astype(np.float32).T
    distances[np.arange(len(block)), np.arange(rows.start, rows.stop)] = np.inf
    return distances


def _close(distances: Floats, start: int) -> list[Pair]:
    pairs: list[Pair] = []
    for row in np.flatnonzero((distances <= CAP).any(axis=1)):
        near = np.flatnonzero(distances[row] <= CAP)
        near = near[np.argsort(distances[row, near], kind="stable")][:_MOST_ALIKE]
        pairs += [(start + int(row), int(other), float(distances[row, other])) for other in near]
    return pairs


def _also_faintly(own: NDArray[np.float16], pairs: list[Pair]) -> list[Pair]:
    """Those pairs whose faint details agree, too."""
    kept = []
    for start in range(0, len(pairs), _ROWS):
        some = pairs[start : start + _ROWS]
        one, other = _faint(own[[i for i, _, _ in some]]), _faint(own[[j for _, j, _ in some]])
        agree = 1 - np.einsum("ij,ij->i", one, other) <= FAINT
        kept += [pair for pair, alike in zip(some, agree, strict=True) if alike]
    return kept


def _faint(rows: NDArray[np.float16]) -> Floats:
    roots = np.cbrt(rows.astype(np.float32))
    return np.asarray(roots / np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-6))


def _groups(names: Sequence[str], pairs: Sequence[Pair]) -> list[tuple[float, tuple[str, ...]]]:
    """Photos connected by close pairs; the group of the closest pair first."""
    leader: dict[int, int] = {}

    def leader_of(i: int) -> int:
        while leader.setdefault(i, i) != i:
            i = leader[i]
        return i

    for i, j, _ in pairs:
        first, other = sorted((leader_of(i), leader_of(j)))
        leader[other] = first
    members: dict[int, list[int]] = {}
    for i in sorted(leader):
        members.setdefault(leader_of(i), []).append(i)
    nearest: dict[int, float] = {}
    for i, _, distance in pairs:
        nearest[i] = min(distance, nearest.get(i, distance))
    groups = [
        (round(max(max(nearest[i], 0.0) for i in group), 4), tuple(names[i] for i in group))
        for group in members.values()
    ]
    return sorted(groups)
