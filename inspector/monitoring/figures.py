"""What a chart is drawn from and the table beneath it shows: rows, and columns that say what they mean.

The same rows are the page's chart, its table, the CSV and the answer of the API.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from detection.files import tables

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """kind: text, count, share, number or time."""

    key: str
    title: str
    kind: str = "count"


@dataclass(frozen=True, slots=True)
class Figure:
    """`more`: what belongs to the whole of it. `empty`: what to say instead of a chart without data."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[Row]
    words: str = ""
    empty: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def shown(self) -> list[Column]:
        """Columns of the page's table: times are for programs, people read labels."""
        return [column for column in self.columns if column.kind != "time"]

    @property
    def script(self) -> str:
        """The id of what its script reads."""
        return f"figure-{self.name}"

    @property
    def address(self) -> str:
        """Of its CSV."""
        return reverse(f"monitoring:table-{self.name}")

    @property
    def drawn(self) -> dict[str, Any]:
        """For the page's script."""
        return {
            "name": self.name,
            "title": self.title,
            "rows": [_plain(row) for row in self.rows],
            "more": self.more,
        }

    @property
    def api_data(self) -> dict[str, Any]:
        """For programs: without what only the page needs."""
        rows = [{column.key: row[column.key] for column in self.columns} for row in self.rows]
        return {"rows": rows, "words": self.words or self.empty, **self.more}

    def as_csv(self) -> Iterator[str]:
        yield tables.lines([[column.title for column in self.columns]])
        for row in self.rows:
            yield tables.lines([[_cell(row[column.key]) for column in self.columns]])


def _plain(row: Row) -> Row:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()}


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return "; ".join(value) if isinstance(value, list) else value
