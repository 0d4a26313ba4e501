"""An injection-moulded gear on a grey table, and what goes wrong in moulding."""

from __future__ import annotations

import math

import numpy as np

from detection.demo.camera import Light, Surface
from detection.demo.fields import (
    Field,
    Point,
    Pose,
    blob,
    fractal,
    lines,
    mix,
    noise,
    rgb,
    soften,
    step,
    wander,
)
from detection.demo.product import Product

_LIGHT = Light(angle=228, elevation=50, lamp=0.85, around=0.5)
_TEETH, _TIP, _ROOT, _RIM, _HUB, _BORE = 20, 0.76, 0.645, 0.53, 0.235, 0.11
_TABLE, _PLASTIC = rgb(0.42, 0.44, 0.46), rgb(0.12, 0.46, 0.55)


def _part(rng: np.random.Generator, size: int) -> Surface:
    pose = Pose(rng.normal(0, 0.02), rng.normal(0, 0.02), rng.normal(0, 2.5))
    x, y = pose.grid(size)
    r, angle = np.hypot(x, y), np.arctan2(y, x)
    outline, holes = _outline(r, angle), _holes(x, y)
    inside = step(outline, 0.008, -0.008) * step(np.minimum(_bore(y, r), holes), -0.008, 0.008)
    shade = 0.015 * noise(rng, size, 0.5) + 0.01 * noise(rng, size, 0.015)
    plastic = _PLASTIC * rng.normal(1, 0.02) * (1 + shade)[..., None]
    height = _heights(r, outline, holes) * inside
    grain = 0.02 * noise(rng, size, 0.6) + 0.012 * noise(rng, size, 0.02)
    table = _TABLE * (1 + grain)[..., None]
    colour = mix(table, plastic, inside)
    return Surface(pose, x, y, height, colour, table, 0.02 + 0.12 * inside, 16.0)


def _outline(r: Field, angle: Field) -> Field:
    """About the distance to the toothed outline; negative inside."""
    edge = _ROOT + (_TIP - _ROOT) * step(np.cos(angle * _TEETH), -0.75, 0.75)
    slope: Field = np.abs(np.sin(angle * _TEETH)) * ((_TIP - _ROOT) * _TEETH * 0.5 / 0.7)
    return (r - edge) / np.sqrt(1 + slope * slope)


def _bore(y: Field, r: Field) -> Field:
    """Distance from the edge of the bore, which has one flat side for its shaft."""
    away: Field = np.maximum(r - _BORE, y - 0.62 * _BORE)
    return away


def _holes(x: Field, y: Field, count: int = 5) -> Field:
    """Distance from the edge of the nearest of the round holes."""
    angles = [2 * math.pi * (i + 0.25) / count for i in range(count)]
    spots = [(0.385 * math.cos(a), 0.385 * math.sin(a)) for a in angles]
    nearest: Field = np.minimum.reduce([np.square(x - right) + np.square(y - down) for right, down in spots])
    return np.sqrt(nearest) - 0.078


def _heights(r: Field, outline: Field, holes: Field) -> Field:
    web, rim, hub = 0.09, 0.17, 0.2
    top = web + (rim - web) * step(r, _RIM - 0.012, _RIM + 0.012)
    top = top + (hub - web) * step(r, _HUB + 0.012, _HUB - 0.012)
    # rounded edges, as on everything that leaves a mould
    rounding: Field = np.minimum(np.minimum(-outline, holes), r - _BORE)
    return top - 0.03 * np.square(1 - np.clip(rounding * 25, 0, 1))


def _spot(rng: np.random.Generator, inner: float, outer: float) -> Point:
    r, angle = rng.uniform(inner, outer), rng.uniform(0, 2 * math.pi)
    return r * math.cos(angle), r * math.sin(angle)


