"""Fields of numbers from which parts are made: coordinates, soft steps, noise, blobs and lines.

A field is float32 [size, size]; lengths are in half pictures, so parts look the same at every size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Field = NDArray[np.floating[Any]]
Point = tuple[float, float]
Stroke = Sequence[Point]


def rgb(red: float, green: float, blue: float) -> Field:
    """A colour."""
    return np.asarray((red, green, blue), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a part lies in the picture (x right, y down, -1..1): shifted, and turned clockwise."""

    right: float = 0.0
    down: float = 0.0
    degrees: float = 0.0

    def grid(self, size: int) -> tuple[Field, Field]:
        """The part's own coordinates x and y of every pixel."""
        ticks = (np.arange(size, dtype=np.float32) + 0.5) * (2 / size) - 1
        x, y = np.meshgrid(ticks, ticks)
        return self.within(x, y)

    def within(self, x: Field, y: Field) -> tuple[Field, Field]:
        """The part's own coordinates of points given in those of what it lies in."""
        cos, sin = (value for value in self._turn())
        x, y = x - self.right, y - self.down
        return cos * x + sin * y, cos * y - sin * x

    def in_picture(self, point: Point) -> Point:
        """Where a point of the part is seen."""
        cos, sin = self._turn()
        x, y = point
        return cos * x - sin * y + self.right, sin * x + cos * y + self.down

    def _turn(self) -> tuple[float, float]:
        return math.cos(math.radians(self.degrees)), math.sin(math.radians(self.degrees))


def step(value: Field, start: float, end: float) -> Field:
    """0 at `start`, 1 at `end` (which may be the smaller), smooth between them."""
    t: Field = np.clip((value - start) / (end - start), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: Field, b: Field, alpha: Field) -> Field:
    """`a` where alpha is 0, `b` where it is 1; colours [H, W, 3] with an alpha [H, W] too."""
    weight = alpha[..., None] if a.ndim == 3 else alpha
    result: Field = b - a
    result *= weight
    result += a
    return result


def noise(rng: np.random.Generator, size: int, scale: float, stretch: float = 1.0) -> Field:
    """Smooth random field of mean 0 and deviation about 1, with bumps `scale` wide and `stretch` as long."""
    wide, high = (max(2.0, 2 / scale), max(2.0, 2 / (scale * stretch)))
    cells = rng.standard_normal((math.ceil(high) + 4, math.ceil(wide) + 4), dtype=np.float32)
    left, top = 1 + rng.random(), 1 + rng.random()
    image = Image.fromarray(cells * 1.35)
    box = (left, top, left + wide, top + high)
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC, box=box))


def fractal(rng: np.random.Generator, size: int, scale: float, octaves: int = 3) -> Field:
    """Noise with finer noise on it, each octave half as wide and half as strong."""
    return sum(
        (noise(rng, size, scale / 2**i) / 2**i for i in range(octaves)), np.zeros((size, size), np.float32)
    )


def blur(field: Field, radius: float) -> Field:
    """Softened over `radius` half pictures; cheap, for wide radii, by way of a smaller picture."""
    size = len(field)
    small = max(4, min(size, round(2 / radius)))
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    image = image.resize((small, small), Image.Resampling.BILINEAR)
    return np.asarray(image.resize((size, size), Image.Resampling.BICUBIC))


def soften(field: Field, pixels: float) -> Field:
    """A Gaussian blur of few pixels, edges continued."""
    reach = max(1, round(2.5 * pixels))
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / pixels) ** 2).astype(np.float32)
    taps /= taps.sum()
    for axis in (0, 1):
        padding = [(reach, reach) if i == axis else (0, 0) for i in range(field.ndim)]
        padded = np.moveaxis(np.pad(field, padding, mode="edge"), axis, 0)
        length = field.shape[axis]
        total = taps[reach] * padded[reach : reach + length]
        for i in range(reach):
            j = 2 * reach - i
            total += taps[i] * (padded[i : i + length] + padded[j : j + length])
        field = np.moveaxis(total, 0, axis)
    return field


def blob(
    rng: np.random.Generator,
    x: Field,
    y: Field,
    at: Point,
    radius: float,
    ragged: float = 0.2,
    soft: float = 0.1,
) -> Field:
    """Cover 0..1 of an irregular round patch, 0.5 on its outline; `soft` is the width of its rim."""
    away = np.hypot(x - (at[0]), y - (at[1])) / radius
    rough = np.clip(fractal(rng, len(x), radius * 0.9, 3), -2.5, 2.5)
    return step(away * (1 + ragged * rough), 1 + soft, 1 - soft)


def lines(size: int, pose: Pose, strokes: Sequence[Stroke], width: float) -> Field:
    """Cover 0..1 of lines through points of the part, `width` wide."""
    fine = 4
    image = Image.new("L", (size * fine, size * fine))
    draw = ImageDraw.Draw(image)
    half = size * fine / 2
    for stroke in strokes:
        seen = [pose.in_picture(point) for point in stroke]
        draw.line(
            [((x + 1) * half, (y + 1) * half) for x, y in seen], 255, max(1, round(width * half)), "curve"
        )
    return np.asarray(image.reduce(fine), dtype=np.float32) / 255


def wander(
    rng: np.random.Generator,
    start: Point,
    length: float,
    bend: float,
    steps: int = 40,
    heading: float | None = None,
) -> list[Point]:
    """Points of a curve that turns smoothly, more with more `bend`; off at `heading` (radians)."""
    way = rng.uniform(0, 2 * math.pi) if heading is None else heading
    turn = rng.normal(0, bend / steps)
    points = [start]
    for _ in range(steps):
        turn = 0.9 * turn + rng.normal(0, 0.35 * bend / steps)
        way += turn
        x, y = points[-1]
        points.append((x + math.cos(way) * length / steps, y + math.sin(way) * length / steps))
    return points
