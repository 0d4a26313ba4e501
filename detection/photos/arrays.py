"""Photos as arrays, as camera libraries provide them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detection.photos.levels import Levels
from detection.photos.picture import Picture
from detection.photos.values import Deep

TAKES = (
    "a photo is an array [H, W], [H, W, 1], [H, W, 3] (RGB) or [H, W, 4] (RGBA) of bool, uint8, uint16, or "
    "floats in 0..1"
)


def of_array(values: NDArray[Any], levels: Levels) -> Picture:
    """Raises TypeError or ValueError, which describe the array and what is accepted."""
    if (
        values.ndim not in (2, 3)
        or (values.ndim == 3 and values.shape[2] not in (1, 3, 4))
        or not values.size
    ):
        raise ValueError(f"This array has the shape {values.shape}; {TAKES}.{_hint(values)}")
    if values.dtype.kind not in "bfu" or (values.dtype.kind == "u" and values.dtype.itemsize > 2):
        raise TypeError(
            f"This array holds {values.dtype}; {TAKES}. Convert it, for example with values.astype('uint8')."
        )
    if values.dtype.kind == "f":
        _check_range(values, levels)
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[..., 0]
    if values.dtype.kind == "b" or values.dtype == np.uint8:
        eight = values.astype(np.uint8) * np.uint8(255) if values.dtype.kind == "b" else values
        return Picture(Image.fromarray(np.ascontiguousarray(eight)))
    return _deep(values)


def _deep(values: NDArray[Any]) -> Picture:
    colours = np.ascontiguousarray(values[..., :3] if values.ndim == 3 else values)
    image = Image.new("L", (1, 1))
    if values.ndim == 3 and values.shape[2] == 4:
        most = 65535 if values.dtype.kind == "u" else 1
        alpha = np.rint(np.clip(values[..., 3] / most, 0, 1) * 255).astype(np.uint8)
        image = Image.new("RGBA", (values.shape[1], values.shape[0]))
        image.putalpha(Image.fromarray(alpha))
    if values.dtype.kind == "u":
        return Picture(image, Deep("uint16", colours.astype(np.uint16, copy=False), 65535.0))
    return Picture(image, Deep("float", colours))


def _check_range(values: NDArray[Any], levels: Levels) -> None:
    """Accept floats in 0..1, and any floats where the model learned from such photos."""
    if "float" in levels.ranges:
        return
    known = values[np.isfinite(values)]
    least, greatest = (float(known.min()), float(known.max())) if known.size else (np.nan, np.nan)
    if not (least >= 0 and greatest <= 1):
        raise ValueError(
            f"This array holds {values.dtype} from {least:g} to {greatest:g}; {TAKES}. "
            "Divide it by its white level, or convert it to uint8."
        )


def _hint(values: NDArray[Any]) -> str:
    if values.ndim == 3 and values.shape[0] in (1, 3, 4) and values.shape[2] not in (1, 3, 4):
        return " Channels come last: values.transpose(1, 2, 0)."
    return " Pass several photos as a list." if values.ndim == 3 else ""
