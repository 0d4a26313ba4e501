"""Files that decode, and may be damaged all the same: a person is told to look at the photo."""

from __future__ import annotations

from detection.photos import jpeg

HOLE = "the file contains a block of zeros and may be damaged: check the photo"
EARLY = "the file may be cut off: some of its detail is missing"
# A sector of a disk; what pictures of these formats are coded by has no such runs, but for huge even areas.
_HOLE = bytes(512)
_SCAN, _COEFFICIENTS = b"\xff\xda", 64


def of(format: str, content: bytes) -> str:
    """What there is to doubt in a file that was decoded, "" if nothing."""
    if format == "JPEG":
        return EARLY if _ends_early(content) else ""
    dense = format in ("HEIC", "AVIF") or (format == "WebP" and b"VP8L" not in content)
    return HOLE if dense and _HOLE in content.rstrip(b"\0") else ""


def _ends_early(content: bytes) -> bool:
    """Whether a progressive JPEG stops before each coefficient was refined to its last bit.

    Cut between two scans, it lacks nothing that libjpeg would miss.
    """
    known: dict[tuple[int, int], int] = {}
    place, _ = jpeg.first_scan(content)
    content = content[: content.find(jpeg.END, place)]
    while place >= 0 and len(content) > place + 4:
        bands = content[place + 4]
        scan = content[place + 5 : place + 8 + 2 * bands]
        if len(scan) == 3 + 2 * bands and scan[-3] <= scan[-2] < _COEFFICIENTS:
            for number in range(bands):
                for coefficient in range(scan[-3], scan[-2] + 1):
                    known[scan[2 * number], coefficient] = scan[-1] & 15
        place = content.find(_SCAN, place + 2)
    bands = len({band for band, _ in known})
    return any(known.values()) or len(known) < bands * _COEFFICIENTS