def _broken_tooth(gear: Surface, rng: np.random.Generator) -> Field:
    """One to three teeth are gone; the stumps are pale where the plastic was strained."""
    first, count = int(rng.integers(_TEETH)), int(rng.integers(1, 4))
    middle, half = 2 * math.pi * (first + (count - 1) / 2) / _TEETH, math.pi * count / _TEETH
    turned = np.cos(np.arctan2(gear.y, gear.x) - middle)
    wedge = step(turned, math.cos(half), math.cos(half * 0.94))
    rough = fractal(rng, gear.size, 0.06, 2)
    out = np.hypot(gear.x, gear.y) + 0.01 * rough - (_ROOT + rng.uniform(-0.02, 0.03))
    gone = wedge * step(out, -0.005, 0.005)
    body = step(gear.height, 0.02, 0.08)
    stump = wedge * step(out, -0.07, -0.045) * body * (1 - gone)
    pale = rgb(0.78, 0.88, 0.90) * (1 + 0.05 * rough)[..., None]
    was = gone * step(gear.height, 0.0, 0.02)
    gear.height = gear.height * (1 - gone) - 0.04 * stump * (1 + 0.25 * rough)
    gear.colour = mix(mix(gear.colour, gear.ground, gone), pale, 0.85 * stump)
    gear.gloss = gear.gloss * (1 - stump) * (1 - 0.8 * gone)
    return np.maximum(was, stump)


def _burn(gear: Surface, rng: np.random.Generator) -> Field:
    """Trapped gas scorched the plastic: black-brown, fading over tan, mostly towards the teeth."""
    at, radius = _spot(rng, 0.42, 0.62), rng.uniform(0.1, 0.17)
    body = step(gear.height, 0.02, 0.06)
    halo = blob(rng, gear.x, gear.y, at, radius, 0.16, 0.28) * body
    core = blob(rng, gear.x, gear.y, at, radius * 0.62, 0.2, 0.45) * halo
    gear.colour = mix(gear.colour, rgb(0.42, 0.33, 0.21), rng.uniform(0.65, 0.85) * halo)
    gear.colour = mix(gear.colour, rgb(0.12, 0.08, 0.06), rng.uniform(0.75, 0.95) * core)
    gear.height = gear.height + core * 0.004 * fractal(rng, gear.size, 0.04)
    gear.gloss = gear.gloss * (1 - 0.7 * halo)
    return halo


_STRANGERS = (rgb(0.85, 0.70, 0.20), rgb(0.74, 0.22, 0.17), rgb(0.88, 0.87, 0.82), rgb(0.86, 0.48, 0.18))


def _contamination(gear: Surface, rng: np.random.Generator) -> Field:
    """Granules of another plastic got into the melt and were smeared along its flow."""
    (x, y), cover = _spot(rng, 0.28, 0.68), np.zeros_like(gear.x)
    for _ in range(rng.integers(1, 5)):
        near = (x + rng.normal(0, 0.08), y + rng.normal(0, 0.08))
        flow = math.atan2(near[1], near[0]) + rng.normal(0, 0.3)
        u, v = Pose(*near, math.degrees(flow)).within(gear.x, gear.y)
        granule = blob(rng, u / rng.uniform(1, 2.6), v, (0, 0), rng.uniform(0.025, 0.045), 0.15, 0.2)
        cover = np.maximum(cover, granule)
    cover *= step(gear.height, 0.02, 0.06)
    colour = _STRANGERS[rng.integers(len(_STRANGERS))]
    gear.colour = mix(gear.colour, colour, rng.uniform(0.7, 0.95) * cover)
    return cover


def _scratch(gear: Surface, rng: np.random.Generator) -> Field:
    """Scraped on the way: plastic turns white where it is torn."""
    x, y = _spot(rng, 0.3, 0.6)
    starts = [(x + rng.normal(0, 0.03), y + rng.normal(0, 0.03)) for _ in range(rng.integers(1, 3))]
    strokes = [wander(rng, start, rng.uniform(0.2, 0.5), 0.5) for start in starts]
    cover = lines(gear.size, gear.pose, strokes, rng.uniform(0.014, 0.024)) * step(gear.height, 0.03, 0.07)
    gear.height = gear.height - 0.012 * soften(cover, gear.size / 300)
    gear.colour = mix(gear.colour, rgb(0.76, 0.86, 0.88), rng.uniform(0.7, 0.9) * cover)
    return cover


GEAR = Product(
    "plastic_gear",
    _LIGHT,
    _part,
    {
        "broken_tooth": _broken_tooth,
        "burn": _burn,
        "contamination": _contamination,
        "scratch": _scratch,
    },
)
