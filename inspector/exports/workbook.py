"""Records as an Excel workbook, row by row to the disk."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from inspector.exports.records import COLUMNS, TIMES, Record, as_cell

MOST = 1_048_575  # rows that a sheet has, without its head
WIDE = {"filename": 28, "category_name": 18, "sha256": 20, "comment": 30, "defect_type": 18}
TONES = {"ANOMALY": "#F8D7DA", "REVIEW": "#FFF1CC", "OK": "#DCEFE1"}
LONGEST = 32_767  # characters of a cell


def write(path: Path, records: Iterable[Record], *, zone: str, about: dict[str, str]) -> None:
    """Texts stay texts, whatever they begin with. Excel knows no zones: it is in the heads of times."""
    import xlsxwriter  # the web process does not need it

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(path.parent),
    }
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"title": "Inspections", "comments": "; ".join(about.values())})
        last = _rows(book, records, zone)
        sheet = book.get_worksheet_by_name("Inspections")
        sheet.autofilter(0, 0, max(last, 1), len(COLUMNS) - 1)
        _about(book, about)


def _rows(book: Any, records: Iterable[Record], zone: str) -> int:
    sheet = book.add_worksheet("Inspections")
    head = book.add_format({"bold": True, "bg_color": "#E8EDF2", "bottom": 1, "valign": "vcenter"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.freeze_panes(1, 1)
    for column, name in enumerate(COLUMNS):
        sheet.set_column(column, column, WIDE.get(name, 20 if name in TIMES else 12))
    for verdict, colour in TONES.items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{verdict}"'}
        place = COLUMNS.index("verdict")
        sheet.conditional_format(
            1, place, MOST, place, rule | {"format": book.add_format({"bg_color": colour})}
        )
    for column, name in enumerate(COLUMNS):
        words = name.replace("_", " ")
        sheet.write_string(0, column, f"{words} ({zone})" if name in TIMES else words, head)
    last = 0
    for last, row in enumerate(records, start=1):
        for column, name in enumerate(COLUMNS):
            _cell(sheet, last, column, as_cell(row[name]), moment)
    return last


def _cell(sheet: Any, row: int, column: int, value: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column, value.replace(tzinfo=None), moment)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:LONGEST])


def _about(book: Any, about: dict[str, str]) -> None:
    sheet = book.add_worksheet("About")
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 80)
    bold = book.add_format({"bold": True})
    for row, (name, value) in enumerate(about.items()):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, value)
