"""The only place that opens photos. `probe` reads headers; `decode` makes upright 8-bit RGB.

Both refuse with UnreadableImage: a stable code, and a message that says what to do. The format is
told from the first bytes and Pillow's plugin for it is called directly, so no other of its dozens
of parsers ever sees an upload, and limits are checked before a single pixel is decoded.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from detection import signatures
from detection.errors import UnreadableImage

EXTENSIONS: dict[str, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WebP": (".webp",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
}
MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 60_000_000

_OPENERS: dict[str, type[ImageFile.ImageFile]] = {
    # Not Pillow's jpeg_factory: phones write several pictures into one JPEG, and the first is the photo.
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WebP": WebPImageFile,
    "BMP": BmpImageFile,
    "TIFF": TiffImageFile,
}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_MODE_NOTES = {
    "1": "black and white, converted to RGB",
    "L": "grey, converted to RGB",
    "LA": "grey with transparency, put on white and converted to RGB",
    "P": "palette, converted to RGB",
    "PA": "palette with transparency, put on white and converted to RGB",
    "RGBA": "transparent parts are put on white",
    "CMYK": "CMYK, converted to RGB",
    "YCbCr": "YCbCr, converted to RGB",
    "I;16": "16-bit, scaled to 8-bit RGB",
    "I;16B": "16-bit, scaled to 8-bit RGB",
    "I": "32-bit, scaled to 8-bit RGB",
    "F": "floating point, scaled to 8-bit RGB",
}


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What a photo's header says. Width and height are upright, as a person sees the photo.

    note says in a few words what decoding will change, "" where it changes nothing.
    """

    format: str
    width: int
    height: int
    mode: str
    bytes: int
    note: str = ""


def probe(
    file: BinaryIO | Path,
    *,
    filename: str | None = None,
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
) -> ImageInfo:
    """Check a photo by its header, without decoding it. Raises UnreadableImage.

    The file name (the path's own if none is given) must not contradict the content. A stream is
    left at its start.
    """
    if filename is None and isinstance(file, Path):
        filename = file.name
    with _stream(file) as stream:
        size = stream.seek(0, io.SEEK_END)
        if size > max_bytes:
            raise UnreadableImage(
                "too_many_bytes",
                f"The file is larger than {max_bytes / 2**20:,.0f} MB. Export it smaller, or as JPEG.",
            )
        format = _sniff(stream)
        _check_extension(filename, format)
        image = _open(stream, format, max_pixels, header_only=True)
        orientation = _orientation(image)
        width, height = image.size
        # Pillow's TIFF plugin has already swapped the two for a TIFF that lies on its side.
        if orientation >= 5 and format != "TIFF":
            width, height = height, width
        stream.seek(0)
        return ImageInfo(format, width, height, image.mode, size, _note(image, orientation))


