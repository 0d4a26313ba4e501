"""Tiny parts to learn from: plates of 40 px, some with a spot."""

from pathlib import Path

import numpy as np
from PIL import Image

from detection import TrainOptions

TINY = TrainOptions(size=32, width=4, epochs=24, batch_size=2, learning_rate=4e-3, held_back=0.25)


def part(path: Path, seed: int, spot: tuple[int, int, int] | None = None) -> Path:
    """A grey plate with a lighter square; a defect is a spot of another colour."""
    pixels = np.random.default_rng(seed).integers(110, 120, (40, 40, 3), dtype=np.uint8)
    pixels[10:30, 10:30] += 60
    if spot:
        pixels[14:22, 14:22] = spot
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def mask(folder: Path, label: str, name: str) -> Path:
    """Where the spot of a defect is."""
    marked = np.zeros((40, 40), np.uint8)
    marked[14:22, 14:22] = 255
    path = folder / f"ground_truth/{label}/{name}_mask.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(marked).save(path)
    return path


def category(
    folder: Path, *, train: int = 8, good: int = 0, red: int = 0, dark: int = 0, masks: int = 0
) -> Path:
    """masks: how many of the red ones have one."""
    for n in range(masks):
        mask(folder, "red", f"{n:02}")
    for n in range(train):
        part(folder / f"train/good/{n:02}.png", n)
    for n in range(good):
        part(folder / f"test/good/{n:02}.png", 100 + n)
    for n in range(red):
        part(folder / f"test/red/{n:02}.png", 200 + n, (250, 20, 20))
    for n in range(dark):
        part(folder / f"test/dark/{n:02}.png", 300 + n, (10, 10, 10))
    return folder
