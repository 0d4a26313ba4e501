"""From a surface to a photo: light, shadows, lens and sensor. The same for good and defective parts."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from detection.demo.fields import Field, Pose, blur, noise, soften, step


@dataclass(slots=True)
class Surface:
    """What lies under the camera. Heights and lengths in half pictures, colours 0..1 as displayed.

    x, y: the part's own coordinates. ground: colour of the background, visible where the part is broken.
    gloss: strength of highlights; polish: how narrow they are. along: direction (x, y) of fine machining
    marks that smear highlights, if any.
    """

    pose: Pose
    x: Field
    y: Field
    height: Field
    colour: Field
    ground: Field
    gloss: Field
    polish: float = 24.0
    along: tuple[Field, Field] | None = None

    @property
    def size(self) -> int:
        return len(self.x)


@dataclass(frozen=True, slots=True)
class Light:
    """A lamp at an angle (degrees, clockwise from the right) and elevation, and ambient light."""

    angle: float = 232.0
    elevation: float = 50.0
    lamp: float = 0.85
    around: float = 0.5

    @property
    def direction(self) -> tuple[float, float, float]:
        flat = math.cos(math.radians(self.elevation))
        angle = math.radians(self.angle)
        return flat * math.cos(angle), flat * math.sin(angle), math.sin(math.radians(self.elevation))


def photograph(surface: Surface, light: Light, rng: np.random.Generator) -> Image.Image:
    """The surface as an 8-bit RGB photo; lamp, exposure, focus and noise vary a little with `rng`."""
    lit = Light(
        light.angle + rng.normal(0, 2.0),
        light.elevation + rng.normal(0, 1.0),
        light.lamp * rng.normal(1, 0.015),
        light.around * rng.normal(1, 0.015),
    )
    seen = _shade(surface, lit)
    seen *= _lens(surface.size, rng)[..., None]
    seen = soften(seen, surface.size / 320 * rng.uniform(0.75, 0.95))
    return _expose(seen, rng)


def _shade(surface: Surface, light: Light) -> Field:
    """Linear light from each point: diffuse and glossy reflection, shadow, and less light in hollows."""
    lx, ly, lz = light.direction
    nx, ny, nz = _normals(surface)
    lamp = light.lamp * _shadow(surface, light)
    diffuse: Field = np.clip(nx * lx + ny * ly + nz * lz, 0, None) * lamp
    hollow = np.clip(blur(surface.height, 0.12) - surface.height, 0, 0.2)
    around = light.around * (1 - 2.6 * hollow) * (0.6 + 0.4 * nz)
    glossy = surface.gloss * lamp * _highlight(surface, (nx, ny, nz), light)
    seen = np.square(surface.colour)
    seen *= (diffuse + around)[..., None]
    seen += glossy[..., None]
    return seen


def _normals(surface: Surface) -> tuple[Field, Field, Field]:
    dy, dx = np.gradient(surface.height * (surface.size / 2))
    # No wall is steeper than a pixel can show.
    dx, dy = dx / (1 + np.abs(dx) / 3), dy / (1 + np.abs(dy) / 3)
    nz = 1 / np.sqrt(1 + dx * dx + dy * dy)
    return -dx * nz, -dy * nz, nz


def _highlight(surface: Surface, normal: tuple[Field, Field, Field], light: Light) -> Field:
    lx, ly, lz = light.direction
    norm = math.sqrt(lx * lx + ly * ly + (lz + 1) ** 2)
    hx, hy, hz = (v / norm for v in (lx, ly, lz + 1))
    nx, ny, nz = normal
    if surface.along is None:
        facing: Field = np.clip(nx * hx + ny * hy + nz * hz, 0, 1)
        return facing**surface.polish
    # Fine parallel marks reflect in all directions across them: only the component along them counts
    # (Kajiya-Kay).
    tx, ty = surface.along
    tilt = -(nx * tx + ny * ty)
    across: Field = np.clip(1 - np.square(tx * hx + ty * hy + tilt * hz), 0, 1)
    return across**surface.polish * nz


def _shadow(surface: Surface, light: Light, steps: int = 9, reach: float = 0.3) -> Field:
    """1 in the light, 0 behind something high, soft in between and softer farther away."""
    lx, ly, _ = light.direction
    flat, rise = math.hypot(lx, ly), math.tan(math.radians(light.elevation))
    size, height = surface.size, surface.height
    margin = math.ceil(reach * size / 2) + 1
    around = np.pad(height, margin, mode="edge")
    dark = np.zeros_like(height)
    for i in range(1, steps + 1):
        far = reach * (i / steps) ** 1.4
        right, down = (margin + round(way / flat * far * size / 2) for way in (lx, ly))
        over = around[down : down + size, right : right + size] - height - (far * rise)
        np.maximum(dark, over * (1 / (0.02 + 0.35 * far)), out=dark)
    return 1 - 0.85 * soften(step(dark, 0, 1), size / 200)


def _lens(size: int, rng: np.random.Generator) -> Field:
    """Light falls off towards the corners, and is never quite even."""
    x, y = Pose(rng.normal(0, 0.05), rng.normal(0, 0.05)).grid(size)
    return 1 - 0.09 * (x * x + y * y) + 0.012 * noise(rng, size, 0.9)


def _expose(light: Field, rng: np.random.Generator) -> Image.Image:
    """Sensor and tone curve: exposure, white balance, shot and read noise, gamma, 8 bits."""
    # In place where possible: these steps use the most memory.
    light *= np.asarray(rng.normal(1, 0.015) * rng.normal(1, 0.006, 3), dtype=np.float32)
    np.clip(light, 0, None, out=light)
    grain = rng.standard_normal(light.shape, dtype=np.float32)
    grain *= np.sqrt(4e-5 * light + 1e-6)
    light += grain
    shown = np.sqrt(np.clip(light, 0, None, out=light), out=light)
    # Bright spots roll off instead of clipping hard, as cameras' tone curves do.
    bright = np.clip(shown * 2.5 - 2, 0, 1)
    np.minimum(shown, 0.8, out=shown)
    shown += 0.2 * bright * (2 - bright)
    return Image.fromarray(np.rint(shown * 255).astype(np.uint8))
