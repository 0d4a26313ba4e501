"""Which part does a photo show? Every category's photos against what every category has learned.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] python -m benchmarks recognition

The demo parts are among the categories. Each one learns from its training photos; its test photos are then
sent under every category's name. Not part of `make bench`: it takes a minute for 1,000 photos.
"""

import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import real_data
from benchmarks.installation import Installation
from detection import Dataset, datasets, demo
from detection.learning.progress import Watch
from detection.photos import view
from detection.photos.images import PLAIN, decode
from detection.photos.view import View
from detection.recognition import Fit, Part, find, mismatch, ranked, signature
from detection.recognition.learn import learn


def main(site: Installation) -> None:
    demo.make(site.folder / "demo")
    folders = [*real_data.categories(), *datasets.categories(site.folder / "demo")]
    data = [datasets.scan(folder) for folder in folders]
    parts = {one.category: _learned(one) for one in data}
    print("\n| photos of | good refused | defective refused | named right | sent as another: refused | ms |")
    print("|---|---|---|---|---|---|")
    refused_as: dict[str, list[str]] = {}
    for one in data:
        start = time.process_time()
        fits = {True: _fits(one, parts, defect=True), False: _fits(one, parts, defect=False)}
        spent = 1000 * (time.process_time() - start) / max(1, len(fits[True]) + len(fits[False]))
        every = [*fits[False], *fits[True]]
        named = [[fit.category for fit in find(each)] == [one.category] for each in every]
        as_other = [_refused(every, name) for name in parts if name != one.category]
        refused_as[one.category] = [f"{_refused(every, name):.3f}" for name in parts]
        print(
            f"| {one.category} | {_refused(fits[False], one.category):.3f} of {len(fits[False])} "
            f"| {_refused(fits[True], one.category):.3f} of {len(fits[True])} | {_share(named):.3f} "
            f"| {min(as_other):.3f} to {max(as_other):.3f} | {spent:.1f} |",
            flush=True,
        )
    print(f"\nShare refused\n\n| photos of, sent as | {' | '.join(parts)} |\n|---|{'---|' * len(parts)}")
    for name, shares in refused_as.items():
        print(f"| {name} | {' | '.join(shares)} |")


def _learned(data: Dataset) -> Part:
    start = time.process_time()
    part = learn(data.train, PLAIN, Watch().check)
    assert part is not None
    seconds = time.process_time() - start
    limits = f"limit {part.limit:.2f}, far {part.far:.2f}"
    print(f"{data.category}: {len(data.train)} good photos, {seconds:.1f} s; {limits}", flush=True)
    return part


def _fits(data: Dataset, parts: dict[str, Part], *, defect: bool) -> list[list[Fit]]:
    views = [_view(image.path) for image in data.test if image.is_defect == defect]
    return [ranked(signature(one), parts) for one in views]


def _view(path: Path) -> View:
    return view.of_photo(decode(path))


def _refused(fits: Sequence[Sequence[Fit]], name: str) -> float:
    """The share that is judged to be no photo of this part."""
    outcomes = []
    for each in fits:
        own = next(one for one in each if one.category == name)
        outcomes.append(mismatch(own, [one for one in each if one is not own]))
    return _share(outcomes)


def _share(outcomes: Sequence[bool]) -> float:
    return sum(outcomes) / len(outcomes) if outcomes else 0.0
