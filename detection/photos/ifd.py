"""The directories of a TIFF: which tags they have, with how many values; long values are not read."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from detection.photos.limits import too_many_parts

# Directories that are read at most; a file with more has several pages, whatever they are.
MOST = 64
_TAGS = 4096  # of one directory; programs write about 50
_VALUES = 64  # read of one tag at most
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_WHOLE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_TEXT = 2


@dataclass(slots=True)
class Directory:
    """values: whole numbers and texts, by tag. counts: the number of values of each tag."""

    values: dict[int, tuple[int, ...] | str] = field(default_factory=dict)
    counts: dict[int, int] = field(default_factory=dict)
    next: int = 0

    def __contains__(self, tag: object) -> bool:
        return tag in self.counts

    def get(self, tag: int, default: Any = None) -> Any:
        """Like Pillow: a single value as it is, several as a tuple."""
        value = self.values.get(tag, default)
        return value[0] if isinstance(value, tuple) and len(value) == 1 else value

    def numbers(self, tag: int) -> tuple[int, ...]:
        values = self.values.get(tag, ())
        return values if isinstance(values, tuple) else ()

    def number(self, tag: int, default: int) -> int:
        return next(iter(self.numbers(tag)), default)


class Reader:
    """Reads the directories of a file. Raises struct.error if it ends too early."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        stream.seek(0)
        head = stream.read(16)
        self._order = "<" if head[:2] == b"II" else ">"
        self._big = b"+" in head[2:4]
        self._first = self._unpack("Q" if self._big else "I", head[8:16] if self._big else head[4:8])

    def pages(self) -> Iterator[Directory]:
        place, seen = self._first, set[int]()
        while place and place not in seen and len(seen) < MOST:
            seen.add(place)
            directory = self.directory(place)
            yield directory
            place = directory.next

    def directory(self, place: int) -> Directory:
        directory = Directory()
        self._stream.seek(place)
        size, count, link = (20, "Q", "Q") if self._big else (12, "H", "I")
        tags = self._unpack(count, self._stream.read(struct.calcsize(count)))
        if tags > _TAGS:
            raise too_many_parts("tags", _TAGS)
        entries = self._stream.read(size * tags)
        following = self._stream.read(struct.calcsize(link))
        for start in range(0, len(entries) - size + 1, size):
            self._read(entries[start : start + size], directory)
        directory.next = self._unpack(link, following) if following else 0
        return directory

    def _read(self, entry: bytes, directory: Directory) -> None:
        tag, kind = struct.unpack(self._order + "HH", entry[:4])
        room = 8 if self._big else 4
        count = self._unpack("Q" if self._big else "I", entry[4 : 4 + room])
        if kind not in _SIZES or tag in directory.counts:
            return
        directory.counts[tag] = count
        few = min(count, _VALUES)
        data = entry[4 + room :]
        if count * _SIZES[kind] > room:
            data = self._read_at(self._unpack("Q" if self._big else "I", data), few * _SIZES[kind])
        if len(data) < few * _SIZES[kind]:
            return
        if kind == _TEXT:
            directory.values[tag] = data[:few].rstrip(b"\0").decode("latin-1")
        elif kind in _WHOLE:
            directory.values[tag] = struct.unpack(
                f"{self._order}{few}{_WHOLE[kind]}", data[: few * _SIZES[kind]]
            )

    def _read_at(self, place: int, size: int) -> bytes:
        try:
            self._stream.seek(place)
        except (OSError, OverflowError):
            return b""
        return self._stream.read(size)

    def _unpack(self, kind: str, data: bytes) -> int:
        return int(struct.unpack(self._order + kind, data)[0])
