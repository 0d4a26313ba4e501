"""From photos to the tensors that networks read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from detection.errors import UnreadableImage
from detection.photos import images, view
from detection.photos.arrays import TAKES, of_array
from detection.photos.images import PLAIN, Levels, Picture
from detection.photos.picture import of_image
from detection.photos.region import WHOLE, Box, Region
from detection.photos.view import View

# A file by its path or its content, a picture opened by Pillow, or an array [H, W], [H, W, 1 | 3 | 4].
PhotoSource: TypeAlias = Path | str | bytes | Image.Image | NDArray[Any]
# Sides are multiples of this: the largest stride of the networks.
STRIDE = 16
_LEAST = 2 * STRIDE


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A photo as a model reads it: pixels uint8 [3, H, W], and the window of the photo that they show.

    note: what a person has to know about how the photo was read, "" if nothing. view: the whole photo, small.
    """

    pixels: Tensor
    window: Box = WHOLE
    note: str = ""
    view: View | None = None


class Prepare:
    """Prepares a photo for a model: cut to the region of the part, and resized with antialiasing.

    Either to a square of `size` px, or, with `keeps_aspect`, undistorted (except for rounding of its sides to
    multiples of 16 px) with about as many pixels as that square. Photos of more than 8 bits are scaled by
    `levels`.
    """

    def __init__(
        self, size: int, *, keeps_aspect: bool = False, region: Region | None = None, levels: Levels = PLAIN
    ) -> None:
        self.size = size
        self.keeps_aspect = keeps_aspect
        self.region = region
        self.levels = levels

    def __call__(self, photo: PhotoSource) -> Prepared:
        picture = opened(photo, self.levels)
        image = picture.rgb(self.levels)
        whole = view.of_photo(image)
        window = self.region.window(image) if self.region else WHOLE
        image = cut(image, window)
        height, width = self.shape(image)
        resized = image.resize((width, height), Image.Resampling.BILINEAR)
        return Prepared(to_tensor(resized), window, picture.note(self.levels), whole)

    def shape(self, image: Image.Image) -> tuple[int, int]:
        """Height and width of the tensor that a photo is resized to."""
        if not self.keeps_aspect:
            return self.size, self.size
        share = self.size / math.sqrt(image.width * image.height)
        return _rounded(image.height * share), _rounded(image.width * share)


def opened(photo: PhotoSource, levels: Levels) -> Picture:
    """Any kind of photo, upright. Raises UnreadableImage for a file, whose name precedes the reason;
    TypeError and ValueError for anything that is not a photo, saying what is accepted."""
    if isinstance(photo, Image.Image):
        return of_image(photo)
    if isinstance(photo, np.ndarray):
        return of_array(photo, levels)
    if isinstance(photo, bytes):
        return images.load(photo)
    if not isinstance(photo, (Path, str)):
        raise TypeError(
            f"A photo cannot be a {type(photo).__module__}.{type(photo).__qualname__}. "
            f"Give a path, the bytes of a file, a PIL image or a NumPy array; {TAKES}."
        )
    try:
        return images.load(photo)
    except UnreadableImage as error:
        raise UnreadableImage(error.code, error.why, Path(photo)) from error


def to_tensor(image: Image.Image) -> Tensor:
    """uint8 [3, H, W] of an RGB image."""
    return torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()


def to_image(pixels: Tensor) -> Image.Image:
    """The other way round, of pixels on the CPU."""
    return Image.fromarray(pixels.permute(1, 2, 0).numpy())


def to_unit(photos: Tensor, device: torch.device) -> Tensor:
    """uint8 [N, 3, H, W] to float32 in 0..1 on the device, channels last, which makes convolutions faster."""
    moved = photos.to(device, memory_format=torch.channels_last)
    return moved.float().mul_(1 / 255)


def cut(image: Image.Image, window: Box) -> Image.Image:
    """The window of a photo."""
    return image if window == WHOLE else image.crop(_in_pixels(window, image.size))


def place(values: NDArray[Any], window: Box) -> NDArray[Any]:
    """Values of a window, [h, w, ...], placed in the whole photo: zero outside the window."""
    if window == WHOLE:
        return values
    left, top, right, bottom = window
    height, width = round(values.shape[0] / (bottom - top)), round(values.shape[1] / (right - left))
    whole = np.zeros((height, width, *values.shape[2:]), dtype=values.dtype)
    y, x = round(top * height), round(left * width)
    whole[y : y + values.shape[0], x : x + values.shape[1]] = values[: height - y, : width - x]
    return whole


def _in_pixels(window: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    (left, top, right, bottom), (width, height) = window, size
    return round(left * width), round(top * height), round(right * width), round(bottom * height)


def _rounded(side: float) -> int:
    return max(_LEAST, STRIDE * round(side / STRIDE))
