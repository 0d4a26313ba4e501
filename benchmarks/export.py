"""Exports of 100,000 inspections: seconds, and the MB of memory that the process took on top.

[ROWS=100000] python -m benchmarks export                             on SQLite, in a throw-away folder
DATABASE_URL=postgres://USER@HOST/export python -m benchmarks export  on PostgreSQL, in an empty database

Each format is written by a process of its own, in the way a worker or the web process does it; the bytes of
CSV and JSON are counted and dropped, as the web process only passes them on.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

ROWS = int(os.environ.get("ROWS", "100000"))
FORMS = ("csv", "json", "xlsx")


def main(site: Any) -> None:
    """For `python -m benchmarks`."""
    from benchmarks.history_rows import fill
    from inspector.inspections.models import Inspection

    if not Inspection.objects.exists():
        fill(ROWS)
    print(f"{Inspection.objects.count():,} inspections")
    print("| form | seconds | inspections a second | MB of file | MB of memory before | MB on top |")
    print("|---|---|---|---|---|---|")
    for form in FORMS:
        command = [sys.executable, "-m", "benchmarks.export", form]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        row = json.loads(out.splitlines()[-1])
        print(
            f"| {form} | {row['seconds']:.1f} | {row['rows'] / row['seconds']:,.0f} | "
            f"{row['bytes'] / 1e6:.1f} | {row['before']:.0f} | {row['peak'] - row['before']:.0f} |"
        )


def measure(form: str) -> None:
    import django

    django.setup()
    from inspector.exports import tables, workbook
    from inspector.exports.records import count, records

    zone = ZoneInfo("Europe/Berlin")
    rows = count({})
    next(records({}, zone))  # what it loads does not depend on the number of rows
    if form == "xlsx":
        import xlsxwriter  # noqa: F401 - likewise
    before, start = memory("VmRSS"), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        if form == "xlsx":
            path = Path(folder) / "rows.xlsx"
            workbook.write(path, records({}, zone), zone=str(zone), about={"Filters": "none"})
            size = path.stat().st_size
        else:
            size = _size((tables.as_csv if form == "csv" else tables.as_json)(records({}, zone)))
    seconds = time.perf_counter() - start
    row = {"seconds": seconds, "rows": rows, "bytes": size, "before": before, "peak": memory("VmHWM")}
    print(json.dumps(row))


def _size(lines: Iterator[str]) -> int:
    return sum(len(line.encode()) for line in lines)


def memory(name: str) -> float:
    """A value of /proc/self/status in MB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    measure(sys.argv[1])
