"""JPEG pixels, with libjpeg's warnings about them.

Pillow discards libjpeg's warnings: a photo that was cut off and closed with an end mark, or that contains a
block of zeros, decodes to grey or shifted squares without an error. simplejpeg (the same libjpeg-turbo, the
same pixels) passes them on.
"""

from __future__ import annotations

import re

import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

END = b"\xff\xd9"
_TABLES, _SCAN = 0xC4, 0xDA
_COLOURS = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}
_LEFT_OVER = re.compile(r"(\d+) extraneous bytes before marker 0xd9")
# A sector of a disk. Unless the first Huffman code of brightness means "the rest is zero", no picture is
# encoded by so many zero bytes.
_HOLE = bytes(512)


class Incomplete(ValueError):
    """Pixels are missing."""


class Damaged(ValueError):
    """All bytes are there, but they are not those of one picture."""


def closed(content: bytes) -> bytes:
    """The file with an end mark, which some cameras and incomplete copies leave out of complete photos."""
    return content if content.endswith(END) else content + END


def pixels(image: JpegImageFile, content: bytes) -> Image.Image:
    """The picture whose header Pillow has read from the content. Raises Incomplete or Damaged.

    Bytes after the end mark, and padding before it, are accepted.
    """
    colours = _COLOURS.get(image.mode)
    try:
        decoded = simplejpeg.decode_jpeg(content, colours) if colours else None
    except ValueError as error:
        _judge(str(error), content)
        decoded = None
    if decoded is None or decoded.shape[:2] != image.size[::-1] or image.mode == "CMYK":
        del decoded
        image.load()
        return image
    if _HOLE in content and "progressive" not in image.info:
        _refuse_hole(content)
    return Image.fromarray(decoded if image.mode == "RGB" else decoded.reshape(decoded.shape[:2]))


def _judge(warning: str, content: bytes) -> None:
    """Raise what a warning means; nothing for harmless ones and for rare kinds that simplejpeg refuses."""
    if "remature end" in warning:
        raise Incomplete(warning)
    if left_over := _LEFT_OVER.search(warning):
        # Some cameras pad the space before the end mark with one value.
        end = content.find(END, first_scan(content)[0])
        if len(set(content[end - int(left_over[1]) : end])) > 1:
            raise Damaged(warning)
    elif warning.startswith("Corrupt JPEG data"):
        raise Damaged(warning)


def _refuse_hole(content: bytes) -> None:
    """Zeros where no picture has them: sometimes the data after them fits again, and libjpeg does not
    warn."""
    start, code = first_scan(content)
    if code and content.find(_HOLE, start, content.find(END, start)) >= 0:
        raise Damaged


def first_scan(content: bytes) -> tuple[int, int]:
    """Where the pixels begin, and what the code of all zeros means in the Huffman table of brightness
    (class 1, number 0); 0 means "the rest is zero"."""
    place, code = 2, 0
    while content[place] == 0xFF and content[place + 1] != _SCAN and place + 4 < len(content):
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        table = content[place + 4 : place + 2 + length] if content[place + 1] == _TABLES else b""
        while len(table) > 17:
            if table[0] == 0x10:
                code = table[17]
            table = table[17 + sum(table[1:17]) :]
        place += 2 + length
    return place, code
