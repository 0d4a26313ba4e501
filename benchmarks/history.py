"""Every page and filter of the history at 10,000 and at 1,000,000 inspections, 3,333 a day.

python -m benchmarks history                         both sizes, in a throw-away folder on SQLite

One size at a time, kept to be measured again; with DATABASE_URL on PostgreSQL, else in FOLDER:
python -m benchmarks.history FOLDER 1000000          fills what is empty, measures: FOLDER/measured.json
python -m benchmarks.history table SMALL LARGE       the table of two such folders
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

REPEATS = 20
AIM_MS, AIM_RATIO = 100, 1.2
SIZES = (10_000, 1_000_000)
Measured = dict[str, dict[str, float]]


def main(site: Any) -> None:
    """For `python -m benchmarks`: both sizes, each in a process of its own."""
    folders = [str(site.folder / f"{size}") for size in SIZES]
    for folder, size in zip(folders, SIZES, strict=True):
        subprocess.run([sys.executable, "-m", "benchmarks.history", folder, str(size)], check=True)
    table(*folders)


def measure(folder: Path, rows: int) -> None:
    """Set up and fill where that was not done; then every address, 20 times."""
    for name in ("var", "media", "runs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        os.environ[f"INSPECTOR_{name.upper()}"] = str(folder / name)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "inspector.settings", "INSPECTOR_STATEMENT_SECONDS": "0"}
    subprocess.run([sys.executable, "manage.py", "setup", "--no-demo"], check=True, stdout=sys.stderr)
    import django

    django.setup()
    from benchmarks.history_pages import addresses, clients
    from benchmarks.history_rows import fill
    from inspector.inspections.models import Inspection

    if not Inspection.objects.exists():
        start = time.perf_counter()
        fill(rows)
        print(f"filled with {rows:,} rows in {time.perf_counter() - start:.0f} s", file=sys.stderr)
    get = clients()
    found = {name: _times(get, address) for name, address in addresses().items()}
    (folder / "measured.json").write_text(json.dumps(found, indent=1))


def _times(get: Callable[[str], int], address: str) -> dict[str, float]:
    """Queries, and milliseconds of server time after a first look that warms up."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    get(address)
    with CaptureQueriesContext(connection) as queries:
        get(address)
        asked = len(queries)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        get(address)
        times.append((time.perf_counter() - start) * 1000)
    p95 = statistics.quantiles(times, n=20)[-1]
    return {"queries": asked, "p50": statistics.median(times), "p95": p95}


def table(small: str, large: str) -> None:
    """In Markdown; what misses the aim has a mark."""
    before, after = (json.loads((Path(name) / "measured.json").read_text()) for name in (small, large))
    print("| page | queries | p50 ms at 10 k | p50 ms at 1 M | p95 ms at 1 M | ratio of p50 | |")
    print("|---|---|---|---|---|---|---|")
    for name, one in after.items():
        ratio = one["p50"] / before[name]["p50"]
        mark = "" if one["p95"] <= AIM_MS and ratio <= AIM_RATIO else "!"
        numbers = f"{before[name]['p50']:.0f} | {one['p50']:.0f} | {one['p95']:.0f} | {ratio:.2f}"
        print(f"| {name} | {one['queries']:.0f} | {numbers} | {mark} |")


if __name__ == "__main__":
    if sys.argv[1] == "table":
        table(*sys.argv[2:])
    else:
        measure(Path(sys.argv[1]), int(sys.argv[2]))
