"""Which picture of a TIFF is the photo; and camera raw files, most of which look like TIFFs."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

from PIL.TiffImagePlugin import ImageFileDirectory_v2

from detection.errors import UnreadableImage
from detection.photos import signatures

_SUBFILE, _OLD_SUBFILE, _PHOTOMETRIC, _MAKE, _INNER, _DNG = 254, 255, 262, 271, 330, 50706
BITS, MAX_VALUE, SAMPLE_FORMAT = 258, 281, 339
_CFA, _LINEAR_RAW = 32803, 34892
_WHITE_IS_ZERO = 0
# Bits of NewSubfileType, and the value of the older SubfileType, that say: smaller copy, transparency mask.
_SMALLER, _MASK, _OLD_SMALLER = 1, 4, 2
# A file of more pages is one of several pages, whatever the rest of them are.
_MOST = 64
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


def page(stream: BinaryIO) -> int:
    """The number of the page that is the photo: the only one that is no smaller copy and no mask.

    Raises UnreadableImage for camera raw files, whose first page is a thumbnail or what no program but a
    raw converter can show, and for several pages. Of a damaged file it is the first: its decoder will tell.
    """
    try:
        pages = list(_pages(stream))
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error):
        return 0
    finally:
        stream.seek(0)
    whole = [number for number, (tags, _) in enumerate(pages) if not _is_extra(tags)]
    _refuse_raw(pages)
    if len(whole) == 1:
        return whole[0]
    if len(pages) > 1:
        raise UnreadableImage(
            "animated", "The file has several pages: save the picture to judge as a file of its own."
        )
    return 0


def white_is_zero(tags: Any) -> bool:
    return bool(tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO)


def _refuse_raw(pages: list[tuple[ImageFileDirectory_v2, list[ImageFileDirectory_v2]]]) -> None:
    first, inner = pages[0]
    every = [one for tags, inside in pages for one in (tags, *inside)]
    is_raw = (
        _DNG in first
        or any(one.get(_PHOTOMETRIC) in (_CFA, _LINEAR_RAW) for one in every)
        # The picture itself is within: the first page is its thumbnail.
        or (_is_extra(first) and any(not _is_extra(one) for one in inner))
    )
    if is_raw:
        maker = (str(first.get(_MAKE, "")).upper().split() or [""])[0]
        name = "DNG" if _DNG in first else _RAW_OF.get(maker, "")
        raise UnreadableImage(
            "unsupported_format", signatures.remedy(f"{signatures.RAW} ({name})" if name else signatures.RAW)
        )


def _is_extra(tags: ImageFileDirectory_v2) -> bool:
    kind = tags.get(_SUBFILE, 0)
    return bool(isinstance(kind, int) and kind & (_SMALLER | _MASK)) or tags.get(_OLD_SUBFILE) == _OLD_SMALLER


def _pages(stream: BinaryIO) -> Iterator[tuple[ImageFileDirectory_v2, list[ImageFileDirectory_v2]]]:
    """The tags of each page, and those of the pictures within it."""
    stream.seek(0)
    header = stream.read(8)
    header += stream.read(8) if header[2:3] == b"+" or header[3:4] == b"+" else b""
    place, seen = ImageFileDirectory_v2(header).next, set[int]()
    while place and place not in seen and len(seen) < _MOST:
        seen.add(place)
        tags = _tags(stream, header, place)
        inner = tags.get(_INNER, ())
        inner = inner if isinstance(inner, tuple) else (inner,)
        yield tags, [_tags(stream, header, int(one)) for one in inner[:_MOST]]
        place = tags.next


def _tags(stream: BinaryIO, header: bytes, place: int) -> ImageFileDirectory_v2:
    tags = ImageFileDirectory_v2(header)
    stream.seek(place)
    tags.load(stream)
    return tags
