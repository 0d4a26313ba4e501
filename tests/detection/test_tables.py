"""Tables: no cell is a formula, and no table is written past the helper."""

import csv
import io
import subprocess
from pathlib import Path

import pytest

from detection.files import tables

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1|cmd", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1+1"]
)
def test_a_text_that_a_spreadsheet_would_execute_gets_an_apostrophe(text):
    [[written]] = csv.reader(io.StringIO(tables.lines([[text]]), newline=""))
    assert written == f"'{text}"


@pytest.mark.parametrize("value", [-1.5, "-1.5", "+2", "-1e-300", 0, "a=b", "000.png"])
def test_numbers_and_plain_texts_stay_as_they_are(value):
    [[written]] = csv.reader(io.StringIO(tables.lines([[value]]), newline=""))
    assert written == str(value)


@pytest.mark.parametrize("text", ["=1+1.png", "-a", "'quoted", "'", "plain", "a\nb", "-1.5"])
def test_what_is_read_is_what_was_written(text: str):
    assert list(tables.rows(tables.lines([["image"], [text]]))) == [{"image": text}]


def test_nothing_is_an_empty_cell():
    assert tables.lines([(None, True)]) == ",True\r\n"


def test_no_table_is_written_past_the_helper():
    wanted = r"csv\.(writer|DictWriter)|^(import csv|from csv )|to_csv\(|text/csv"
    command = ["git", "grep", "-nIE", wanted, "--", "detection", "inspector", "benchmarks"]
    uses = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.splitlines()
    assert [line for line in uses if not line.startswith("detection/files/tables.py:")] == []
