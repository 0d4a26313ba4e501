"""Tables as CSV that spreadsheets show and never execute."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

CONTENT_TYPE = "text/csv; charset=utf-8"
# What makes a cell a formula in a spreadsheet; see "CSV Injection" of OWASP. The last are full-width.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def lines(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV. A text that a spreadsheet would take for a formula gets an apostrophe in front."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


def rows(text: str) -> Iterator[dict[str, str]]:
    """The rows of a table of `lines`, by the names in its first one; texts as they were before it."""
    for row in csv.DictReader(io.StringIO(text, newline="")):
        yield {name: _before(value or "") for name, value in row.items() if name is not None}


def cell(value: Any) -> Any:
    """A value as it may stand in a table; numbers stay numbers, and so does a text that is one."""
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def _before(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text
