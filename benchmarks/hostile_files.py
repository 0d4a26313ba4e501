"""Hostile files by name: the same bytes in every run.

KINDS: by the name of each kind, the file's name and the function that makes it. BOMBS: those that are made to
take much memory or time.
"""

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.hostile_tiffs import SIDE, TIFFS, encoded, grey, tiff

Kind = tuple[str, Callable[[], bytes]]
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    "jpg": ("JPEG", {}),
    "progressive.jpg": ("JPEG", {"progressive": True}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {}),
    "lossless.webp": ("WEBP", {"lossless": True}),
    "bmp": ("BMP", {}),
    "tif": ("TIFF", {}),
    "lzw.tif": ("TIFF", {"compression": "tiff_lzw"}),
    "heic": ("HEIF", {}),
    "avif": ("AVIF", {"speed": 10}),
    "ppm": ("PPM", {}),
}
SHARES = (0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97)
SEEDS = range(8)


@cache
def whole(name: str) -> bytes:
    pixels = np.random.default_rng(7).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    format, options = FORMATS[name]
    return encoded(Image.fromarray(pixels).resize((320, 240)), format, **options)


def cut(name: str, share: float) -> bytes:
    return whole(name)[: int(len(whole(name)) * share)]


def damaged(name: str, seed: int) -> bytes:
    broken, random = bytearray(whole(name)), np.random.default_rng(seed)
    # In every second one, only the header.
    most = 200 if seed % 2 else len(broken)
    for place in random.integers(4, most, 6):
        broken[place] = random.integers(256)
    return bytes(broken)


def holed(name: str) -> bytes:
    middle = len(whole(name)) // 2
    return whole(name)[:middle] + bytes(1024) + whole(name)[middle + 1024 :]


