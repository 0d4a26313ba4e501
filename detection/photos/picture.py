"""A decoded photo, upright, with its stored values until it is converted to 8 bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from detection.photos import netpbm, orientation, tiff
from detection.photos.levels import PLAIN, Extent, Levels, white
from detection.photos.limits import bands
from detection.photos.opening import Opened
from detection.photos.values import Deep, array, kind_of, lower_bytes, of_lower

CLEAR = "all of the photo is transparent, and white to the model: save it without transparency"
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The result of `images.load`.

    image: as Pillow decodes it, turned upright by `turn`; of a photo of more than 8 bits only its
    transparency is used. deep: the values of such a photo. doubt: why the file may be damaged.
    """

    image: Image.Image
    deep: Deep | None = None
    turn: Image.Transpose | None = None
    doubt: str = ""

    @property
    def extent(self) -> Extent | None:
        """The range of its values, where they have more than 8 bits."""
        return self.deep.extent if self.deep else None

    def rgb(self, levels: Levels = PLAIN) -> Image.Image:
        """8-bit RGB, scaled by the levels of a run."""
        return self._upright(self._colour(self.deep.to_8_bit(self.deep.span(levels)) if self.deep else None))

    def shown(self, levels: Levels = PLAIN) -> Image.Image:
        """8-bit RGB for people: not nearly black where the levels are unknown."""
        return self._upright(self._colour(self.deep.to_8_bit(self.deep.shown(levels)) if self.deep else None))

    def note(self, levels: Levels) -> str:
        """What a person has to know: possible damage, and how the values fit the levels. "" if nothing."""
        return "; ".join(filter(None, (self.doubt, self._misfit(levels), CLEAR if self._is_clear() else "")))

    def _is_clear(self) -> bool:
        """Whether nothing of it is visible: some programs leave the alpha channel empty."""
        image, alpha = self.image, self.image.getbands()[-1]
        return alpha in "Aa" and not any(
            image.crop((0, rows.start, image.width, rows.stop)).getchannel(alpha).getextrema()[1]
            for rows in bands(image.height, image.width)
        )

    def _misfit(self, levels: Levels) -> str:
        if self.deep is None:
            return ""
        (low, high), extent, kind = self.deep.span(levels), self.deep.extent, self.deep.kind
        if kind in levels.ranges and (extent.greatest > high or extent.least < min(low, 0.0)):
            bits = levels.bits(kind)
            known = f"the {bits} bits" if bits else f"the range from {low:g} to {high:g}"
            return f"values outside {known} that the model was trained on were clipped"
        used = int(white(extent.greatest, unit=False))
        if kind == "uint16" and kind not in levels.ranges and used < min(high, 2**15):
            bits = used.bit_length()
            return f"uses {bits} of 16 bits, and is nearly black to the model: retrain it with such photos"
        return ""

    def _colour(self, values: Any) -> Image.Image:
        if (
            self.image.mode not in ("I", "F")
            and self.image.mode[:2] != "I;"
            and self.image.has_transparency_data
        ):
            return _on_white(self.image, values)
        image = self.image if values is None else Image.fromarray(values)
        return image if image.mode == "RGB" else image.convert("RGB")

    def _upright(self, image: Image.Image) -> Image.Image:
        if self.turn is not None:
            image = image.transpose(self.turn)
        if image.info:
            # With its EXIF it would be turned again; and the image may be the caller's own.
            image = image.copy() if image is self.image else image
            image.info = {}
        return image


def of_file(opened: Opened) -> Picture:
    """The photo of a file whose header was read. Raises UnreadableImage if it is damaged."""
    turn = None if opened.format == "TIFF" else _UPRIGHT.get(opened.orientation)
    if opened.lower:
        return _of_colours(opened, opened.lower, turn)
    image = opened.load()
    if opened.kind is None:
        return Picture(
            netpbm.stretched(image) if opened.format == "PNM" else image, None, turn, opened.doubt()
        )
    deep = _deep(image, opened.kind, array(image), opened.significant_bits)
    # Its values are in `deep`; a second copy would take too much memory.
    return Picture(Image.new("L", (1, 1)), deep, turn)


