"""Read every photo of a category once, and describe them together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from detection.errors import Cancelled
from detection.explore import amounts, copies, depth, folders, masks, quality, shapes, statistics, tells
from detection.explore.look import BINS, Item, Look, look
from detection.explore.types import TEST, TRAIN, Description, Finding, MeasuredPhoto, Unread
from detection.photos import extents as ranges
from detection.photos.images import Levels
from detection.photos.likeness import Likeness, nearly_same
from detection.photos.masks import Convention, convention
from detection.types import GOOD, Dataset, ShouldStop

OnLook = Callable[[int, int], None]
_READ_AHEAD = 32
_EXAMPLES = 8
_GRAVEST = ("error", "warning", "note")


def describe(
    dataset: Dataset,
    on_progress: OnLook | None = None,
    should_stop: ShouldStop | None = None,
    *,
    names: Mapping[Path, str] | None = None,
    strays: Iterable[Finding] = (),
) -> Description:
    """Examine all photos of a category: what there is, and what is wrong.

    on_progress is called with (photos read, all photos). Raises Cancelled when should_stop returns True.
    names: what photos are called instead of "<split>/<label>/<file>"; all different. strays: further
    findings, in addition to what `datasets.scan` noted about the folder.

    Each file is read and decoded once, by two threads, up to 32 ahead. About 20 KB per photo are kept, so
    10,000 photos take 200 MB.
    """
    start = time.monotonic()

    def check() -> None:
        if should_stop is not None and should_stop():
            raise Cancelled("The exploration was cancelled; nothing was written.")

    how = convention(image.mask for image in dataset.test)
    items = _items(dataset, names or {}, how)
    levels = ranges.of_files(dataset.train, check)
    looks, unread = _looks(items, levels, on_progress, check)
    photos = [one.photo for one in looks]
    likeness = _likeness(looks, check)
    counted = statistics.counts((item.split, item.label) for item in items)
    of_files = [*folders.findings(dataset), *masks.conventions(how), *depth.findings(levels)]
    noted = list(dict.fromkeys([*strays, *of_files]))
    findings = _sorted([*noted, *_findings(counted, photos, unread, likeness, noted)])
    examples = _examples(photos)
    return Description(
        category=dataset.category,
        counts=counted,
        statistics=statistics.numbers(photos),
        histograms=_histograms(looks),
        likeness=likeness,
        findings=findings,
        photos=tuple(photos),
        unread=tuple(unread),
        examples=examples,
        seconds=round(time.monotonic() - start, 2),
        pictures=_pictures(looks, findings, examples),
    )


def _items(dataset: Dataset, names: Mapping[Path, str], how: Convention) -> list[Item]:
    def name(split: str, label: str, path: Path) -> str:
        return names.get(path) or f"{split}/{label}/{dataset.name_of(path)}"

    train = [Item(name(TRAIN, GOOD, path), TRAIN, GOOD, path) for path in dataset.train]
    test = [
        Item(name(TEST, image.label, image.path), TEST, image.label, image.path, image.mask, how)
        for image in dataset.test
    ]
    return train + test


def _looks(
    items: Sequence[Item], levels: Levels, on_progress: OnLook | None, check: Callable[[], None]
) -> tuple[list[Look], list[Unread]]:
    looks: list[Look] = []
    unread: list[Unread] = []
    # Two threads: Pillow releases the interpreter while it decodes. A few photos at a time, so that a
    # cancellation does not wait for the rest.
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(items), _READ_AHEAD):
            check()
            for result in pool.map(partial(look, levels=levels), items[start : start + _READ_AHEAD]):
                if isinstance(result, Look):
                    looks.append(result)
                else:
                    unread.append(result)
                if on_progress is not None:
                    on_progress(len(looks) + len(unread), len(items))
    return looks, unread


def _likeness(looks: Sequence[Look], check: Callable[[], None]) -> Likeness:
    """Of one copy of each file, and only of photos that show anything."""
    distinct = list({one.photo.sha256: one for one in reversed(looks) if one.photo.contrast >= 1}.values())[
        ::-1
    ]
    return nearly_same([one.photo.name for one in distinct], [one.thumb for one in distinct], check)


def _findings(
    counted: dict[str, dict[str, int]],
    photos: Sequence[MeasuredPhoto],
    unread: Sequence[Unread],
    likeness: Likeness,
    noted: Sequence[Finding],
) -> Iterator[Finding]:
    yield from quality.findings(photos, unread)
    yield from copies.findings(photos, likeness)
    yield from masks.findings(photos, lost=any(finding.code == "mask_lost" for finding in noted))
    yield from shapes.findings(photos)
    yield from tells.findings(photos)
    yield from amounts.findings(counted)


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: _GRAVEST.index(finding.severity)))


def _histograms(looks: Sequence[Look]) -> dict[str, list[float]]:
    """Each photo counts the same, whatever its size."""
    sums: dict[str, Any] = {}
    counted: dict[str, int] = {}
    for one in looks:
        kind = statistics.histogram_kind(one.photo)
        sums[kind] = sums.get(kind, np.zeros(BINS)) + one.histogram
        counted[kind] = counted.get(kind, 0) + 1
    return {kind: [round(float(share), 6) for share in sums[kind] / counted[kind]] for kind in sums}


def _examples(photos: Sequence[MeasuredPhoto]) -> dict[str, tuple[str, ...]]:
    """A few photos of each group, evenly spread: the first ones may all be of one morning."""
    examples = {}
    for group, members in statistics.by_group(photos).items():
        places = np.linspace(0, len(members) - 1, min(_EXAMPLES, len(members))).round().astype(int)
        examples[group] = tuple(members[place].name for place in places)
    return examples


def _pictures(
    looks: Sequence[Look], findings: Sequence[Finding], examples: Mapping[str, Sequence[str]]
) -> dict[str, bytes]:
    wanted = {name for finding in findings for name in finding.files}
    wanted.update(name for names in examples.values() for name in names)
    return {one.photo.name: one.picture for one in looks if one.photo.name in wanted}
