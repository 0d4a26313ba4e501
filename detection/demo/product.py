"""A product, and photos of it: good, or with a defect and its mask."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from detection.demo.camera import Light, Surface, photograph
from detection.demo.fields import Field
from detection.types import GOOD

Part = Callable[[np.random.Generator, int], Surface]
Defect = Callable[[Surface, np.random.Generator], Field]


@dataclass(frozen=True, slots=True)
class Product:
    """part makes a good one; each defect changes a surface and returns where (cover 0..1)."""

    slug: str
    light: Light
    part: Part
    defects: Mapping[str, Defect]


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo to take. The same shot gives the same photo; with another `defect` it shows the same part.

    brightness: of all light, against the product's own; a lamp that grows old has less than 1.
    """

    product: Product
    seed: int
    folder: str
    index: int
    defect: str = GOOD
    brightness: float = 1.0

    def take(self, size: int) -> tuple[Image.Image, Image.Image | None]:
        """The photo and, of a defective part, the mask (white where the defect is)."""
        words = [zlib.crc32(word.encode()) for word in (self.product.slug, self.folder)]
        seeds = np.random.SeedSequence([self.seed, *words, self.index]).spawn(3)
        for_part, for_defect, for_camera = (np.random.default_rng(seed) for seed in seeds)
        surface = self.product.part(for_part, size)
        mask = None
        if self.defect != GOOD:
            cover = self.product.defects[self.defect](surface, for_defect)
            mask = Image.fromarray(np.where(cover > 0.3, np.uint8(255), np.uint8(0)))
        return photograph(surface, self._light, for_camera), mask

    @property
    def _light(self) -> Light:
        light = self.product.light
        return replace(light, lamp=light.lamp * self.brightness, around=light.around * self.brightness)
