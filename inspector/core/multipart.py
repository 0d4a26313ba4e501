"""File names in uploads that Django would drop without a word, or refuse the whole request for.

Programs send parts with an empty name, with one in Latin-1, longer than a part's headers may be, or of
nothing but what Django strips. The file in such a part is a file like any other: it gets a name here.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Protocol

from django.http.multipartparser import MultiPartParser
from django.utils.http import parse_header_parameters

CHUNK = 64 * 1024
HEADERS = 16 * 1024  # bytes of a part's headers that are looked at
DJANGOS = 1024  # bytes of them that Django takes; for more it refuses the request
END = b"\r\n\r\n"  # of a part's headers
UNNAMED = "unnamed"
LONGEST = 150  # characters of a name that is shortened; its end is kept, with the extension


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def named(body: Readable, boundary: bytes) -> io.BufferedReader:
    """A multipart body to read from, in which every file has a name that Django accepts."""
    return io.BufferedReader(_Named(body, boundary))


class _Named(io.RawIOBase):
    def __init__(self, body: Readable, boundary: bytes) -> None:
        self._pieces = _pieces(body, b"--" + boundary)
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._waiting = self._waiting or next(self._pieces, b"")
        count = min(len(buffer), len(self._waiting))
        buffer[:count], self._waiting = self._waiting[:count], self._waiting[count:]
        return count


def _pieces(stream: Readable, delimiter: bytes) -> Iterator[bytes]:
    """The body, with the headers of its parts corrected; little more than two chunks are in memory at a
    time."""
    body, more = b"", True
    while True:
        while more and len(body) < CHUNK + HEADERS:
            chunk = stream.read(CHUNK)
            body, more = body + chunk, bool(chunk)
        if not body:
            return
        piece, body = _piece(body, delimiter, more)
        yield piece


def _piece(body: bytes, delimiter: bytes, more: bool) -> tuple[bytes, bytes]:
    """The next piece and the rest. more: the body continues after this, which then holds any part's
    headers."""
    start, after = body.find(delimiter), len(delimiter)
    if start < 0:
        end = len(body) - (after if more else 0)  # half of a delimiter may be there
        return body[:end], body[end:]
    if start > 0:
        return body[:start], body[start:]
    end = body.find(END, after, after + HEADERS)
    if end < 0 or body.startswith(b"--", after):
        return body[:after], body[after:]
    empty = body.startswith(b"\r\n" + delimiter, end + len(END))
    return delimiter + _mended(body[after:end], empty), body[end:]


def _mended(headers: bytes, empty: bool) -> bytes:
    """empty: nothing is in the part. Without a name that is a form's field in which no file was chosen."""
    try:
        text = headers.decode()
    except UnicodeDecodeError:
        text = headers.decode("latin-1")
    lines = text.split("\r\n")
    return "\r\n".join(line if empty else _with_name(line, len(headers)) for line in lines).encode()


def _with_name(line: str, length: int) -> str:
    if not line.lower().startswith("content-disposition:"):
        return line
    try:
        name = parse_header_parameters(line)[1].get("filename")
    except (ValueError, LookupError):  # an encoding that nobody knows
        name = ""
    if name is None or (_kept(name) and length < DJANGOS - 100):
        return line
    field = re.search(r';\s*name="?([^";]*)', line)
    given = (_kept(name) or UNNAMED)[-LONGEST:].replace("\\", "").replace('"', "")
    return (
        f'Content-Disposition: form-data; name="{field[1] if field else ""}"; filename="{given or UNNAMED}"'
    )


def _kept(name: str) -> str:
    """What Django keeps of it."""
    return MultiPartParser.sanitize_file_name(None, name) or ""  # type: ignore[arg-type]
