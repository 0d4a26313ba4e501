"""Made-up categories for what needs many of them. Their good photos differ in light, texture and pose.

Five have thin cracks (`thin_cracks`), six other marks, and one is of nuts whose good test photos were taken
in other light (`relit`). Their defects are drawn by other code than the synthetic defects that methods
learn from, and than those that methods are compared by.
"""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.relit import relit
from benchmarks.thin_cracks import SIDE, SURFACES, Surface, cracked, grain, lit, save, spots
from detection.demo.fields import Field, Pose, blob, blur, lines, mix, noise, step, wander

TRAIN, GOOD, DEFECTS = 60, 30, 45
Mark = Callable[[np.random.Generator, Field], Field]


def leather(rng: np.random.Generator) -> Field:
    """Grained leather: cells with dark rims, a soft crease in some."""
    cells = np.abs(noise(rng, SIDE, 0.05) + 0.5 * noise(rng, SIDE, 0.025))
    shade = 0.42 - 0.12 * step(cells, 0.25, 0.05) + 0.03 * noise(rng, SIDE, 0.6) + grain(rng, 0.015)
    shade = shade * (1 - 0.15 * spots(rng, 0.7))
    return shade[..., None] * np.array((1.0, 0.66, 0.45)) * rng.uniform(0.85, 1.1)


def plate(rng: np.random.Generator) -> Field:
    """A perforated sheet, a little askew each time."""
    x, y = Pose(rng.normal(0, 0.03), rng.normal(0, 0.03), rng.normal(0, 1.5)).grid(SIDE)
    across = np.hypot((4 * x + 0.5) % 1 - 0.5, (4 * y + 0.5) % 1 - 0.5)
    sheet = 0.62 + 0.02 * noise(rng, SIDE, 0.02, 8) + 0.03 * noise(rng, SIDE, 0.5)
    grey = mix(np.full((SIDE, SIDE), 0.08, np.float32), sheet, step(across, 0.24, 0.27)) + grain(rng, 0.02)
    return np.repeat(grey[..., None], 3, axis=2)


def ring(rng: np.random.Generator) -> Field:
    """A black rubber ring on a light ground, with a soft highlight and dust."""
    x, y = Pose(rng.normal(0, 0.03), rng.normal(0, 0.03), rng.uniform(0, 360)).grid(SIDE)
    away, where = np.hypot(x, y), np.arctan2(y, x)
    body = 0.16 + 0.10 * np.exp(-(((away - 0.66) / 0.05) ** 2)) * (1 + 0.4 * np.cos(where))
    rubber = body + 0.012 * noise(rng, SIDE, 0.03) + 0.25 * spots(rng, 1.5) * rng.uniform(0, 0.5)
    inside = step(np.abs(away - 0.66), 0.2, 0.18)
    grey = mix(np.full((SIDE, SIDE), 0.8, np.float32), rubber, inside) + grain(rng, 0.012)
    return np.repeat(grey[..., None], 3, axis=2)


