"""A file's format by its first bytes, and what to do about unsupported formats."""

from __future__ import annotations

import re

RAW = "camera raw"
# The number of bytes that `sniff` needs.
HEAD = 64

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"IIU\0", f"{RAW} (RW2)"),
    (b"IIRO", f"{RAW} (ORF)"),
    (b"IIRS", f"{RAW} (ORF)"),
    (b"MMOR", f"{RAW} (ORF)"),
    (b"FUJIFILMCCD-RAW", f"{RAW} (RAF)"),
    (b"II\x1a\0\0\0HEAPCCDR", f"{RAW} (CRW)"),
    (b"\0MRM", f"{RAW} (MRW)"),
    (b"FOVb", f"{RAW} (X3F)"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"8BPS", "Photoshop"),
    (b"<svg", "SVG"),
    (b"PK\x03\x04", "ZIP"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"II\xbc\x01", "JPEG XR"),
    (b"v/1\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
    (b"DDS ", "DDS"),
)
_NETPBM = re.compile(rb"P([1-6fF7])[\s#]")
_NETPBM_NAMES = {b"f": "PFM", b"F": "PFM in colour", b"7": "PAM"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
_REMEDIES = {
    "GIF": "GIF has too few colours to judge a part by: take the photo as JPEG or PNG.",
    "PDF": "A PDF is a document, not a photo: export the picture in it as JPEG or PNG.",
    "video": "Videos are not supported: send a single frame as JPEG or PNG.",
    "ZIP": "A ZIP is an archive: unpack it and send the photos in it.",
}


def sniff(head: bytes) -> str | None:
    """The format that a file's first bytes belong to; None if it is not a picture."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":
        return _container(head)
    if netpbm := _NETPBM.match(head):
        return _NETPBM_NAMES.get(netpbm[1], "PNM")
    if head[:4] in (b"II*\0", b"MM\0*") and head[8:10] == b"CR":
        return f"{RAW} (CR2)"
    return next((name for start, name in _STARTS if head.startswith(start)), None)


def _container(head: bytes) -> str:
    """By the brands of an ISO media file: the major brand and the compatible ones."""
    size = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[place : place + 4] for place in range(16, size - 3, 4))}
    if b"crx " in brands:
        return f"{RAW} (CR3)"
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    return "HEIC" if brands & _HEIF_BRANDS else "video"


def remedy(format: str) -> str:
    """What a person should do with a file of this format."""
    if format.startswith(RAW):
        name = format[len(RAW) + 1 :]
        return f"This is a camera raw file{name and ' ' + name}: export it as JPEG, PNG or TIFF."
    return _REMEDIES.get(format, f"{format} files are not supported: export the photo as JPEG or PNG.")
