"""The only module that opens photos. `probe` reads headers; `decode` gives upright 8-bit RGB.

Both refuse with UnreadableImage: a stable code, and a message that says what to do. The format is detected
from the first bytes and its plugin is called directly, so no other of Pillow's dozens of parsers ever sees an
upload; limits are checked before any pixel is decoded.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from detection.errors import UnreadableImage
from detection.photos import picture
from detection.photos.formats import ACCEPT, FORMATS, TAKEN, Format
from detection.photos.levels import OLD, PLAIN, Extent, Levels
from detection.photos.limits import MAX_BYTES, MAX_PIXELS
from detection.photos.opening import Opened, sniff, stream_of
from detection.photos.picture import Picture

__all__ = [
    "ACCEPT",
    "EXTENSIONS",
    "FORMATS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "OLD",
    "PLAIN",
    "TAKEN",
    "Extent",
    "Format",
    "ImageInfo",
    "Levels",
    "Picture",
    "decode",
    "extent",
    "load",
    "probe",
    "stored",
]

EXTENSIONS: dict[str, tuple[str, ...]] = {name: one.extensions for name, one in FORMATS.items()}

_MODE_NOTES = {
    "1": "black and white, converted to RGB",
    "L": "grey, converted to RGB",
    "LA": "grey with transparency, shown on white and converted to RGB",
    "P": "palette, converted to RGB",
    "PA": "palette with transparency, shown on white and converted to RGB",
    "RGBA": "transparent parts shown on white",
    "CMYK": "CMYK, converted to RGB",
    "YCbCr": "YCbCr, converted to RGB",
}
_KIND_NOTES = {
    "uint16": "16-bit, scaled to 8-bit RGB",
    "int32": "32-bit, scaled to 8-bit RGB",
    "float": "floating point, scaled to 8-bit RGB",
}


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What a photo's header says. Width and height are upright, as a person sees the photo.

    note: in a few words, what decoding will change, and that the file is misnamed; "" if nothing.
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

    A file name (by default the path's own) that does not match the content is only noted. A stream is left at
    its start.
    """
    if filename is None and isinstance(file, Path):
        filename = file.name
    with stream_of(file) as stream:
        size = stream.seek(0, io.SEEK_END)
        if size > max_bytes:
            raise UnreadableImage(
                "too_many_bytes",
                f"The file is larger than {max_bytes / 2**20:,.0f} MB. Export it smaller, or as JPEG.",
            )
        opened = Opened(stream, sniff(stream), max_pixels, header_only=True)
        stream.seek(0)
        note = "; ".join(filter(None, (_misnamed(filename, opened.format), *_notes(opened))))
        return ImageInfo(opened.format, *opened.size, opened.image.mode, size, note)


def load(source: Path | str | BinaryIO | bytes, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """The decoded photo, for callers that need it in several forms; see `decode`. Raises UnreadableImage."""
    with stream_of(source) as stream:
        return picture.of_file(Opened(stream, sniff(stream), max_pixels))


def decode(
    source: Path | str | BinaryIO | bytes,
    *,
    levels: Levels = PLAIN,
    shown: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Image.Image:
    """The photo as an upright 8-bit RGB image of full size. Raises UnreadableImage.

    Transparent parts become white. Values of more than 8 bits are scaled by `levels`; where these say
    nothing, by what the file declares or by the full range of its type. Never by the image's own values, so
    equal light gives equal values in every photo; but with `shown`, for people, by those too. Embedded colour
    profiles are not applied.
    """
    photo = load(source, max_pixels=max_pixels)
    return photo.shown(levels) if shown else photo.rgb(levels)


def stored(source: Path | str | BinaryIO | bytes, *, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """A mask as stored in its file, upright, in any mode, with its alpha channel. For photos, use `decode`.

    Raises UnreadableImage.
    """
    with stream_of(source) as stream:
        return picture.stored(Opened(stream, sniff(stream, mask=True), max_pixels))


def extent(source: Path | str | BinaryIO | bytes) -> Extent | None:
    """The range of values of a photo of more than 8 bits; None for others, which are not decoded."""
    with stream_of(source) as stream:
        format = sniff(stream)
        opened = Opened(stream, format, MAX_PIXELS, header_only=True)
        if opened.kind is None:
            return None
        stream.seek(0)
        return picture.of_file(Opened(stream, format, MAX_PIXELS)).extent


def _misnamed(filename: str | None, format: str) -> str:
    suffix = Path(filename or "").suffix.lower()
    # Pasted and streamed photos may have no extension.
    if not suffix or suffix in EXTENSIONS[format]:
        return ""
    article = "an" if format[0] in "AH" and format != "HEIC" else "a"
    return f"named {suffix} but holds {article} {FORMATS[format].title.split(',')[0]}"


def _notes(opened: Opened) -> tuple[str, ...]:
    image = opened.image
    mode = "RGBA" if image.mode == "RGB" and image.has_transparency_data else image.mode
    changed = _KIND_NOTES.get(opened.kind or "", "") or _MODE_NOTES.get(
        mode, "" if mode == "RGB" else f"{mode}, converted to RGB"
    )
    return changed, "turned upright as its EXIF data says" if opened.orientation != 1 else ""
