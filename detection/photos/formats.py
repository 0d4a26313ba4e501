"""The supported formats of photos: names, extensions and MIME types, all in this one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """extensions: files are stored under the first one. title: as people know it. browsers: whether
    browsers can show such a file."""

    name: str
    extensions: tuple[str, ...]
    mime: str
    title: str
    browsers: bool = False


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), "image/jpeg", "JPEG", browsers=True),
        Format("PNG", (".png",), "image/png", "PNG", browsers=True),
        Format("WebP", (".webp",), "image/webp", "WebP", browsers=True),
        Format("BMP", (".bmp", ".dib"), "image/bmp", "BMP", browsers=True),
        Format("TIFF", (".tif", ".tiff"), "image/tiff", "TIFF"),
        Format("HEIC", (".heic", ".heif", ".hif"), "image/heic", "HEIC"),
        Format("AVIF", (".avif",), "image/avif", "AVIF", browsers=True),
        Format("PNM", (".pnm", ".pgm", ".ppm", ".pbm"), "image/x-portable-anymap", "PGM, PPM"),
        Format("PFM", (".pfm",), "image/x-portable-floatmap", "PFM"),
    )
}

# Formats for masks only: too few colours to judge a part by are enough to mark a defect.
OF_MASKS = {"GIF": (".gif",)}


def listed(words: Sequence[str], last: str = "or") -> str:
    """ "a, b or c" of a, b and c."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


# "JPEG, PNG, ... or PFM", for people; and the value of a file field's `accept` attribute.
TAKEN = listed([title for one in FORMATS.values() for title in one.title.split(", ")])
ACCEPT = ",".join(dict.fromkeys(kind for one in FORMATS.values() for kind in (one.mime, *one.extensions)))
