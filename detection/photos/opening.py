"""From a file to its decoded pixels: format by its first bytes, limits before decoding, one picture only."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pillow_heif
from PIL import Image, ImageFile
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile

from detection.errors import UnreadableImage
from detection.photos import (
    doubt,
    jpeg,
    jpeg_parts,
    netpbm,
    orientation,
    png,
    signatures,
    tiff,
    webp,
    weights,
)
from detection.photos.formats import FORMATS, OF_MASKS, TAKEN
from detection.photos.limits import check_memory, check_size, too_many_pixels
from detection.photos.orientation import SIDEWAYS
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
    "GIF": GifImageFile,
}
# Only the photo of a HEIC file is needed.
pillow_heif.options.THUMBNAILS = pillow_heif.options.DEPTH_IMAGES = pillow_heif.options.AUX_IMAGES = False


@contextmanager
def stream_of(source: Path | str | BinaryIO | bytes) -> Iterator[BinaryIO]:
    if isinstance(source, (str, Path)):
        with Path(source).open("rb") as stream:
            yield stream
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        yield source


def sniff(stream: BinaryIO, *, mask: bool = False) -> str:
    """The format by the first bytes; refuses formats that are not supported for photos, or for masks."""
    stream.seek(0)
    head = stream.read(signatures.HEAD)
    stream.seek(0)
    if not head:
        raise UnreadableImage("empty", "The file is empty (0 bytes): copy or export it again.")
    format = signatures.sniff(head)
    if format is None:
        raise UnreadableImage("not_an_image", f"The file is not an image. Send a photo as {TAKEN}.")
    if format not in FORMATS and not (mask and format in OF_MASKS):
        raise UnreadableImage("unsupported_format", signatures.remedy(format))
    return format


class Opened:
    """A photo whose header was read and is within the limits. Raises UnreadableImage.

    With `header_only`, no more of a PNG, JPEG or WebP is read, and it cannot be loaded.
    """

    image: ImageFile.ImageFile | webp.Header

    def __init__(self, stream: BinaryIO, format: str, max_pixels: int, *, header_only: bool = False) -> None:
        self.format = format
        self.significant_bits: int | None = None
        self.orientation = 1
        self.scans = 1
        self._page = tiff.page(stream) if format == "TIFF" else tiff.Page()
        with _faults(max_pixels):
            self._stream = self._essential(stream, header_only)
            if format == "WebP":
                self.image = webp.header(stream)
                self.orientation = self.image.orientation
            else:
                self.image = self.again()
        self._check(max_pixels)
        self.kind, self.lower = kind_of(self.image), lower_bytes(self.image)
        check_memory(*self.image.size, *weights.of(self, self._page.block), max_pixels)
        if format == "WebP" and not header_only:
            with _faults(max_pixels):
                self.image = self.again()

    def again(self) -> ImageFile.ImageFile:
        """The header, read again, to load the pixels in another way."""
        self._stream.seek(0)
        image = _OPENERS[self.format](self._stream)
        if self._page.number:
            image.seek(self._page.number)
        if self.format == "TIFF":
            return tiff.corrected(image)
        return netpbm.unscaled(image) if self.format == "PNM" else image

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, upright."""
        width, height = self.image.size
        # Pillow's TIFF plugin has already swapped the two where the orientation asks for it.
        return (height, width) if self.orientation >= SIDEWAYS and self.format != "TIFF" else (width, height)

    def load(self) -> Image.Image:
        """The decoded pixels, oriented as stored (a TIFF: upright). The image is the caller's own."""
        assert isinstance(self.image, ImageFile.ImageFile)
        with _faults():
            if isinstance(self.image, JpegImageFile):
                self._stream.seek(0)
                return jpeg.pixels(self.image, self._stream.read())
            image, self.image = self.image, self.again() if self.lower else self.image
            image.load()
            return image

    def doubt(self) -> str:
        """Why the file, once loaded, may be incomplete; "" if there is no sign of it."""
        if self.format not in ("WebP", "HEIC", "AVIF") and "progressive" not in self.image.info:
            return ""
        self._stream.seek(0)
        return doubt.of(self.format, self._stream.read())

    def load_tiles(self, tiles: list[ImageFile._Tile]) -> Image.Image:
        """The pixels of other tiles."""
        with _faults():
            image = self.again()
            image.tile = tiles
            image.load()
            return image

    def _essential(self, stream: BinaryIO, header_only: bool) -> BinaryIO:
        if self.format == "PNG":
            png_parts = png.essential(stream, header_only=header_only)
            self.significant_bits, self.orientation = png_parts.significant_bits, png_parts.orientation
            return png_parts.kept
        if self.format == "JPEG":
            parts = jpeg_parts.essential(stream)
            self.scans, self.orientation = parts.scans, parts.orientation
            if header_only or parts.pixels < 0:
                return io.BytesIO(parts.head)
            stream.seek(parts.pixels)
            return io.BytesIO(jpeg.closed(parts.head + stream.read()))
        if self.format in ("PNM", "PFM"):
            netpbm.check_header(stream)
        self.orientation = self._page.orientation
        return stream

    def _check(self, max_pixels: int) -> None:
        check_size(*self.image.size, max_pixels)
        if self.format != "TIFF" and getattr(self.image, "is_animated", False):
            kind = "several pictures" if self.format == "HEIC" else "several frames (an animation)"
            raise UnreadableImage(
                "animated", f"The file has {kind}: save the picture to judge as a file of its own."
            )
        if self.format in ("HEIC", "AVIF"):
            # Their EXIF is read with the header; no pixel is decoded for it.
            self.orientation = orientation.in_exif(self.image.info.get("exif") or b"")


@contextmanager
def _faults(max_pixels: int | None = None) -> Iterator[None]:
    """Any exception of a parser is a fault of the file."""
    try:
        yield
    except UnreadableImage:
        raise
    except Exception as error:
        if isinstance(error, Image.DecompressionBombError) and max_pixels:  # Pillow's own guard
            raise too_many_pixels(f"more than {max_pixels / 1e6:,.0f} megapixels", max_pixels) from error
        raise _damaged(error) from error


def _damaged(error: Exception) -> UnreadableImage:
    """Cut off, or damaged in another way? Pillow has no exception types for it: causes and wording tell."""
    if isinstance(error, (Image.DecompressionBombError, MemoryError)):
        return UnreadableImage("too_many_pixels", "The photo needs too much memory: shrink or crop it.")
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
