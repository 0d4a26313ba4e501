"""A plain-woven fabric seen close up, and what goes wrong on a loom and after it."""

from __future__ import annotations

import math

import numpy as np

from detection.demo.camera import Light, Surface
from detection.demo.fields import Field, Point, Pose, blob, lines, mix, noise, rgb, soften, step, wander
from detection.demo.product import Product

_LIGHT = Light(angle=225, elevation=50, lamp=0.9, around=0.55)
_THREADS = 18
_WARP, _WEFT, _GAP = rgb(0.68, 0.63, 0.54), rgb(0.61, 0.56, 0.47), rgb(0.40, 0.35, 0.28)
_BACKING = rgb(0.12, 0.12, 0.13)


def _part(rng: np.random.Generator, size: int) -> Surface:
    pose = Pose(rng.normal(0, 0.05), rng.normal(0, 0.05), rng.normal(0, 1.0))
    x, y = pose.grid(size)
    x = x + 0.008 * noise(rng, size, 0.6)
    y = y + 0.008 * noise(rng, size, 0.6)
    u, v = _counted(x), _counted(y)
    warp, weft = _thread(u, v, 1), _thread(v, u, -1)
    over, height = warp > weft, np.maximum(warp, weft)
    shade = np.where(
        over,
        _tones(rng, u) + _twist(u, v) + _fibres(rng, size),
        _tones(rng, v) + _twist(v, u) + _fibres(rng, size).T,
    )
    yarn = np.where(over[..., None], _WARP, _WEFT)
    colour = mix(yarn, _GAP, step(height, 0.3, -0.1)) * shade[..., None]
    backing = np.broadcast_to(_BACKING, colour.shape)
    return Surface(pose, x, y, height * 0.045, colour, backing, np.full_like(x, 0.012), 6.0)


def _counted(across: Field) -> Field:
    """Which thread, counted from far outside the picture, and where across it."""
    return across * (_THREADS / 2) + 50


def _thread(across: Field, along: Field, side: int) -> Field:
    """Height of one of the two sets of threads, which goes over and under the other set in turn."""
    i, j = np.floor(across), np.floor(along)
    # cos(pi i) is 1 for even threads and -1 for odd ones
    up = np.cos(math.pi * (i + j)) * side
    bow = 1 - np.square((across - i - 0.5) / 0.46)
    wave: Field = up * np.cos(math.pi * (along - j - 0.5))
    arch: Field = np.where(bow > 0, 0.5 * np.sqrt(np.abs(bow)), -0.4)
    return arch + 0.34 * wave


def _tones(rng: np.random.Generator, across: Field) -> Field:
    """Each thread is a little lighter or darker than the next."""
    tones = 1 + 0.025 * rng.standard_normal(100, dtype=np.float32)
    return tones[across.astype(np.intp) % 100]


def _twist(across: Field, along: Field) -> Field:
    """Slanting ridges of the twisted yarn."""
    return 0.02 * np.cos((along * 2.6 + across * 1.6) * (2 * math.pi))


def _fibres(rng: np.random.Generator, size: int) -> Field:
    """Fine fibres, upright."""
    return 0.035 * noise(rng, size, 0.011, 5)


def _spot(rng: np.random.Generator) -> Point:
    return rng.uniform(-0.65, 0.65), rng.uniform(-0.65, 0.65)


_YARNS = (rgb(0.16, 0.24, 0.48), rgb(0.62, 0.18, 0.17), rgb(0.14, 0.38, 0.30), rgb(0.15, 0.15, 0.18))


def _wrong_thread(cloth: Surface, rng: np.random.Generator) -> Field:
    """A thread from another bobbin was woven in, over part of the width or all of it."""
    u, v = _counted(cloth.x), _counted(cloth.y)
    across, along, side = (u, v, 1) if rng.random() < 0.5 else (v, u, -1)
    which = 50 + rng.integers(-6, 6)
    start, length = 50 + rng.uniform(-9, 1), rng.uniform(6, 20)
    on = (np.floor(across) == which) & (along > start) & (along < start + length)
    cover: Field = (on & (_thread(across, along, side) >= _thread(along, across, -side))).astype(np.float32)
    yarn = _YARNS[rng.integers(len(_YARNS))] * (1 + 4 * _twist(across, along))[..., None]
    cloth.colour = mix(cloth.colour, yarn, rng.uniform(0.75, 0.95) * cover)
    return cover


