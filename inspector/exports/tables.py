"""Records as CSV and JSON, line by line."""

import json
from collections.abc import Iterable, Iterator

from detection.files import tables
from inspector.exports.records import COLUMNS, Record, as_cell, as_text, grouped


def as_csv(records: Iterable[Record]) -> Iterator[str]:
    """What a spreadsheet would take for a formula has an apostrophe in front."""
    yield tables.lines([COLUMNS])
    for group in grouped(records):
        yield tables.lines([[as_text(as_cell(row[name])) for name in COLUMNS] for row in group])


def as_json(records: Iterable[Record]) -> Iterator[str]:
    """A list, one inspection a line."""
    before = "[\n"
    for group in grouped(records):
        lines = (
            json.dumps({name: as_text(row[name]) for name in COLUMNS}, ensure_ascii=False) for row in group
        )
        yield before + ",\n".join(lines)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
