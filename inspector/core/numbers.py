"""Whole numbers from outside, with both bounds; those of forms and filters are in `fields`.

Python reads numbers of any length, which can take minutes, and databases store 64 bits.
"""

import re
from typing import Any

BIGGEST = 2**63 - 1
DIGITS = "[0-9]{1,19}"  # as many as BIGGEST has
_WHOLE = re.compile(DIGITS)


def whole(text: str | None) -> int | None:
    """The number that these digits mean; None for anything else, and beyond 64 bits."""
    if text is None or not _WHOLE.fullmatch(text):
        return None
    number = int(text)
    return number if number <= BIGGEST else None


def wholes(texts: list[str]) -> list[int]:
    """Those that are whole numbers."""
    return [number for number in map(whole, texts) if number is not None]


class Id:
    """In addresses: `<id:pk>`."""

    regex = DIGITS

    def to_python(self, text: str) -> int:
        number = whole(text)
        if number is None:
            raise ValueError
        return number

    def to_url(self, number: Any) -> str:
        return str(number)


# Of `<id:...>` in the OpenAPI document.
ID_SCHEMA = {"type": "integer", "format": "int64", "minimum": 1, "maximum": BIGGEST}