def blister(rng: np.random.Generator) -> Field:
    """Nine tablets in a tray, each a little elsewhere and of a slightly other colour."""
    photo: Field = (
        np.full((SIDE, SIDE, 3), 0.5, np.float32)
        + (0.02 * noise(rng, SIDE, 0.3) + grain(rng, 0.015))[..., None]
    )
    x, y = Pose(rng.normal(0, 0.02), rng.normal(0, 0.02), rng.normal(0, 1)).grid(SIDE)
    for number in range(9):
        across, down = rng.normal((0.6 * (number % 3 - 1), 0.6 * (number // 3 - 1)), 0.015)
        away = np.hypot(x - across, y - down)
        colour = np.array((0.88, 0.82, 0.6)) + rng.normal(0, 0.015, 3)
        tablet = colour * (1 - 0.25 * step(away, 0.12, 0.22))[..., None]
        photo = mix(photo, tablet, step(away, 0.23, 0.21))
    return photo


def stain(rng: np.random.Generator, photo: Field) -> Field:
    cover = _blob(rng, 0.04, 0.16, soft=0.4)
    return photo * (1 - cover[..., None] * rng.uniform(0.12, 0.4) * rng.uniform(0.5, 1, 3))


def dent(rng: np.random.Generator, photo: Field) -> Field:
    """Light on one side and dark on the other."""
    x, y = Pose(degrees=rng.uniform(0, 360)).grid(SIDE)
    at, size = rng.uniform(-0.6, 0.6, 2), rng.uniform(0.05, 0.14)
    shade = (x - at[0]) / size * np.exp(-(((x - at[0]) ** 2 + (y - at[1]) ** 2) / size**2))
    return photo * (1 + rng.uniform(0.25, 0.7) * shade)[..., None]


def fibre(rng: np.random.Generator, photo: Field) -> Field:
    """A hair or thread that lies on it."""
    stroke = wander(rng, tuple(rng.uniform(-0.5, 0.5, 2)), rng.uniform(0.4, 1.0), 4)
    cover = lines(SIDE, Pose(), [stroke], rng.uniform(0.012, 0.03))
    return mix(photo, np.broadcast_to(rng.uniform(0.05, 0.95) * np.ones(3), photo.shape), cover)


def scuff(rng: np.random.Generator, photo: Field) -> Field:
    """Worn smooth: the fine texture is gone."""
    calm = np.stack([blur(photo[..., colour], 0.08) for colour in range(3)], axis=2)
    return mix(photo, calm, _blob(rng, 0.08, 0.2, soft=0.3))


def chip(rng: np.random.Generator, photo: Field) -> Field:
    """A piece of something else: another part of the same photo."""
    moved = np.roll(photo, rng.integers(40, SIDE - 40, 2), (0, 1))
    return mix(photo, moved, _blob(rng, 0.05, 0.14, soft=0.05))


MARKS: tuple[Mark, ...] = (stain, dent, fibre, scuff, chip)
MADE = {"leather": leather, "plate": plate, "ring": ring, "blister": blister} | SURFACES
CRACKED = ("strip", "board", "casting", "leather", "plate")
MARKED = ("strip", "board", "casting", "leather", "ring", "blister")


def categories(folder: Path) -> list[Path]:
    """All of them, in the layout of MVTec AD; the same every time."""
    made = [_make(folder, name, "cracks", (cracked,)) for name in CRACKED]
    made += [_make(folder, name, "marks", MARKS) for name in MARKED]
    relit(folder / "nut-relit")
    return [*made, folder / "nut-relit"]


def _make(folder: Path, name: str, kind: str, marks: tuple[Mark, ...]) -> Path:
    surface: Surface = MADE[name]
    target = folder / f"{name}-{kind}"
    for place, count in (("train/good", TRAIN), ("test/good", GOOD), (f"test/{kind}", DEFECTS)):
        for number in range(count):
            rng = np.random.default_rng([1, *target.name.encode(), *place.encode(), number])
            photo = lit(rng, surface(rng))
            if kind in place:
                photo = marks[number % len(marks)](rng, photo)
            save(target / place / f"{number:03}.png", photo)
    return target


def _blob(rng: np.random.Generator, least: float, most: float, soft: float) -> Field:
    x, y = Pose().grid(SIDE)
    at = (rng.uniform(-0.6, 0.6), rng.uniform(-0.6, 0.6))
    size = least * (most / least) ** rng.random()
    return blob(rng, x, y, at, size, ragged=0.3, soft=soft)


def show(folder: Path) -> Path:
    """One picture, with a good and three defective photos of each category."""
    rows = []
    for made in categories(folder):
        good = sorted((made / "test/good").iterdir())[0]
        bad = sorted(path for path in (made / "test").rglob("*.png") if "good" not in path.parts)[:3]
        rows.append(np.hstack([np.asarray(Image.open(path).resize((160, 160))) for path in (good, *bad)]))
    side = math.ceil(len(rows) / 2)
    picture = np.hstack([np.vstack(rows[:side]), np.vstack(rows[side : 2 * side])])
    Image.fromarray(picture).save(folder / "all.png")
    return folder / "all.png"
