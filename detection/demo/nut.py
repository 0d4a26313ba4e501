"""A machined hex nut on a dark plate, and what goes wrong with nuts."""

from __future__ import annotations

import math

import numpy as np

from detection.demo.camera import Light, Surface
from detection.demo.fields import Field, Point, Pose, blob, fractal, lines, mix, noise, rgb, soften, step
from detection.demo.product import Product

_LIGHT = Light(angle=236, elevation=52, lamp=0.85, around=0.42)
_FLATS, _CHAMFER, _HOLE, _THICK = 0.6, 0.585, 0.32, 0.2
_PLATE, _STEEL, _THREAD = rgb(0.25, 0.27, 0.30), rgb(0.52, 0.53, 0.545), rgb(0.26, 0.27, 0.29)


def _part(rng: np.random.Generator, size: int) -> Surface:
    pose = Pose(rng.normal(0, 0.02), rng.normal(0, 0.02), 8 + rng.normal(0, 3))
    x, y = pose.grid(size)
    r = np.hypot(x, y) + (1e-4)
    outside = _across(x, y) - (_FLATS + rng.normal(0, 0.003))
    inside = step(outside, 0.008, -0.008)
    ring = inside * step(r, _HOLE - 0.068, _HOLE - 0.055)
    thread = _thread(r)
    marks = 0.02 * _turning(rng, r) + 0.012 * noise(rng, size, 0.3)
    steel = _STEEL * rng.normal(1, 0.02) * (1 + marks)[..., None]
    grain = 0.02 * (noise(rng, size, 0.02) + noise(rng, size, 0.5))
    plate = _PLATE * (1 + grain)[..., None]
    colour = mix(plate, mix(steel, _THREAD, thread), ring)
    gloss = 0.015 + 0.3 * ring * (1 - thread)
    along = (-y / r, x / r)  # lathe marks run around the axis
    return Surface(pose, x, y, _heights(r, outside) * inside, colour, plate, gloss, 30.0, along)


def _across(x: Field, y: Field) -> Field:
    """How far out each point is, measured square to the nearest flat."""
    ways = [(math.cos(math.radians(a)), math.sin(math.radians(a))) for a in (30, 90, 150)]
    flats = [np.abs(x * c + y * s) for c, s in ways]
    return np.maximum(np.maximum(flats[0], flats[1]), flats[2])


def _heights(r: Field, outside: Field) -> Field:
    chamfer = _THICK - np.clip(r - _CHAMFER, 0, None) * 0.6
    edge = _THICK - np.clip(outside + 0.02, 0, None) * 0.5
    mouth = _THICK - np.clip(_HOLE + 0.02 - r, 0, 0.055) * 0.9
    top: Field = np.minimum(np.minimum(chamfer, edge), mouth)
    return top * step(r, _HOLE - 0.072, _HOLE - 0.05)


def _thread(r: Field) -> Field:
    """The first turns of the thread, ever darker towards the hole."""
    turns: Field = np.cos((_HOLE - r) * (2 * math.pi / 0.024))
    return step(r, _HOLE - 0.005, _HOLE - 0.05) * (0.75 + 0.25 * turns)


def _turning(rng: np.random.Generator, r: Field) -> Field:
    """Rings that the lathe's tool left, each nut its own."""
    profile = np.convolve(rng.standard_normal(160), [0.25, 0.5, 0.25], "same").astype(np.float32)
    return profile[(r * (159 / 1.5)).astype(np.intp)]


def _spot(rng: np.random.Generator, inner: float = _HOLE + 0.07, outer: float = _FLATS - 0.04) -> Point:
    """Somewhere on the face."""
    r, angle = rng.uniform(inner, outer), rng.uniform(0, 2 * math.pi)
    return r * math.cos(angle), r * math.sin(angle)


def _scratch(nut: Surface, rng: np.random.Generator) -> Field:
    """Something hard was drawn over the face: bare bright grooves."""
    (x, y), way, width = _spot(rng), rng.uniform(0, math.pi), rng.uniform(0.02, 0.032)
    strokes = []
    for i in range(rng.integers(1, 4)):
        aside = i * width * rng.uniform(1.4, 2.5)
        at = (x - math.sin(way) * aside, y + math.cos(way) * aside)
        strokes.append(_stroke(rng, at, way + rng.normal(0, 0.06), rng.uniform(0.25, 0.55)))
    groove = lines(nut.size, nut.pose, strokes, width) * step(nut.height, 0.1, 0.14)
    uneven = 0.5 + 0.5 * step(noise(rng, nut.size, 0.05), -1.5, 0.5)
    nut.height = nut.height - 0.01 * soften(groove, nut.size / 300) * uneven
    nut.colour = mix(nut.colour, rgb(0.97, 0.97, 0.98), rng.uniform(0.8, 1) * groove * uneven)
    nut.gloss = nut.gloss + 0.3 * groove * uneven
    return groove