# --- PNG ---------------------------------------------------------------------------------------------
def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, *, bits: int = 8, colour: int = 2, extra: bytes = b"", data: int = -1
) -> bytes:
    """data: how many bytes of pixels; by default, as many as the size needs."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    size = height * (1 + -(-width * bits * channels // 8)) if data < 0 else data
    squeeze, block = zlib.compressobj(6), bytes(2**20)
    pixels = [squeeze.compress(block[: min(2**20, size - done)]) for done in range(0, size, 2**20)]
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    end = chunk(b"IDAT", b"".join([*pixels, squeeze.flush()])) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + extra + palette + end


def inflating(kind: bytes, before: bytes) -> bytes:
    return png(64, 64, extra=chunk(kind, before + zlib.compress(bytes(200_000_000))))


# --- JPEG --------------------------------------------------------------------------------------------
def jpeg(size: tuple[int, int], mode: str = "RGB", **options: Any) -> bytes:
    return encoded(Image.new(mode, size), "JPEG", **options)


def scans(side: int, count: int) -> bytes:
    """A progressive JPEG whose last scan is repeated `count` times."""
    content = jpeg((side, side), progressive=True)
    last = content.rfind(b"\xff\xda")
    return content[:-2] + content[last:-2] * count + b"\xff\xd9"


def with_segments(marker: int, body: bytes, count: int) -> bytes:
    segment = bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body
    content = jpeg((64, 64))
    return content[:2] + segment * count + content[2:]


def exif_bomb() -> bytes:
    """5,000 tags that all claim the same 60 KB."""
    tags = b"".join(struct.pack("<HHII", n, 7, 60_000, 8) for n in range(5_000))
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 5_000) + tags


JPEGS: dict[str, Callable[[], bytes]] = {
    "jpeg, 5,000 scans": lambda: scans(1_000, 5_000),
    "jpeg, 99 scans": lambda: scans(1_000, 88),
    "jpeg, many scans of 54 megapixels": lambda: scans(7_340, 25),
    "jpeg, 59 megapixels": lambda: jpeg((SIDE, SIDE)),
    "jpeg, grey": lambda: jpeg((SIDE, SIDE), "L"),
    "jpeg, progressive": lambda: jpeg((7_340, 7_340), progressive=True, subsampling=0),
    "jpeg, CMYK": lambda: jpeg((SIDE, SIDE), "CMYK"),
    "jpeg, CMYK, progressive": lambda: jpeg((6_600, 6_600), "CMYK", progressive=True),
    "jpeg, line": lambda: jpeg((65_000, 1)),
    "jpeg, 2,000,000 comments": lambda: with_segments(0xFE, b"", 2_000_000),
    "jpeg, 400 profiles of 64 KB": lambda: with_segments(0xE2, b"ICC_PROFILE\0" + bytes(65_000), 400),
    "jpeg, 400 descriptions": lambda: with_segments(
        0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<" * 65_000, 400
    ),
    "jpeg, exif that claims 300 MB": lambda: with_segments(0xE1, exif_bomb(), 1),
    "jpeg, 400 exifs": lambda: with_segments(0xE1, exif_bomb(), 400),
    "jpeg, 10,000 tables": lambda: with_segments(0xDB, b"\0" + b"\1" * 64, 10_000),
    "jpeg, fill of 20 MB": lambda: b"\xff\xd8" + b"\xff" * 20_000_000,
    "jpeg, turned": lambda: encoded(Image.new("RGB", (SIDE, SIDE)), "JPEG", exif=_turned()),
}


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


PNGS: dict[str, Callable[[], bytes]] = {
    "png, 1 x 59,000,000": lambda: png(1, 59_000_000, colour=0),
    "png, 59,000,000 x 1": lambda: png(59_000_000, 1, colour=0),
    "png, 400 x 100,001": lambda: png(400, 100_001, colour=0),
    "png, 600 x 99,000": lambda: png(600, 99_000),
    "png, 59 megapixels": lambda: png(SIDE, SIDE),
    "png, grey": lambda: png(SIDE, SIDE, colour=0),
    "png, alpha": lambda: png(SIDE, SIDE, colour=6),
    "png, grey with alpha": lambda: png(SIDE, SIDE, colour=4),
    "png, palette": lambda: png(SIDE, SIDE, colour=3),
    "png, transparent colour": lambda: png(SIDE, SIDE, extra=chunk(b"tRNS", bytes(6))),
    "png, 1 bit": lambda: png(SIDE, SIDE, bits=1, colour=0),
    "png, 16-bit": lambda: png(SIDE, SIDE, bits=16, colour=0),
    "png, 16-bit colours": lambda: png(6_200, 6_200, bits=16),
    "png, 16-bit colours, too many": lambda: png(SIDE, SIDE, bits=16, data=1000),
    "png, 16-bit with alpha": lambda: png(5_070, 5_070, bits=16, colour=6),
    "png, turned": lambda: encoded(Image.new("RGB", (SIDE, SIDE)), "PNG", exif=_turned()),
    "png, no pixels": lambda: png(SIDE, SIDE, data=1000),
    "png, too many pixels": lambda: png(64, 64, data=300_000_000),
    "png, text of 200 MB": lambda: inflating(b"zTXt", b"Comment\0\0"),
    "png, international text": lambda: inflating(b"iTXt", b"Comment\0\1\0\0\0"),
    "png, profile of 200 MB": lambda: inflating(b"iCCP", b"profile\0\0"),
    "png, exif of 20 MB": lambda: png(64, 64, extra=chunk(b"eXIf", b"II*\0" + b"\x08" * 20_000_000)),
    "png, exif that claims 300 MB": lambda: png(64, 64, extra=chunk(b"eXIf", exif_bomb()[6:])),
    "png, palette of 20 MB": lambda: png(64, 64, extra=chunk(b"PLTE", bytes(20_000_001))),
    "png, 2,000,000 chunks": lambda: png(64, 64, extra=chunk(b"tEXt", b"") * 2_000_000),
    "png, animation": lambda: png(64, 64, extra=chunk(b"acTL", struct.pack(">II", 100_000, 0))),
}


def _frames(format: str, count: int, **options: Any) -> bytes:
    frames = [Image.new("RGB", (64, 64), (n % 255, 0, n // 255)) for n in range(count)]
    return encoded(frames[0], format, save_all=True, append_images=frames[1:], **options)


OTHERS: dict[str, Callable[[], bytes]] = {
    "webp, 59 megapixels": lambda: encoded(Image.new("RGB", (16_000, 3_700)), "WEBP", method=0),
    "webp, all that is taken": lambda: encoded(Image.new("RGB", (5_600, 5_600)), "WEBP", method=0),
    "webp, lossless": lambda: encoded(Image.new("RGBA", (5_600, 5_600)), "WEBP", lossless=True, method=0),
    "webp, 300 frames": lambda: _frames("WEBP", 300, duration=10),
    "webp, 1,000,000 chunks": lambda: whole("webp") + b"XMP \0\0\0\0" * 1_000_000,
    "avif, too many pixels": lambda: encoded(Image.new("RGB", (7_000, 7_000)), "AVIF", speed=10),
    "avif, all that is taken": lambda: encoded(
        Image.new("RGB", (6_400, 6_400)), "AVIF", speed=10, subsampling="4:4:4"
    ),
    "avif, 30 frames": lambda: _frames("AVIF", 30, speed=10),
    "heic, 40 megapixels": lambda: encoded(Image.new("RGB", (6_400, 6_400)), "HEIF"),
    "gif, 300 frames": lambda: _frames("GIF", 300),
    "pgm, letters": lambda: b"P2 5000 5000 255\n" + b"7 " * 14_000_000,
    "pgm, letters that are taken": lambda: b"P2 1900 1900 255\n" + b"7 " * 1900 * 1900,
    "pbm, letters": lambda: b"P1 5000 5000\n" + b"1" * 25_000_000,
    "pgm, header of 20 MB": lambda: b"P5" + b" " * 20_000_000,
    "pgm, comment of 20 MB": lambda: b"P5\n#" + b"x" * 20_000_000,
    "pgm, 16-bit": lambda: b"P5 3800 3800 65535\n" + bytes(2 * 3800 * 3800),
    "ppm, 16-bit": lambda: b"P6 2200 2200 65535\n" + bytes(6 * 2200 * 2200),
    "pfm, not a number": lambda: b"Pf 2600 2600 -1.0\n" + b"\xff" * (4 * 2600 * 2600),
    "bmp, run lengths": lambda: bmp(7_600, 7_600, b"\xff\0" * 240_000),
    "bmp, short runs": lambda: bmp(7_600, 7_600, b"\1\0" * 14_000_000),
    "bmp, jumps": lambda: bmp(60_000, 900, b"\0\2\xff\xff" * 7_000_000),
}


def bmp(width: int, height: int, runs: bytes) -> bytes:
    place = 14 + 40 + 1024
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 1, len(runs), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", place + len(runs), 0, 0, place) + head + bytes(1024) + runs


BOMBS = PNGS | JPEGS | TIFFS | OTHERS

# --- Names and contents that do not go together --------------------------------------------------------
CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "one byte": b"\xff",
    "text": b"Dear sir or madam, " * 50,
    "html": b"<!doctype html><script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg with entities": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><svg>&a;</svg>',
    "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj",
    "zip": b"PK\x03\x04" + bytes(100),
    "gzip": b"\x1f\x8b\x08" + bytes(100),
    "program": b"\x7fELF" + bytes(100),
    "video": b"\0\0\0\x18ftypisom" + bytes(100),
    "photoshop": b"8BPS\0\1" + bytes(100),
    "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100),
    "jpeg xl": b"\xff\x0a" + bytes(100),
    "postscript": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "zeros": bytes(100_000),
}
NAMES = (
    *("../../etc/passwd.png", "a\0b.png", ".png", "png", "x" * 300 + ".png", "CON.png", "a;b.png", 'a"b.png'),
    *(
        "a\\b.png",
        "\u202egnp.exe",
        "\ud83d\ude00.png",
        "a\r\nb.png",
        "<script>.png",
        "%00.png",
        "part.php.png",
    ),
    *("part.svg", "part.html", "part", "  .png", "-rf.png"),
)


def _polyglot(format: str, tail: str) -> bytes:
    return whole(format) + CONTENTS[tail]


def _sized(name: str, width: int, height: int) -> bytes:
    """A header that says another size than the pixels have."""
    if name == "png":
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
        return whole("png")[:8] + head + whole("png")[33:]
    if name == "bmp":
        return whole("bmp")[:18] + struct.pack("<II", width, height) + whole("bmp")[26:]
    if name == "tif":
        return tiff(grey(width, height, t279=(4, 1, 4096)), bytes(4096))
    if name == "jpg":
        place = whole("jpg").find(b"\xff\xc0") + 5
        return (
            whole("jpg")[:place]
            + struct.pack(">HH", height % 2**16, width % 2**16)
            + whole("jpg")[place + 4 :]
        )
    return f"P6 {width} {height} 255\n".encode() + bytes(1000)


def kinds() -> Iterator[tuple[str, Kind]]:
    for name in FORMATS:
        yield from ((f"{name}, {s:.0%} of it", (f"a.{name}", partial(cut, name, s))) for s in SHARES)
        yield from ((f"{name}, damaged {n}", (f"a.{name}", partial(damaged, name, n))) for n in SEEDS)
        yield f"{name}, hole", (f"a.{name}", partial(holed, name))
    for what, content in CONTENTS.items():
        for name in ("a.png", "a.jpg", "a.tif"):
            yield f"{what} as {name}", (name, partial(bytes, content))
    for name in ("jpg", "png", "bmp", "webp"):
        for tail in ("html", "zip", "pdf", "svg"):
            yield f"{name} and {tail}", (f"a.{name}", partial(_polyglot, name, tail))
    for name in ("png", "bmp", "tif", "jpg", "ppm"):
        for width, height in (
            (0, 0),
            (1, 1),
            (0, 9),
            (65_535, 65_535),
            (2**31 - 1, 1),
            (2**31, 2**31),
            (9_000, 300),
        ):
            yield f"{name}, {width:,} x {height:,}", (f"a.{name}", partial(_sized, name, width, height))
    for name in NAMES:
        yield f"named {name[:20]!a}", (name, partial(whole, "png"))
    for name, make in BOMBS.items():
        yield name, (f"a.{name.partition(',')[0]}", make)


KINDS: dict[str, Kind] = dict(kinds())
