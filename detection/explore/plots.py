"""The figures of a description: how many photos, how light, how sharp, how large, how similar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from detection.drawing.figures import DEFECT, GOOD, GREY, INK, LINE, figure, legend_above, styled, try_to_draw
from detection.explore.look import BINS
from detection.explore.statistics import by_group
from detection.explore.types import TEST, TRAIN, Description, MeasuredPhoto
from detection.files import storage
from detection.types import GOOD as GOOD_LABEL

TRAINING = "#93b8ea"
_LEGEND = {"training": TRAINING, "good test": GOOD, "defective": DEFECT}


def write(folder: Path, description: Description) -> dict[str, str]:
    """The figures that there are numbers for, as <name>.svg and <name>.png; returns {name: title}."""
    return _write(folder, {draw.__name__: partial(draw, description) for draw in _DRAWN})


def write_overview(folder: Path, descriptions: Sequence[Description]) -> dict[str, str]:
    """Figures of several categories side by side."""
    drawn: tuple[Callable[[Sequence[Description]], Figure | None], ...] = (samples_of_all, brightness_of_all)
    return _write(folder, {draw.__name__: partial(draw, descriptions) for draw in drawn})


def _write(folder: Path, drawn: Mapping[str, Callable[[], Figure | None]]) -> dict[str, str]:
    storage.make(folder)
    titles = {}
    with styled():
        for name, draw in drawn.items():
            made = try_to_draw(draw, folder / name, [])
            if made is None:  # an earlier exploration may have drawn it
                for kind in (".svg", ".png"):
                    (folder / name).with_suffix(kind).unlink(missing_ok=True)
            else:
                titles[name] = made.axes[0].get_title(loc="left")
    return titles


def counts(description: Description) -> Figure | None:
    """A bar for each label of each split."""
    rows = [(split, label, n) for split, labels in description.counts.items() for label, n in labels.items()]
    made, axes = figure("Samples by split and label", "Photos", "", height=_height(len(rows)))
    names = [f"{'training' if split == TRAIN else 'test'}, {label}" for split, label, _ in rows]
    bars = axes.barh(names, [n for *_, n in rows], color=[_colour(split, label) for split, label, _ in rows])
    axes.bar_label(bars, padding=3, color=INK)
    _as_rows(axes)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return made


def good_and_defective(description: Description) -> Figure | None:
    """Side by side, for training and test."""
    made, axes = figure("Good and defective samples", "", "Photos", height=3.4)
    splits = [split for split in (TRAIN, TEST) if description.counts.get(split)]
    good = [description.counts[split].get(GOOD_LABEL, 0) for split in splits]
    bad = [sum(description.counts[split].values()) - n for split, n in zip(splits, good, strict=True)]
    places = np.arange(len(splits))
    for shift, values, colour, name in ((-0.19, good, GOOD, "good"), (0.19, bad, DEFECT, "defective")):
        axes.bar_label(axes.bar(places + shift, values, 0.36, color=colour, label=name), padding=2, color=INK)
    axes.set_xticks(places, ["training" if split == TRAIN else "test" for split in splits])
    axes.grid(visible=False, axis="x")
    axes.margins(y=0.12)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    legend_above(axes)
    return made


def grey_histograms(description: Description) -> Figure | None:
    """The share of each grey value in the average photo."""
    if not description.histograms:
        return None
    made, axes = figure("Grey values of the average photo", "Grey value", "Share of pixels")
    edges = np.linspace(0, 256, BINS + 1)
    names = {TRAIN: "training", GOOD_LABEL: "good test", "defective": "defective"}
    for kind, name in names.items():
        if kind in description.histograms:
            shares = description.histograms[kind]
            axes.stairs(shares, edges, color=_LEGEND[name], linewidth=1.8, label=name)
    axes.set_xlim(0, 256)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
    legend_above(axes)
    return made


def brightness(description: Description) -> Figure | None:
    title, what = "Photo brightness", "Mean grey value, from 0 (black) to 255 (white)"
    return _boxes(title, what, _values(description.photos, lambda photo: photo.brightness))


def sharpness(description: Description) -> Figure | None:
    title, what = "Photo sharpness", "Variance of the Laplacian: the higher, the sharper"
    values = _values(description.photos, lambda photo: max(photo.sharpness, 1e-3))
    return _boxes(title, what, values, log=_wide(values))


def sizes(description: Description) -> Figure | None:
    """None where all photos have the same size."""
    if description.statistics["distinct_sizes"] < 2:
        return None
    made, axes = figure("Photo sizes", "Width, px", "Height, px")
    for name, photos in _legend_groups(description.photos).items():
        width, height = [photo.width for photo in photos], [photo.height for photo in photos]
        axes.scatter(width, height, s=22, color=_LEGEND[name], alpha=0.6, linewidths=0, label=name)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    legend_above(axes)
    return made


def defect_sizes(description: Description) -> Figure | None:
    """None where there are no masks."""
    values = _values(
        [photo for photo in description.photos if photo.defect], lambda photo: 100 * (photo.defect or 0)
    )
    return _boxes("Defect sizes", "Marked share of the photo, %", values, log=_wide(values))


def likeness(description: Description) -> Figure | None:
    """The distance of each photo to the most similar one, and the limit for near-duplicates."""
    likeness = description.likeness
    if not likeness.limit:
        return None
    made, axes = figure("Photo similarity", "Distance to the most similar photo", "Photos")
    axes.hist(likeness.nearest, bins=np.linspace(0, max(1.0, *likeness.nearest), 41).tolist(), color=GOOD)
    axes.axvline(likeness.limit, color=LINE, linewidth=1.5, linestyle="--", label="near-duplicates below")
    axes.set_xlim(left=0)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    legend_above(axes)
    return made


_DRAWN: tuple[Callable[[Description], Figure | None], ...] = (
    counts,
    good_and_defective,
    grey_histograms,
    brightness,
    sharpness,
    sizes,
    defect_sizes,
    likeness,
)


def samples_of_all(descriptions: Sequence[Description]) -> Figure:
    made, axes = figure("Samples by category", "Photos", "", height=_height(len(descriptions)) + 0.3)
    left = np.zeros(len(descriptions))
    names = [description.category for description in descriptions]
    for name, colour in _LEGEND.items():
        values = np.array([_amounts(description)[name] for description in descriptions], dtype=float)
        axes.barh(names, values, left=left, color=colour, label=name)
        left += values
    for row, total in enumerate(left):
        axes.annotate(
            f"{total:.0f}", (total, row), (4, 0), textcoords="offset points", va="center", color=INK
        )
    _as_rows(axes)
    axes.margins(x=0.08)
    legend_above(axes)
    return made


def brightness_of_all(descriptions: Sequence[Description]) -> Figure | None:
    values = {d.category: [photo.brightness for photo in d.photos] for d in descriptions if d.photos}
    what = "Mean grey value, from 0 (black) to 255 (white)"
    return _boxes("Brightness by category", what, values, plain=True)


def _amounts(description: Description) -> dict[str, int]:
    test = description.counts.get(TEST, {})
    good = test.get(GOOD_LABEL, 0)
    train = sum(description.counts.get(TRAIN, {}).values())
    return {"training": train, "good test": good, "defective": sum(test.values()) - good}


def _boxes(
    title: str, what: str, values: Mapping[str, Sequence[float]], *, log: bool = False, plain: bool = False
) -> Figure | None:
    """A box for each group: the middle half of the photos, whiskers, and each outlier."""
    if not values:
        return None
    made, axes = figure(title, what, "", height=_height(len(values)))
    drawn = axes.boxplot(
        list(values.values()),
        orientation="horizontal",
        tick_labels=[f"{_named(name)} ({len(group)})" for name, group in values.items()],
        patch_artist=True,
        widths=0.6,
        flierprops={"marker": "o", "markersize": 3, "markeredgewidth": 0, "alpha": 0.7},
        medianprops={"color": INK, "linewidth": 1.4},
        whiskerprops={"color": GREY},
        capprops={"color": GREY},
        boxprops={"linewidth": 0},
    )
    for name, box, points in zip(values, drawn["boxes"], drawn["fliers"], strict=True):
        colour = GOOD if plain else _LEGEND.get(_named(name), DEFECT)
        assert isinstance(box, Patch)
        box.set_facecolor(colour)
        points.set_markerfacecolor(colour)
    _as_rows(axes)
    if log:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
    return made


def _as_rows(axes: Axes) -> None:
    """The first row at the top, no lines between rows."""
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0, labelcolor=INK)


def _values(
    photos: Sequence[MeasuredPhoto], measure: Callable[[MeasuredPhoto], float]
) -> dict[str, list[float]]:
    return {name: [measure(photo) for photo in group] for name, group in by_group(photos).items()}


def _wide(values: Mapping[str, Sequence[float]]) -> bool:
    """Whether values cover more than a decade, so that a linear axis would squeeze most into one corner."""
    every = [value for group in values.values() for value in group]
    return bool(every) and max(every) > 10 * min(every)


def _legend_groups(photos: Sequence[MeasuredPhoto]) -> dict[str, list[MeasuredPhoto]]:
    """By the names of the legend; large groups first, so that small ones are drawn on top."""
    groups: dict[str, list[MeasuredPhoto]] = {}
    for photo in photos:
        name = "training" if photo.split == TRAIN else "good test" if photo.is_good else "defective"
        groups.setdefault(name, []).append(photo)
    return {name: groups[name] for name in _LEGEND if name in groups}


def _named(group: str) -> str:
    return {TRAIN: "training", GOOD_LABEL: "good test"}.get(group, group)


def _colour(split: str, label: str) -> str:
    return TRAINING if split == TRAIN else GOOD if label == GOOD_LABEL else DEFECT


def _height(rows: int) -> float:
    return 1.3 + 0.36 * max(rows, 3)
