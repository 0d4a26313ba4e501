"""From a file to its decoded pixels: format by its first bytes, limits before decoding, one picture only."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from PIL import ExifTags, Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from detection.errors import UnreadableImage
from detection.photos import doubt, jpeg, netpbm, png, signatures, tiff
from detection.photos.formats import FORMATS, TAKEN
from detection.photos.values import kind_of, lower_bytes

_OPENERS: dict[str, type[ImageFile.ImageFile]] = {
    # Not Pillow's jpeg_factory: phones write several pictures into one JPEG, and the first is the photo.
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WebP": WebPImageFile,
    "BMP": BmpImageFile,
    "TIFF": TiffImageFile,
    "HEIC": HeifImageFile,
    "AVIF": AvifImageFile,
    "PNM": PpmImageFile,
    "PFM": PpmImageFile,
}
# Of a HEIC file only the photo is wanted.
pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False
SIDEWAYS = 5  # EXIF orientations from here on swap width and height


@contextmanager
def stream_of(source: Path | str | BinaryIO | bytes) -> Iterator[BinaryIO]:
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as stream:
            yield stream
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        yield source


def sniff(stream: BinaryIO) -> str:
    """The format by the first bytes; refuses what this package does not take."""
    stream.seek(0)
    head = stream.read(signatures.HEAD)
    stream.seek(0)
    if not head:
        raise UnreadableImage("empty", "The file is empty (0 bytes): copy or export it again.")
    format = signatures.sniff(head)
    if format is None:
        raise UnreadableImage("not_an_image", f"The file is not an image. Send a photo as {TAKEN}.")
    if format not in FORMATS:
        raise UnreadableImage("unsupported_format", signatures.remedy(format))
    return format


class Opened:
    """A photo's header, read and found within the limits. Raises UnreadableImage.

    With `header_only` no more of a PNG or JPEG is read than that, and it cannot be loaded.
    """

    def __init__(self, stream: BinaryIO, format: str, max_pixels: int, *, header_only: bool = False) -> None:
        self.format = format
        self.significant_bits: int | None = None
        self._page = tiff.page(stream) if format == "TIFF" else 0
        with _faults(max_pixels):
            self._stream = self._essential(stream, header_only)
            self.image = self.again()
        _check(self.image, format, max_pixels)
        # First of all: Pillow loads a PNG when it is asked for its EXIF.
        self.kind, self.lower = kind_of(self.image), lower_bytes(self.image)
        self.orientation = orientation_of(self.image)

    def again(self) -> ImageFile.ImageFile:
        """The header read anew, for another way to load the pixels."""
        self._stream.seek(0)
        image = _OPENERS[self.format](self._stream)
        if self._page:
            image.seek(self._page)
        return netpbm.unscaled(image) if self.format == "PNM" else image

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright."""
        width, height = self.image.size
        # Pillow's TIFF plugin has already swapped the two for a TIFF that lies on its side.
        return (height, width) if self.orientation >= SIDEWAYS and self.format != "TIFF" else (width, height)

    def load(self) -> Image.Image:
        """The decoded pixels, as they lie in the file (a TIFF: upright)."""
        with _faults():
            if isinstance(self.image, JpegImageFile):
                self._stream.seek(0)
                return jpeg.pixels(self.image, self._stream.read())
            self.image.load()
            return self.image

    def doubt(self) -> str:
        """What of the file, once loaded, makes one doubt that it is whole; "" if nothing."""
        if self.format not in ("WebP", "HEIC", "AVIF") and "progressive" not in self.image.info:
            return ""
        self._stream.seek(0)
        return doubt.of(self.format, self._stream.read())

    def load_tiles(self, tiles: list[ImageFile._Tile]) -> Image.Image:
        """The pixels that other tiles give."""
        with _faults():
            image = self.again()
            image.tile = tiles
            image.load()
            return image

    def _essential(self, stream: BinaryIO, header_only: bool) -> BinaryIO:
        if self.format == "PNG":
            kept, self.significant_bits = png.essential(stream, header_only=header_only)
            return kept
        if self.format == "JPEG" and not header_only:
            return io.BytesIO(jpeg.closed(stream.read()))
        return stream


def _check(image: ImageFile.ImageFile, format: str, max_pixels: int) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise _too_many_pixels(
            f"{width:,} x {height:,} px ({width * height / 1e6:,.1f} megapixels)", max_pixels
        )
    if format != "TIFF" and getattr(image, "is_animated", False):
        kind = "several pictures" if format == "HEIC" else "several frames (an animation)"
        raise UnreadableImage(
            "animated", f"The file has {kind}: save the picture to judge as a file of its own."
        )


def _too_many_pixels(found: str, max_pixels: int) -> UnreadableImage:
    return UnreadableImage(
        "too_many_pixels",
        f"The image has {found}; the limit is {max_pixels / 1e6:,.1f} megapixels. Shrink or crop it.",
    )


@contextmanager
def _faults(max_pixels: int | None = None) -> Iterator[None]:
    """Whatever a hostile file makes a parser raise is the file's fault."""
    try:
        yield
    except UnreadableImage:
        raise
    except Exception as error:
        if isinstance(error, Image.DecompressionBombError) and max_pixels:  # Pillow's own guard
            raise _too_many_pixels(f"more than {max_pixels / 1e6:,.0f} megapixels", max_pixels) from error
        raise _damaged(error) from error


def _damaged(error: Exception) -> UnreadableImage:
    """Cut off, or broken in another way? Pillow has no type for it: its causes and words tell."""
    if isinstance(error, (Image.DecompressionBombError, MemoryError)):
        return UnreadableImage("too_many_pixels", "The image needs too much memory: shrink or crop it.")
    if isinstance(error, (jpeg.Damaged, png.BadChecksum)):
        return UnreadableImage(
            "undecodable", "Part of the file is damaged: copy or upload it again, or retake the photo."
        )
    ended = (IndexError, TypeError, EOFError, struct.error, jpeg.Incomplete)
    if isinstance(error, ended) or isinstance(error.__cause__, ended) or "truncat" in str(error).lower():
        return UnreadableImage(
            "truncated", "The file is cut off: part of it is missing. Copy, upload or export it again."
        )
    return UnreadableImage(
        "undecodable",
        "The file is damaged or of an unusual kind: open it and export it again as JPEG or PNG.",
    )


def orientation_of(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # broken EXIF is common and must not cost the photo
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1
