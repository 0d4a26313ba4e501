"""Anomaly maps as pictures over a photo, on a colour scale that belongs to the model.

Nothing is drawn where nothing is wrong: below `scale.low`, where REVIEW begins, a map is transparent. From
there, colours go through yellow, orange and red to magenta at `scale.high`, ever darker and denser. Their
order is visible by lightness alone, so it reads the same for colour-blind people, and the densest colour has
a contrast of more than 3:1 on both black and white.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detection.types import MapScale

# `scale.high` is this many times the threshold.
FULL = 4.0
# Contour lines lie at these multiples of the threshold, and where a REVIEW band begins.
TIMES = (1, 2, 4, 8)
# The lowest position that has a colour, and the relative difference below which two values count as equal.
_FIRST = 1 / 255
_SAME = 1e-9
# (position on the scale, red, green, blue, opacity)
_STOPS = (
    # Visible from the start: a photo just in REVIEW shows where to look.
    (0.00, 255, 226, 84, 0.24),
    (0.25, 255, 193, 51, 0.40),
    (0.50, 250, 125, 30, 0.72),
    (0.75, 226, 52, 62, 0.84),
    (1.00, 176, 14, 122, 0.92),
)


def _palette() -> NDArray[np.uint8]:
    stops = np.array(_STOPS)
    steps = np.linspace(0, 1, 256)
    channels = [np.interp(steps, stops[:, 0], stops[:, i]) for i in range(1, 5)]
    channels[3] *= 255
    channels[3][0] = 0  # below the scale
    return np.asarray(np.rint(np.stack(channels, axis=1)), dtype=np.uint8)


_PALETTE = _palette()


def position(values: NDArray[np.float32], scale: MapScale) -> NDArray[np.float32]:
    """Positions on the scale: 0 below `low`, 1 at and above `high`, and just above 0 at `low`."""
    wide = values.astype(np.float64)  # the ends of the scale may not be exact in float32
    span = max(scale.high - scale.low, np.finfo(np.float64).tiny)
    with np.errstate(over="ignore"):  # an overflow is beyond the scale
        places = np.clip((wide - scale.low) / span, _FIRST, 1)
    # A photo at the REVIEW limit shows where; but a map of zeros has no colour.
    calm = wide < scale.low if scale.low > 0 else wide <= scale.low
    return np.asarray(np.where(calm, 0, places), dtype=np.float32)


def levels(scale: MapScale) -> list[float]:
    """The values of the contour lines (see `contours`), rising; a single one if the scale has no width."""
    return [value for _, value in named_levels(scale)]


def named_levels(scale: MapScale) -> list[tuple[int, float]]:
    """The same, each with its multiple of the threshold; 0 for where REVIEW begins."""
    threshold = threshold_of(scale)
    if scale.high <= scale.low:
        return [(1, scale.low)]
    step = (scale.high - threshold) / (TIMES[2] - TIMES[0])
    multiples = [(times, threshold + (times - 1) * step) for times in TIMES]
    return multiples if scale.low >= threshold - _SAME * abs(threshold) else [(0, scale.low), *multiples[:-1]]


def scale_of(threshold: float, low: float) -> MapScale:
    """The scale for a threshold. Colours begin at `low`, or at the threshold if that is lower."""
    low = min(low, threshold)
    if low > 0:
        return MapScale(low, FULL * threshold)
    return MapScale(low, threshold + (FULL - 1) * (abs(threshold) or 1.0))


def threshold_of(scale: MapScale) -> float:
    """The threshold that the scale was made for."""
    return max(scale.low, scale.high / FULL) if scale.low > 0 else scale.low


def render(
    anomaly_map: NDArray[np.float32], scale: MapScale, size: tuple[int, int] | None = None
) -> Image.Image:
    """The heatmap as an RGBA picture of `size` (width, height), by default the map's own.

    anomaly_map: [H, W] in the model's units. It is enlarged before it is coloured, so edges stay smooth and
    no colour appears that belongs to none of the values in between.
    """
    places = Image.fromarray(np.asarray(position(anomaly_map, scale)))
    if size is not None and size != places.size:
        places = places.resize(size, Image.Resampling.BICUBIC)
    index = np.rint(np.clip(np.asarray(places), 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(_PALETTE[index])


def opacity_at(value: float, scale: MapScale) -> int:
    """The opacity (1 to 255) from which a rendered heatmap shows at least this value, at or above `low`."""
    place = float(position(np.array([value], dtype=np.float32), scale)[0])
    return int(_PALETTE[max(1, round(place * 255)), 3])


def overlay(photo: Image.Image, anomaly_map: NDArray[np.float32], scale: MapScale) -> Image.Image:
    """The photo with its heatmap over it, RGB, at the photo's size."""
    heat = render(anomaly_map, scale, photo.size)
    return Image.alpha_composite(photo.convert("RGBA"), heat).convert("RGB")


def legend(scale: MapScale, steps: int = 9) -> list[str]:
    """The colours of the scale from `low` to `high` as evenly spaced CSS colours, for a colour bar."""
    if scale.high <= scale.low:
        steps = 1
    picked = _PALETTE[np.rint(np.linspace(0, 255, steps)).astype(int)]
    return [f"rgb({r} {g} {b} / {a / 255:.2f})" for r, g, b, a in picked.tolist()]
