"""Masks as people and programs send them: checked, and made white on black at the photo's size."""

import struct
import threading
import zlib
from collections.abc import Sequence
from contextlib import nullcontext
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

from inspector.core.errors import Refused
from inspector.core.templatetags.figures import pixels
from inspector.inspections.sizes import LARGE, PREVIEW_SIDE, fit

MAX_BYTES = 16 * 2**20
MAX_SHAPES = 1000  # polygons and boxes together
MAX_POINTS = 20_000  # of all polygons
# What a mark can be made with; those of the page, and those of programs.
TOOLS = ("review outline", "anomaly outline", "brush", "eraser", "box", "clear", "polygon", "mask")
Point = tuple[float, float]
Box = tuple[float, float, float, float]
Size = tuple[int, int]
_one_at_a_time = threading.Lock()


def refuse(words: str, field: str = "mask") -> Refused:
    return Refused("invalid_mask", words, fields={field: [words]})


def working_size(size: Size) -> Size:
    """What the page draws on: the photo as it is shown, 1600 px at most. It is enlarged when it is saved."""
    return fit(size, PREVIEW_SIDE)


def from_png(content: bytes, size: Size, *, working: bool = False) -> Image.Image:
    """The mask (mode L, 255 or 0) in a PNG: light is the defect; transparent and dark are not.

    It has the photo's `size`, or with `working` the page's. Refused "invalid_mask".
    """
    if len(content) > MAX_BYTES:
        raise refuse(f"The mask is larger than {MAX_BYTES // 2**20} MB. Save it in black and white.")
    wanted = working_size(size) if working else size
    large = wanted[0] * wanted[1] > LARGE
    # A large one takes four bytes a pixel for a moment: two at once would take too much.
    with _one_at_a_time if large else nullcontext():
        try:
            with Image.open(BytesIO(content), formats=["PNG"]) as opened:
                _check_header(opened, wanted)
                marked = _light(opened)
        except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as problem:
            raise refuse("The mask cannot be read as PNG. Save it again as PNG.") from problem
        except Image.DecompressionBombError as problem:
            raise refuse(_size_words(wanted)) from problem
    return marked if wanted == size else _enlarged(marked, size)


def _check_header(opened: Image.Image, wanted: Size) -> None:
    if opened.size != wanted:
        raise refuse(f"{_size_words(wanted)}; this one has {pixels(*opened.size)}.")
    if getattr(opened, "n_frames", 1) > 1:
        raise refuse("The mask is animated. Send a PNG of one picture.")


def _size_words(size: Size) -> str:
    return f"The mask needs the photo's size as it is shown, {pixels(*size)}"


def _light(opened: Image.Image) -> Image.Image:
    """255 where it is lighter than the middle, on black."""
    if opened.mode.startswith("I"):  # 16 bits
        values = np.asarray(opened)
        return Image.fromarray(np.where(values >= 2**15, 255, 0).astype(np.uint8))
    if opened.mode in ("LA", "PA", "RGBA") or "transparency" in opened.info:
        layer = opened.convert("RGBA")
        opened = Image.new("RGBA", layer.size, "black")
        opened.alpha_composite(layer)
    return opened.convert("L").point([255 if value >= 128 else 0 for value in range(256)])


def _enlarged(marked: Image.Image, size: Size) -> Image.Image:
    smooth = marked.resize(size, Image.Resampling.BILINEAR)
    return smooth.point([255 if value >= 128 else 0 for value in range(256)])


def from_shapes(polygons: Sequence[Sequence[Point]], boxes: Sequence[Box], size: Size) -> Image.Image:
    """The mask of polygons (points x, y) and boxes (left, top, width, height), in pixels of the photo.

    Refused "invalid_mask" for what is not a shape or lies outside the photo.
    """
    if len(polygons) + len(boxes) > MAX_SHAPES:
        raise refuse(f"Send at most {MAX_SHAPES:,} shapes.", "polygons")
    if sum(map(len, polygons)) > MAX_POINTS:
        raise refuse(f"Send at most {MAX_POINTS:,} points.", "polygons")
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for polygon in polygons:
        if len(polygon) < 3:
            raise refuse("A polygon needs three points or more.", "polygons")
        _refuse_outside(polygon, size, "polygons")
        draw.polygon([(x - 0.5, y - 0.5) for x, y in polygon], fill=255)
    for left, top, width, height in boxes:
        if not (width > 0 and height > 0):
            raise refuse("A box needs a width and a height above 0: left, top, width, height.", "boxes")
        _refuse_outside([(left, top), (left + width, top + height)], size, "boxes")
        right, bottom = max(left, left + width - 1), max(top, top + height - 1)
        draw.rectangle((round(left), round(top), round(right), round(bottom)), fill=255)
    return mask


def _refuse_outside(points: Sequence[Point], size: Size, field: str) -> None:
    # Written so that NaN, which compares as false, is refused.
    if not all(0 <= x <= size[0] and 0 <= y <= size[1] for x, y in points):
        raise refuse(f"A point lies outside of the photo, which has {pixels(*size)}.", field)


def share_of(mask: Image.Image) -> float:
    """The share of its pixels that are marked. Refused where none is, or all are."""
    marked = mask.histogram()[255]
    total = mask.width * mask.height
    if not marked:
        raise refuse("Nothing is marked. Mark where the defect is: white in the mask.")
    if marked == total:
        raise refuse("The whole photo is marked. Mark only where the defect is: white in the mask.")
    return marked / total


def png(mask: Image.Image) -> bytes:
    """As it is stored."""
    out = BytesIO()
    mask.save(out, "PNG", compress_level=6)
    return out.getvalue()
