"""From photos to the tensors that networks see."""

from __future__ import annotations

import math
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

from detection.errors import UnreadableImage
from detection.images import decode

Photo = Image.Image | Path | str
# Sides are multiples of it: the deepest stride of the networks here.
STRIDE = 16
_LEAST = 2 * STRIDE


class Prepare:
    """A photo as a uint8 tensor [3, H, W], resized with antialiasing.

    Either squeezed into a square of `size` px, or, with `keeps_aspect`, undistorted (but for the
    rounding of its sides to multiples of 16 px) and of about as many pixels as that square.
    """

    def __init__(self, size: int, *, keeps_aspect: bool = False) -> None:
        self.size = size
        self.keeps_aspect = keeps_aspect

    def __call__(self, photo: Photo) -> Tensor:
        image = photo if isinstance(photo, Image.Image) else read(photo)
        if image.mode != "RGB":
            image = image.convert("RGB")
        resized = v2.functional.resize(image, list(self.shape(image)), antialias=True)
        tensor: Tensor = v2.functional.pil_to_tensor(resized)
        return tensor

    def shape(self, image: Image.Image) -> tuple[int, int]:
        """Height and width of the tensor that a photo becomes."""
        if not self.keeps_aspect:
            return self.size, self.size
        share = self.size / math.sqrt(image.width * image.height)
        height, width = (
            max(_LEAST, STRIDE * round(side * share / STRIDE)) for side in (image.height, image.width)
        )
        return height, width


def read(path: Path | str) -> Image.Image:
    """`images.decode`, with the file's name in front of what is wrong with it."""
    try:
        return decode(path)
    except UnreadableImage as error:
        raise UnreadableImage(error.code, f"{Path(path).name}: {error}") from error


def to_unit(photos: Tensor, device: torch.device) -> Tensor:
    """uint8 [N, 3, H, W] to float32 in 0..1 on the device, channels last (convolutions are faster so)."""
    moved = photos.to(device, memory_format=torch.channels_last)
    unit: Tensor = v2.functional.to_dtype(moved, torch.float32, scale=True)
    return unit
