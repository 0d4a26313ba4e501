"""Tables as CSV that spreadsheets display and never execute."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

CONTENT_TYPE = "text/csv; charset=utf-8"
# First characters that make a cell a formula in a spreadsheet (OWASP, CSV Injection); the last four are
# full-width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV. Text that a spreadsheet would take for a formula is preceded by an apostrophe."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def rows(text: str) -> Iterator[dict[str, str]]:
    """The rows of a table that `lines` wrote, by the names in its header, without those apostrophes."""
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {name: _before(value or "") for name, value in row.items() if name is not None}


def cell(value: Any) -> Any:
    """A value as it is written to a table; numbers stay numbers, also as text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _before(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
