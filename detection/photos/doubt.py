"""Files that decode but may still be damaged, about which a note warns."""

from __future__ import annotations

from detection.photos import jpeg

HOLE = "the file contains a block of zeros and may be damaged: check the photo"
EARLY = "the file may be cut off: some of its detail is missing"
# A sector of a disk. Files of these formats have no runs of so many zeros, except in huge plain areas.
_HOLE = bytes(512)
_SCAN, _COEFFICIENTS = b"\xff\xda", 64


def of(format: str, content: bytes) -> str:
    """Why a decoded file may be damaged; "" if there is no sign of it."""
    if format == "JPEG":
        return EARLY if _ends_early(content) else ""
    dense = format in ("HEIC", "AVIF") or (format == "WebP" and b"VP8L" not in content)
    return HOLE if dense and _HOLE in content.rstrip(b"\0") else ""


def _ends_early(content: bytes) -> bool:
    """Whether a progressive JPEG stops before every coefficient is refined to its last bit.

    If it was cut between two scans, nothing is missing that libjpeg would notice.
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
