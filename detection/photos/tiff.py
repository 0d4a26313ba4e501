"""Which picture of a TIFF is the photo; and camera raw files, most of which look like TIFFs."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import ImageFile, ImagePalette

from detection.errors import UnreadableImage
from detection.photos import ifd, orientation, signatures
from detection.photos.ifd import Directory
from detection.photos.limits import MAX_STRIPS, too_many_parts

_SUBFILE, _OLD_SUBFILE, _PHOTOMETRIC, _MAKE, _INNER, _DNG = 254, 255, 262, 271, 330, 50706
BITS, MAX_VALUE, SAMPLE_FORMAT = 258, 281, 339
_CFA, _LINEAR_RAW = 32803, 34892
_WHITE_IS_ZERO = 0
# Bits of NewSubfileType, and the value of the older SubfileType: smaller copy, transparency mask.
_SMALLER, _MASK, _OLD_SMALLER = 1, 4, 2
_WIDTH, _HEIGHT, _COMPRESSION, _ORIENTATION, _SAMPLES = 256, 257, 259, 274, 277
_ROWS, _PLANES, _COLOURS, _TILE_WIDTH, _TILE_HEIGHT, _JPEG_TABLES = 278, 284, 320, 322, 323, 347
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325
# Tags with a value for each strip or tile; and the other tags that a decoder reads, which may have a few
# values for each channel, except the colours of a palette and the bytes of JPEG tables (574 as a rule).
_PER_STRIP = (_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES)
_READ = (*range(254, 260), 262, 266, 274, 277, 278, 282, 283, 284, 296, 317, 322, 323, 338, 339, 530)
_FEW, _MOST_OF = 64, {_COLOURS: 3 * 65536, _JPEG_TABLES: 65536}
_SEPARATE, _SIGNED = 2, 2
# Pillow's raw modes in the byte order of a big-endian file, and in that of the machine.
_NATIVE = {"I;16BS": "I;16NS", "I;32BS": "I;32NS", "F;32BF": "F;32NF"}
_RAW_OF = {
    "NIKON": "NEF",
    "CANON": "CR2",
    "SONY": "ARW",
    "PENTAX": "PEF",
    "RICOH": "PEF",
    "SAMSUNG": "SRW",
    "OLYMPUS": "ORF",
    "PANASONIC": "RW2",
    "LEICA": "RWL",
    "HASSELBLAD": "3FR",
    "PHASE": "IIQ",
    "EPSON": "ERF",
    "KODAK": "DCR",
    "MAMIYA": "MEF",
}


@dataclass(frozen=True, slots=True)
class Page:
    """The page that is the photo. block: bytes of a strip or tile for each pixel of the picture; a decoder
    of compressed files holds one at a time."""

    number: int = 0
    orientation: int = 1
    block: float = 0.0


def page(stream: BinaryIO) -> Page:
    """The page that is the photo: the only one that is neither a smaller copy nor a mask.

    Raises UnreadableImage for camera raw files, whose first page is a thumbnail or something that only raw
    converters can show, for several pages, for more strips than any photo has, and for what Pillow reads
    wrongly. Of a damaged file it is the first: its decoder will report the damage.
    """
    if stream.read(4) == b"MM\0+":
        raise _unread("is a big-endian BigTIFF")
    pages, damaged = _pages(stream)
    if not pages:
        return Page()
    whole = [number for number, (tags, _) in enumerate(pages) if not _is_extra(tags)]
    if damaged:
        pages, whole = pages[:1], [0]
    _refuse_raw(pages)
    if len(pages) > 1 and len(whole) != 1:
        raise UnreadableImage(
            "animated", "The file has several pages: save the picture to judge as a file of its own."
        )
    number = whole[0] if len(whole) == 1 else 0
    # A decoder reads all pages up to the photo's.
    for tags, _ in pages[: number + 1]:
        _check_counts(tags)
    tags = pages[number][0]
    _check_values(tags)
    return Page(number, orientation.checked(tags.get(_ORIENTATION)), _block(tags))


def _pages(stream: BinaryIO) -> tuple[list[tuple[Directory, list[Directory]]], bool]:
    """Each page with the pictures inside it, as far as they can be read; and whether any could not."""
    pages: list[tuple[Directory, list[Directory]]] = []
    try:
        reader = ifd.Reader(stream)
        for tags in reader.pages():
            pages.append((tags, []))
            pages[-1][1].extend(_within(reader, tags))
    except (OSError, ValueError, OverflowError, struct.error):
        return pages, True
    finally:
        stream.seek(0)
    return pages, False


def _within(reader: ifd.Reader, tags: Directory) -> list[Directory]:
    """The pictures inside a page."""
    return [reader.directory(place) for place in tags.numbers(_INNER)[: ifd.MOST]]


def _check_counts(tags: Directory) -> None:
    if any(tags.counts.get(tag, 0) > MAX_STRIPS for tag in _PER_STRIP):
        raise too_many_parts("strips or tiles", MAX_STRIPS)
    most = {**dict.fromkeys(_READ, _FEW), **_MOST_OF}
    if any(tags.counts.get(tag, 0) > count for tag, count in most.items()):
        raise UnreadableImage(
            "undecodable", "The file's header is damaged: open it and export it again as JPEG or PNG."
        )


def _check_values(tags: Directory) -> None:
    """Refuse values that Pillow reads as others, without a word."""
    bits = max(tags.numbers(BITS), default=1)
    if bits > 8 and tags.number(_PLANES, 1) == _SEPARATE and tags.number(_SAMPLES, 1) > 1:
        raise _unread(f"stores {bits}-bit colours in separate planes")
    if bits == 8 and _SIGNED in tags.numbers(SAMPLE_FORMAT):
        raise _unread("stores signed 8-bit values")


def _unread(what: str) -> UnreadableImage:
    return UnreadableImage(
        "undecodable", f"The file {what}, which is not supported: export it as PNG, or as an ordinary TIFF."
    )


def corrected(image: ImageFile.ImageFile) -> ImageFile.ImageFile:
    """The same header, to be loaded with the values that the file means.

    libtiff, which reads compressed files, gives values in the byte order of the machine; Pillow takes signed
    and floating-point ones as in that of the file. And some programs write a palette in 8 bits instead of 16.
    """
    image.tile = [
        tile._replace(args=(_NATIVE.get(tile.args[0], tile.args[0]), *tile.args[1:]))
        if tile.codec_name == "libtiff" and isinstance(tile.args, tuple)
        else tile
        for tile in image.tile
    ]
    colours = image.tag_v2.get(_COLOURS, ()) if image.mode in ("P", "PA") else ()  # type: ignore[attr-defined]
    if colours and max(colours) < 256:
        image.palette = ImagePalette.raw("RGB;L", bytes(colours))
    return image


def _block(tags: Directory) -> float:
    """Uncompressed files are read line by line."""
    if tags.number(_COMPRESSION, 1) == 1:
        return 0.0
    width, height = max(1, tags.number(_WIDTH, 1)), max(1, tags.number(_HEIGHT, 1))
    rows = min(tags.number(_ROWS, height), height)
    pixels = width * rows
    if _TILES in tags.counts or _TILE_WIDTH in tags.counts:
        pixels = tags.number(_TILE_WIDTH, width) * tags.number(_TILE_HEIGHT, height)
    return pixels * max(1, tags.number(_SAMPLES, 1)) * max(tags.numbers(BITS), default=1) / 8 / width / height


def white_is_zero(tags: Any) -> bool:
    return bool(tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO)


def _refuse_raw(pages: list[tuple[Directory, list[Directory]]]) -> None:
    first, inner = pages[0]
    every = [one for tags, inside in pages for one in (tags, *inside)]
    is_raw = (
        _DNG in first
        or any(one.get(_PHOTOMETRIC) in (_CFA, _LINEAR_RAW) for one in every)
        # The picture itself is inside: the first page is its thumbnail.
        or (_is_extra(first) and any(not _is_extra(one) for one in inner))
    )
    if is_raw:
        maker = (str(first.get(_MAKE, "")).upper().split() or [""])[0]
        name = "DNG" if _DNG in first else _RAW_OF.get(maker, "")
        raise UnreadableImage(
            "unsupported_format", signatures.remedy(f"{signatures.RAW} ({name})" if name else signatures.RAW)
        )


def _is_extra(tags: Directory) -> bool:
    kind = tags.get(_SUBFILE, 0)
    return bool(isinstance(kind, int) and kind & (_SMALLER | _MASK)) or tags.get(_OLD_SUBFILE) == _OLD_SMALLER
