"""From photos to the tensors that networks see."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

from detection.errors import UnreadableImage
from detection.images import decode

Photo = Image.Image | Path | str


class Prepare:
    """A photo as a uint8 tensor [3, size, size], resized to a square with antialiasing."""

    def __init__(self, size: int) -> None:
        self._transform = v2.Compose([v2.Resize((size, size), antialias=True), v2.PILToTensor()])

    def __call__(self, photo: Photo) -> Tensor:
        image = photo if isinstance(photo, Image.Image) else read(photo)
        tensor: Tensor = self._transform(image if image.mode == "RGB" else image.convert("RGB"))
        return tensor


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