def stored(opened: Opened) -> Image.Image:
    """The content of a mask's file, upright; colours in 8 bits at most."""
    image = opened.load()
    image = netpbm.stretched(image) if opened.format == "PNM" and opened.kind is None else image
    turn = None if opened.format == "TIFF" else _UPRIGHT.get(opened.orientation)
    return image if turn is None else image.transpose(turn)


def _of_colours(opened: Opened, lower: list[Any], turn: Image.Transpose | None) -> Picture:
    """16-bit colours: decoded once for the upper bytes and once for the lower ones."""
    image = opened.load()
    values = np.empty((image.height, image.width, 3), dtype=np.uint16)
    for rows in bands(image.height, image.width):
        values[rows] = _rows(image, rows)
    values <<= 8
    header, small = opened.again(), Image.new("RGB", (1, 1))
    image = image if image.has_transparency_data else small
    lower_half = opened.load_tiles(lower)
    for rows in bands(*values.shape[:2]):
        values[rows] |= of_lower(_rows(lower_half, rows), lower)
    return Picture(image, _deep(header, "uint16", values, opened.significant_bits), turn)


def _rows(image: Image.Image, rows: slice) -> Any:
    return np.asarray(image.crop((0, rows.start, image.width, rows.stop)))[..., :3]


def _on_white(image: Image.Image, values: Any) -> Image.Image:
    """Band by band: five copies of the whole picture would be needed otherwise. values: used instead of
    its colours."""
    whole = Image.new("RGB", image.size)
    for rows in bands(image.height, image.width):
        cut_out = image.crop((0, rows.start, image.width, rows.stop)).convert("RGBA")
        if values is not None:
            coloured = Image.fromarray(values[rows]).convert("RGBA")
            coloured.putalpha(cut_out.getchannel("A"))
            cut_out = coloured
        ground = Image.new("RGBA", cut_out.size, "white")
        whole.paste(Image.alpha_composite(ground, cut_out).convert("RGB"), (0, rows.start))
    return whole


def of_image(image: Image.Image) -> Picture:
    """A photo opened by the caller, in any mode, turned upright as its EXIF says."""
    kind = kind_of(image)
    if lower_bytes(image):
        kind = None  # Pillow keeps only the upper bytes of colours
    image.load()
    if kind == "uint16" and image.format == "PPM":  # already scaled by Pillow, from an unknown range
        return Picture(image, Deep("float", np.asarray(image) / np.float32(65535)))
    # Pillow itself turns a TIFF upright when it loads it.
    turn = _UPRIGHT.get(orientation.of(image))
    return Picture(image, _deep(image, kind, np.asarray(image), None) if kind else None, turn)


def _deep(image: Image.Image, kind: Any, values: Any, significant_bits: int | None) -> Deep:
    tags = getattr(image, "tag_v2", {})
    if image.format == "PPM" and kind == "uint16":
        full, declared = 65535.0, image.info.get("maximum")
        values = values if values.ndim == 3 else netpbm.values(image, values)
        return Deep(kind, values, full, declared)
    if kind == "uint16":
        values = values.astype(np.uint16, copy=False)
        bits = _first(tags.get(tiff.BITS), 16)
        return Deep(
            kind,
            values,
            float(2**bits - 1),
            _declared(tags, values, significant_bits),
            tiff.white_is_zero(tags),
        )
    if image.mode == "I" and tags.get(tiff.BITS) == (32,) and _first(tags.get(tiff.SAMPLE_FORMAT), 1) == 1:
        values = values.view(np.uint32)
    return Deep(kind, values, None, _declared(tags, values, None), tiff.white_is_zero(tags))


def _declared(tags: Any, values: Any, significant_bits: int | None) -> float | None:
    """The white that MaxSampleValue of a TIFF or sBIT of a PNG declares.

    MaxSampleValue may be just the greatest value of this photo: only its bit depth counts. A PNG with sBIT
    should contain values stretched to 16 bits; some contain them unstretched.
    """
    largest = _first(tags.get(tiff.MAX_VALUE), 0)
    if largest > 0:
        return white(largest, unit=False)
    if significant_bits and significant_bits < 16 and (values & (2 ** (16 - significant_bits) - 1)).any():
        return float(2**significant_bits - 1)
    return None


def _first(value: Any, default: int) -> int:
    value = value[0] if isinstance(value, tuple) and value else value
    return int(value) if isinstance(value, (int, float)) else default