def _stroke(rng: np.random.Generator, at: Point, way: float, length: float) -> list[Point]:
    """A nearly straight line through a point."""
    sag = rng.normal(0, 0.04) * length
    ahead, aside = (math.cos(way) * length, math.sin(way) * length), (-math.sin(way), math.cos(way))
    bows = [(t, sag * (1 - 4 * t * t)) for t in np.linspace(-0.5, 0.5, 12)]
    return [(at[0] + ahead[0] * t + aside[0] * b, at[1] + ahead[1] * t + aside[1] * b) for t, b in bows]


def _rust(nut: Surface, rng: np.random.Generator) -> Field:
    """Damp got at it: orange-brown crust, dull and rough."""
    at, cover = _spot(rng, outer=_FLATS), np.zeros_like(nut.x)
    for _ in range(rng.integers(1, 5)):
        near = (at[0] + rng.normal(0, 0.08), at[1] + rng.normal(0, 0.08))
        patch = blob(rng, nut.x, nut.y, near, rng.uniform(0.045, 0.12), 0.3, 0.2)
        cover = np.maximum(cover, patch)
    cover *= step(nut.height, 0.06, 0.12)
    crust = fractal(rng, nut.size, 0.05)
    colour = mix(rgb(0.38, 0.20, 0.12) + 0 * nut.colour, rgb(0.66, 0.37, 0.18), step(crust, -1.6, 1.6))
    nut.colour = mix(nut.colour, colour, rng.uniform(0.75, 0.95) * cover)
    nut.gloss = nut.gloss * (1 - cover)
    nut.height = nut.height + cover * (0.005 + 0.004 * crust)
    return cover


def _broken_corner(nut: Surface, rng: np.random.Generator) -> Field:
    """Knocked off a corner: a rough, bright break where the wrench would hold."""
    towards = math.radians(60 * rng.integers(6)) + rng.normal(0, 0.12)
    out = nut.x * math.cos(towards) + nut.y * math.sin(towards)
    out = out - (_FLATS / math.cos(math.pi / 6) - rng.uniform(0.1, 0.19))
    depth = out + 0.014 * fractal(rng, nut.size, 0.16, 4)
    cover = step(depth, -0.006, 0.006) * step(nut.height, 0.02, 0.06)
    facets = fractal(rng, nut.size, 0.06, 3)
    nut.height = nut.height - cover * np.clip(0.02 + 0.5 * depth + 0.012 * facets, 0, nut.height)
    bare = rgb(0.86, 0.86, 0.88) * (1 + 0.06 * facets)[..., None]
    nut.colour = mix(nut.colour, bare, 0.9 * cover)
    nut.gloss = nut.gloss * (1 - cover)
    return cover


def _swarf(nut: Surface, rng: np.random.Generator) -> Field:
    """A curled chip from the lathe, straw-coloured to blue by heat, left lying on the nut."""
    (x, y), heading = _spot(rng), rng.uniform(0, 2 * math.pi)
    radius, pitch, grow = rng.uniform(0.03, 0.06), rng.uniform(0.008, 0.018), rng.uniform(-0.03, 0.03)
    turns = np.linspace(0, rng.uniform(1.5, 4) * 2 * math.pi, 80)
    coil = [
        (
            x + math.cos(heading) * pitch * t + (radius + grow * t / 25) * math.cos(t),
            y + math.sin(heading) * pitch * t + (radius + grow * t / 25) * math.sin(t),
        )
        for t in turns
    ]
    cover = lines(nut.size, nut.pose, [coil], rng.uniform(0.02, 0.03))
    heat = step(noise(rng, nut.size, 0.25), -0.5, 2.5) * rng.uniform(0.3, 1)
    nut.colour = mix(
        nut.colour, mix(rgb(0.80, 0.62, 0.33) + 0 * nut.colour, rgb(0.42, 0.42, 0.62), heat), cover
    )
    nut.height = nut.height + 0.06 * soften(cover, nut.size / 260)
    nut.gloss = nut.gloss + 0.1 * cover
    return cover


NUT = Product(
    "hex_nut",
    _LIGHT,
    _part,
    {"broken_corner": _broken_corner, "rust": _rust, "scratch": _scratch, "swarf": _swarf},
)
