"""Photos as explanations show them: the window that the model reads, sharp enough to be cut out of."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from PIL import Image, ImageDraw, ImageFont

from detection.judging.detector import Detector
from detection.normality.turns import AS_IS, Turn, turned
from detection.photos.region import Box
from detection.photos.transforms import PhotoSource, Prepared, cut, opened, to_image, to_tensor

# Longer side of the window, px; of an overview; and of a patch that is cut out.
SIDE, _OVERVIEW, _PATCH = 1024, 640, 240
_LINE, _EDGE = "#ffffff", "#101315"


@dataclass(frozen=True, slots=True)
class Shown:
    """prepared: as the model reads it. window: the same window for people, RGB."""

    prepared: Prepared
    window: Image.Image

    @classmethod
    def of(cls, photo: PhotoSource, detector: Detector, turn: Turn = AS_IS) -> Shown:
        """turn: as a turned copy of the photo was learned from. Raises UnreadableImage."""
        image = opened(photo, detector.levels).rgb(detector.levels)
        prepared = detector.prepare(image)
        window = cut(image, prepared.window)
        window.thumbnail((SIDE, SIDE))
        if turn != AS_IS:
            pixels = to_tensor(window).float()[None]
            window = to_image(turned(pixels, turn)[0].clamp(0, 255).to(torch.uint8))
        return cls(prepared, window)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the model's picture, px."""
        return self.prepared.pixels.shape[1], self.prepared.pixels.shape[2]

    def cutout(self, box: Box) -> Image.Image:
        """This box of the window, enlarged."""
        wide, high = (box[2] - box[0]) * self.window.width, (box[3] - box[1]) * self.window.height
        size = [max(1, round(side * _PATCH / max(wide, high))) for side in (wide, high)]
        width, height = self.window.size
        edges = (box[0] * width, box[1] * height, box[2] * width, box[3] * height)
        return self.window.resize((size[0], size[1]), Image.Resampling.BICUBIC, box=edges)

    def marked(self, boxes: list[Box], *, numbered: bool = False) -> Image.Image:
        """The window with boxes drawn on it."""
        picture = self.window.copy()
        picture.thumbnail((_OVERVIEW, _OVERVIEW))
        pen = ImageDraw.Draw(picture)
        for number, box in enumerate(boxes, 1):
            edges = _pixels(box, picture)
            pen.rectangle(edges, outline=_EDGE, width=4)
            left, top, right, bottom = edges
            if min(right - left, bottom - top) > 1:  # always, except in photos of a few px
                pen.rectangle([left + 1, top + 1, right - 1, bottom - 1], outline=_LINE, width=2)
            if numbered:
                _label(pen, edges, str(number))
        return picture

    def in_photo(self, box: Box) -> Box:
        """A box of the window as shares of the whole photo."""
        left, top, right, bottom = self.prepared.window
        width, height = right - left, bottom - top
        return (
            left + box[0] * width,
            top + box[1] * height,
            left + box[2] * width,
            top + box[3] * height,
        )


def around(x: float, y: float, side: float, shape: tuple[int, int]) -> Box:
    """A square of `side` px around a place of a picture [height, width], moved inside, as shares of it."""
    height, width = shape
    wide, high = min(side, width), min(side, height)
    left = min(max(x - wide / 2, 0), width - wide)
    top = min(max(y - high / 2, 0), height - high)
    return left / width, top / height, (left + wide) / width, (top + high) / height


def _pixels(box: Box, picture: Image.Image) -> tuple[int, int, int, int]:
    left, top = round(box[0] * picture.width), round(box[1] * picture.height)
    right, bottom = round(box[2] * picture.width), round(box[3] * picture.height)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _label(pen: ImageDraw.ImageDraw, edges: tuple[int, int, int, int], text: str) -> None:
    """A number in the corner of a box."""
    left, top = edges[0], edges[1]
    pen.rectangle([left, top, left + 21, top + 23], fill=_EDGE)
    pen.text((left + 6, top + 2), text, fill=_LINE, font=ImageFont.load_default(17))