def _hole(cloth: Surface, rng: np.random.Generator) -> Field:
    """Torn through to the dark table below, with frayed ends."""
    at, radius, long = _spot(rng), rng.uniform(0.09, 0.19), rng.uniform(1, 2)
    u, v = Pose(*at, rng.uniform(0, 180)).within(cloth.x, cloth.y)
    cover = blob(rng, u / long, v, (0, 0), radius / math.sqrt(long), 0.16)
    cloth.colour = mix(cloth.colour, cloth.ground, cover)
    cloth.height = cloth.height * (1 - cover) - 0.05 * cover
    frayed = lines(cloth.size, cloth.pose, _ends(rng, at, radius, 14), 0.009)
    cloth.colour = mix(cloth.colour, _WEFT, 0.8 * frayed)
    cloth.height = cloth.height + 0.03 * soften(frayed, cloth.size / 300)
    return np.maximum(cover, frayed)


def _ends(rng: np.random.Generator, at: Point, radius: float, count: int) -> list[list[Point]]:
    """Fibres that hang into a hole from its edge."""
    angles = rng.uniform(0, 2 * math.pi, count)
    starts = [(at[0] + math.cos(a) * radius, at[1] + math.sin(a) * radius) for a in angles]
    return [
        wander(rng, start, rng.uniform(0.3, 0.9) * radius, 1.5, 16, heading=a + math.pi + rng.normal(0, 0.5))
        for start, a in zip(starts, angles, strict=True)
    ]


# What each lets through of red, green and blue where it soaked in: oil, ink, dye.
_LIQUIDS = (rgb(0.46, 0.32, 0.20), rgb(0.32, 0.38, 0.80), rgb(0.75, 0.28, 0.26))


def _stain(cloth: Surface, rng: np.random.Generator) -> Field:
    """Oil, ink or dye dripped on it: soaked in, darkest along the rim where it dried."""
    at, radius = _spot(rng), rng.uniform(0.1, 0.2)
    cover = blob(rng, cloth.x, cloth.y, at, radius, 0.15)
    inner = blob(rng, cloth.x, cloth.y, at, radius * 0.85, 0.15, 0.3)
    for _ in range(rng.integers(0, 4)):
        near = (at[0] + rng.normal(0, 1.3 * radius), at[1] + rng.normal(0, 1.3 * radius))
        cover = np.maximum(cover, blob(rng, cloth.x, cloth.y, near, rng.uniform(0.025, 0.05), 0.15))
    soaked = cloth.colour * _LIQUIDS[rng.integers(len(_LIQUIDS))]
    strength = rng.uniform(0.7, 0.95) * cover * (1 - 0.25 * inner)
    cloth.colour = mix(cloth.colour, soaked, strength)
    return cover


def _foreign_fibre(cloth: Surface, rng: np.random.Generator) -> Field:
    """A stray coloured fibre, or a small tangle of them, lies on the cloth."""
    x, y = _spot(rng)
    starts = [(x + rng.normal(0, 0.08), y + rng.normal(0, 0.08)) for _ in range(rng.integers(1, 4))]
    strokes = [wander(rng, start, rng.uniform(0.4, 1.0), 6.0, 80) for start in starts]
    cover = lines(cloth.size, cloth.pose, strokes, rng.uniform(0.016, 0.026))
    cloth.height = cloth.height * (1 - cover) + cover * 0.05
    cloth.colour = mix(cloth.colour, _YARNS[rng.integers(len(_YARNS))], 0.95 * cover)
    return cover


FABRIC = Product(
    "woven_fabric",
    _LIGHT,
    _part,
    {"foreign_fibre": _foreign_fibre, "hole": _hole, "stain": _stain, "wrong_thread": _wrong_thread},
)
