"""A made-up category: nuts at any angle under a fixed lamp, good test photos in other light."""

import random
from dataclasses import replace
from pathlib import Path

from PIL import Image

from detection.demo.camera import Light
from detection.demo.nut import NUT
from detection.demo.product import Shot

_TRAIN, _GOOD, _EACH = 60, 20, 10
# px; taken larger, so that turned photos have no empty corners.
_TAKEN, _SIDE = 384, 272


def relit(folder: Path) -> None:
    """In the layout of MVTec AD; the same every time. The other light: a weaker lamp that has been moved, and
    more light from around."""
    other = replace(
        NUT.light, angle=NUT.light.angle + 12, elevation=NUT.light.elevation - 5, lamp=0.72, around=0.48
    )
    draw = random.Random(0)
    for number in range(_TRAIN):
        _take(folder, "train/good", number, "good", NUT.light, draw)
    for number in range(_GOOD):
        _take(folder, "test/good", number, "good", other, draw)
    for kind in NUT.defects:
        for number in range(_EACH):
            _take(folder, f"test/{kind}", number, kind, NUT.light, draw)


def _take(folder: Path, within: str, number: int, kind: str, light: Light, draw: random.Random) -> None:
    """The lamp is turned the other way before the photo is turned, and so stays where it was."""
    degrees = draw.uniform(0, 360)
    product = replace(NUT, light=replace(light, angle=light.angle + degrees))
    photo, _ = Shot(product, 0, within, number, kind).take(_TAKEN)
    edge = (_TAKEN - _SIDE) // 2
    turned = photo.rotate(degrees, Image.Resampling.BICUBIC).crop((edge, edge, edge + _SIDE, edge + _SIDE))
    path = folder / within / f"{number:03}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    turned.save(path)