def decode(source: Path | str | BinaryIO | bytes, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The photo as an upright 8-bit RGB image of full size. Raises UnreadableImage.

    Transparent parts are put on white; 16-bit and floating-point values are scaled by the full
    range of their type, never by the image's own, so equal light gives equal values in every photo.
    Embedded colour profiles are not applied.
    """
    with _stream(source) as stream:
        image = _open(stream, _sniff(stream), max_pixels)
        orientation = _orientation(image)
        try:
            image.load()
            rgb = _to_rgb(image)
        except Exception as error:  # whatever a hostile file makes a decoder raise is the file's fault
            raise _damaged(error) from error
    # Pillow turns a TIFF upright itself while loading.
    turn = None if image.format == "TIFF" else _UPRIGHT.get(orientation)
    return rgb.transpose(turn) if turn is not None else rgb


def stored(source: Path | str | BinaryIO | bytes, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """A mask as it is in the file, upright, of whatever mode, with its alpha. Photos are for `decode`.

    Raises UnreadableImage.
    """
    with _stream(source) as stream:
        image = _open(stream, _sniff(stream), max_pixels)
        orientation = _orientation(image)
        try:
            image.load()
        except Exception as error:  # whatever a hostile file makes a decoder raise is the file's fault
            raise _damaged(error) from error
    turn = None if image.format == "TIFF" else _UPRIGHT.get(orientation)
    return image.transpose(turn) if turn is not None else image


@contextmanager
def _stream(source: Path | str | BinaryIO | bytes) -> Iterator[BinaryIO]:
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as stream:
            yield stream
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        yield source


def _sniff(stream: BinaryIO) -> str:
    """The format by the first bytes; refuses what this package does not take."""
    stream.seek(0)
    head = stream.read(64)
    stream.seek(0)
    if not head:
        raise UnreadableImage("empty", "The file is empty (0 bytes): copy or export it again.")
    format = signatures.sniff(head)
    if format is None:
        taken = ", ".join(EXTENSIONS)
        raise UnreadableImage("not_an_image", f"The file is not an image. Send a photo as {taken}.")
    if format not in EXTENSIONS:
        raise UnreadableImage("unsupported_format", signatures.remedy(format))
    return format


def _check_extension(filename: str | None, format: str) -> None:
    suffix = Path(filename or "").suffix.lower()
    # A pasted or streamed photo may have no extension; that contradicts nothing.
    if suffix and suffix not in EXTENSIONS[format]:
        raise UnreadableImage(
            "wrong_extension",
            f"Named {suffix} but holds a {format}: rename it to {EXTENSIONS[format][0]}.",
        )


def _open(stream: BinaryIO, format: str, max_pixels: int, *, header_only: bool = False) -> Image.Image:
    if format == "PNG":
        stream = signatures.essential_png(stream, header_only=header_only)
    try:
        image = _OPENERS[format](stream)
    except Image.DecompressionBombError as error:  # Pillow's own guard, in its WebP plugin only
        raise _too_many_pixels(f"more than {max_pixels / 1e6:,.0f} megapixels", max_pixels) from error
    except Exception as error:  # whatever a hostile header makes a parser raise is the file's fault
        raise _damaged(error) from error
    width, height = image.size
    if width * height > max_pixels:
        raise _too_many_pixels(
            f"{width:,} x {height:,} px ({width * height / 1e6:,.1f} megapixels)", max_pixels
        )
    if getattr(image, "is_animated", False):
        kind = "several pages" if format == "TIFF" else "several frames (an animation)"
        raise UnreadableImage("animated", f"The file has {kind}: save the one picture to judge by itself.")
    return image


def _too_many_pixels(found: str, max_pixels: int) -> UnreadableImage:
    return UnreadableImage(
        "too_many_pixels",
        f"The image has {found}; the limit is {max_pixels / 1e6:,.1f} megapixels. Shrink or crop it.",
    )


def _damaged(error: Exception) -> UnreadableImage:
    """Cut off, or broken in another way? Pillow has no type for it: its causes and words tell."""
    if isinstance(error, (Image.DecompressionBombError, MemoryError)):
        return UnreadableImage("too_many_pixels", "The image needs too much memory: shrink or crop it.")
    ended = (IndexError, TypeError, EOFError, struct.error)
    if isinstance(error, ended) or isinstance(error.__cause__, ended) or "truncat" in str(error).lower():
        return UnreadableImage(
            "truncated", "The file is cut off: a part is missing. Copy, upload or export it again."
        )
    return UnreadableImage(
        "undecodable", "The file is damaged or of a rare kind: open it and export it again as JPEG or PNG."
    )


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken EXIF is common and must not cost the photo
        return 1
    return value if isinstance(value, int) and value in _UPRIGHT else 1


def _note(image: Image.Image, orientation: int) -> str:
    mode = "RGBA" if image.mode == "RGB" and image.has_transparency_data else image.mode
    notes = [_MODE_NOTES.get(mode, "" if mode == "RGB" else f"{mode}, converted to RGB")]
    if orientation != 1:
        notes.append("turned upright as its EXIF says")
    return "; ".join(note for note in notes if note)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_8_bit(image)).convert("RGB")
    if image.has_transparency_data:
        cut_out = image.convert("RGBA")
        white = Image.new("RGBA", cut_out.size, "white")
        return Image.alpha_composite(white, cut_out).convert("RGB")
    return image.convert("RGB")


def _to_8_bit(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Grey values of more than 8 bits, scaled by the full range of their type to 0..255.

    32-bit and floating-point files do not say their range: the smallest of 1 (floats), 8 and 16
    bits that holds the values is taken.
    """
    values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
    if image.mode.startswith("I;16"):
        # tag 258, bits per sample: cameras write 12 bits, which Pillow hands over unscaled
        bits = getattr(image, "tag_v2", {}).get(258, (16,))[0]
        top = float(2**bits - 1)
    else:
        top = next((t for t in (1.0, 255.0) if values.max() <= t and (t > 1 or image.mode == "F")), 65535.0)
    return np.clip(np.rint(values * (255.0 / top)), 0, 255).astype(np.uint8)
