"""Made-up rough surfaces with thin cracks, and thin cracks on good photos of real categories.

Cracks are 1 to 2 px wide on a photo of 256 px, dark, and hardly longer than a third of its side. Good
photos differ as those of a factory do: in light, texture, pose, and by marks that few of them have.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from detection.demo.fields import Field, Pose, blob, lines, mix, noise, step, wander
from detection.photos.images import decode
from detection.photos.region import WHOLE, Box, part_box
from detection.types import Dataset

SIDE = 320
# How much darker a crack is than its surroundings: least and most.
Depth = tuple[float, float]
DEEP, FAINT = (0.35, 0.6), (0.12, 0.3)
Surface = Callable[[np.random.Generator], Field]


def lit(rng: np.random.Generator, photo: Field) -> Field:
    """A lamp that stands a little elsewhere each time."""
    x, _ = Pose(degrees=rng.uniform(0, 360)).grid(SIDE)
    lit: Field = photo * (rng.uniform(0.9, 1.1) * (1 + rng.uniform(0, 0.15) * x))[..., None]
    return lit


def grain(rng: np.random.Generator, strength: float) -> Field:
    grain: Field = strength * rng.standard_normal((SIDE, SIDE), dtype=np.float32)
    return grain


def spots(rng: np.random.Generator, most: float) -> Field:
    """Cover 0..1 of the marks that some good parts have."""
    x, y = Pose().grid(SIDE)
    cover = np.zeros((SIDE, SIDE), np.float32)
    for _ in range(rng.poisson(most)):
        at = (rng.uniform(-1, 1), rng.uniform(-1, 1))
        cover = np.maximum(
            cover, rng.uniform(0.2, 1) * blob(rng, x, y, at, rng.uniform(0.01, 0.12), soft=0.5)
        )
    return cover


def strip(rng: np.random.Generator) -> Field:
    """Brushed metal: streaks along the strip, pits, stains, a dark seam."""
    streaks = sum(a * noise(rng, SIDE, s, 40).T for a, s in ((0.05, 0.008), (0.04, 0.03)))
    grey = 0.52 + streaks + 0.04 * noise(rng, SIDE, 0.4) + grain(rng, rng.uniform(0.02, 0.05))
    _, y = Pose(degrees=rng.normal(0, 0.5), down=rng.normal(0, 0.03)).grid(SIDE)
    grey = grey * (1 - 0.35 * step(np.abs(y - 0.55), 0.05, 0.02)) * (1 - 0.3 * spots(rng, 0.8))
    return np.repeat(grey[..., None], 3, axis=2)


def board(rng: np.random.Generator) -> Field:
    """Sawn wood: rings, fibres, and a knot in every third."""
    x, y = Pose(degrees=rng.normal(0, 2)).grid(SIDE)
    at, bump = (rng.uniform(-1, 1), rng.uniform(-1, 1)), float(rng.random() < 0.35)
    away = np.hypot(x - at[0], 2 * (y - at[1]))
    rings = x * rng.uniform(6, 12) + 0.6 * noise(rng, SIDE, 0.7, 4) + bump * 2 * np.exp(-8 * away)
    wave = 0.5 + 0.5 * np.sin(2 * math.pi * rings)
    shade = 1 - 0.18 * wave**2 + 0.05 * noise(rng, SIDE, 0.01, 12) - 0.4 * bump * step(away, 0.18, 0.08)
    colour = np.array((0.72, 0.55, 0.38)) * rng.uniform(0.88, 1.1) + rng.normal(0, 0.015, 3)
    return (shade + grain(rng, 0.02))[..., None] * colour


def casting(rng: np.random.Generator) -> Field:
    """A rough cast disc with four holes, lying at any angle."""
    x, y = Pose(rng.normal(0, 0.04), rng.normal(0, 0.04), rng.uniform(0, 360)).grid(SIDE)
    inside = step(np.hypot(x, y), 0.86, 0.84)
    for turn in range(4):
        hole = (0.5 * math.cos(turn * math.pi / 2), 0.5 * math.sin(turn * math.pi / 2))
        inside = inside * step(np.hypot(x - hole[0], y - hole[1]), 0.11, 0.13)
    inside = inside * (1 - 0.5 * step(np.hypot(x - 0.62, y - 0.4), 0.07, 0.05))
    skin = 0.6 + 0.05 * noise(rng, SIDE, 0.02) + 0.04 * noise(rng, SIDE, 0.08) - 0.15 * spots(rng, 0.5)
    grey = mix(np.full((SIDE, SIDE), 0.15, np.float32), skin, inside) + grain(rng, 0.02)
    return np.repeat(grey[..., None], 3, axis=2)


SURFACES: dict[str, Surface] = {"strip": strip, "board": board, "casting": casting}


def cracked(rng: np.random.Generator, photo: Field, box: Box = WHOLE, depth: Depth = DEEP) -> Field:
    """The photo [H, W, 3] in 0..1 with a thin crack that begins in the middle half of the box."""
    side = max(photo.shape[:2])
    start = _between(rng, box[0], box[2]), _between(rng, box[1], box[3])
    stroke = wander(rng, start, rng.uniform(0.25, 0.7), 2.5)
    width = 2 * rng.uniform(1, 2) / 256
    # Drawn on a square and squeezed to the photo's shape.
    cover = Image.fromarray(lines(side, Pose(), [stroke], width)).resize(
        photo.shape[1::-1], Image.Resampling.BOX
    )
    return photo * (1 - rng.uniform(*depth) * np.asarray(cover))[..., None]


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return low + high - 1 + 0.5 * (high - low) * rng.uniform(-1, 1)


def make(folder: Path, surface: str, train: int, *, good: int = 20, defects: int = 20, seed: int = 0) -> Path:
    """A made-up category in MVTec AD layout."""
    draw = SURFACES[surface]
    for place, count in (("train/good", train), ("test/good", good), ("test/crack", defects)):
        for number in range(count):
            key = [seed, *surface.encode(), *place.encode(), number]
            rng = np.random.default_rng(key)
            photo = lit(rng, draw(rng))
            save(folder / place / f"{number:03}.png", cracked(rng, photo) if "crack" in place else photo)
    return folder


def on_good(folder: Path, data: Dataset, *, seed: int = 0, most: int = 60) -> Path:
    """A category of the same good photos whose defects are good test photos with a thin crack each."""
    good = [image.path for image in data.test if not image.is_defect]
    for place, paths in (("train/good", data.train), ("test/good", good)):
        (folder / place).mkdir(parents=True, exist_ok=True)
        for path in paths:
            (folder / place / path.name).symlink_to(path.resolve())
    for number in range(min(most, 2 * len(good))):
        rng = np.random.default_rng([seed, *data.category.encode(), number])
        image = decode(good[number % len(good)])
        photo = cracked(rng, np.asarray(image, dtype=np.float32) / 255, part_box(image) or WHOLE)
        save(folder / f"test/crack/{number:03}.png", photo)
    return folder


def save(path: Path, photo: Field) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((255 * photo.clip(0, 1) + 0.5).astype(np.uint8)).save(path)
