"""Milliseconds of every page and filter of the history at 10,000 and 1,000,000 inspections, 3,333 a day.

python -m benchmarks history                       in a throw-away folder on SQLite
python -m benchmarks.history FOLDER                the same in a folder that is kept, to be measured again
DATABASE_URL=postgres://USER@HOST/history_%s python -m benchmarks.history FOLDER
                                                   on PostgreSQL: databases history_10k and history_1m
ONLY="history by/home" python -m benchmarks.history FOLDER           pages whose names begin so; the others
                                                   keep their numbers
REPEATS=0 ...                                      fill the databases only
CPU=1 ...                                          CPU time, for a machine that has other work
LARGE=10m ...                                      10,000,000 beside 10,000, in database history_10m

The two sizes are asked in turns, so that a slow moment of the machine meets both alike. The table is
FOLDER/history.md.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

REPEATS = int(os.environ.get("REPEATS", "21"))
AIM_MS, AIM_RATIO = 100, 1.2
ROWS = {"10k": 10_000, "1m": 1_000_000, "10m": 10_000_000}
SMALL, LARGE = "10k", os.environ.get("LARGE", "1m")
Measured = dict[str, dict[str, Any]]


def main(site: Any) -> None:
    """For `python -m benchmarks`."""
    compare(site.folder / "history")


def compare(folder: Path) -> None:
    """Ask both sizes for every page, and write the table."""
    small, large = Size(folder / SMALL, SMALL), Size(folder / LARGE, LARGE)
    kept = folder / "measured.json"
    measured: Measured = json.loads(kept.read_text()) if kept.exists() else {}
    only = tuple(os.environ.get("ONLY", "").split("/"))
    start = time.perf_counter()
    for name in [name for name in small.names if name.startswith(only)] if REPEATS else []:
        for size in (small, large):
            size.ask(name)  # a first look warms up
        times = [(small.ask(name)["ms"], large.ask(name)["ms"]) for _ in range(REPEATS)]
        before, after = ([round(one, 1) for one in column] for column in zip(*times, strict=True))
        measured[name] = {"queries": large.ask(name)["queries"], "small": before, "large": after}
        kept.write_text(json.dumps(measured))
    print(f"asked for {time.perf_counter() - start:.0f} s", file=sys.stderr)
    (folder / "history.md").write_text(table(measured))


class Size:
    """A process with the database of one size: `ask` it for a page, and it says how long that took."""

    def __init__(self, folder: Path, name: str) -> None:
        url = os.environ.get("DATABASE_URL", "")
        environment = dict(os.environ) | ({"DATABASE_URL": url.replace("%s", name)} if url else {})
        command = [sys.executable, "-m", "benchmarks.history", "answer", str(folder), str(ROWS[name])]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen(command, env=environment, **pipes)
        self.names: list[str] = self._read()

    def ask(self, name: str) -> Any:
        assert self._process.stdin
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline() or '"ended"')


def answer(folder: Path, rows: int) -> None:
    """Set up and fill the database where needed; then print time and queries of each page asked for."""
    set_up(folder, rows)
    from benchmarks.history_pages import addresses, clients
    from inspector.webserver import settle

    get, pages = clients(), addresses()
    settle()  # as the web process does
    print(json.dumps(list(pages)), flush=True)
    for line in sys.stdin:
        print(json.dumps(_timed(get, pages[line.strip()])), flush=True)


def set_up(folder: Path, rows: int) -> None:
    for name in ("var", "media", "runs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        os.environ[f"INSPECTOR_{name.upper()}"] = str(folder / name)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "inspector.settings", "INSPECTOR_STATEMENT_SECONDS": "0"}
    subprocess.run([sys.executable, "manage.py", "setup", "--no-demo"], check=True, stdout=sys.stderr)
    import django

    django.setup()
    from benchmarks.history_rows import fill
    from inspector.inspections.models import Inspection

    if not Inspection.objects.exists():
        fill(rows)


def _spent() -> float:
    """Seconds by the clock; with CPU=1 the CPU seconds of this process and of its PostgreSQL backend, which
    runs on this machine: other work changes these less."""
    from django.db import connection

    if not os.environ.get("CPU"):
        return time.perf_counter()
    spent = time.process_time()
    if connection.vendor == "postgresql":
        spent += int(Path(f"/proc/{_backend()}/schedstat").read_text().split()[0]) / 1e9
    return spent


@cache
def _backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        # The time of parallel workers would not be seen.
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _timed(get: Callable[[str], int], address: str) -> dict[str, float]:
    """Milliseconds of server time."""
    from django.db import connection

    asked = 0

    def count(execute: Any, *call: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*call)

    with connection.execute_wrapper(count):
        start = _spent()
        get(address)
        return {"ms": (_spent() - start) * 1000, "queries": asked}


def table(measured: Measured) -> str:
    """In Markdown, the slowest first; what misses an aim has a mark.

    The columns named after a size alone are the quickest answers, which other work on the machine affects
    least; the ratio is theirs.
    """
    lines = [
        f"| page | queries | 10k | {LARGE} | p50, {LARGE} | p95, 10k | p95, {LARGE} | ratio | |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in sorted(measured.items(), key=lambda item: -_p95(item[1]["large"])):
        before, after = min(one["small"]), min(one["large"])
        ratio, p95 = after / before, _p95(one["large"])
        mark = ("slow " if p95 > AIM_MS else "") + ("grows" if ratio > AIM_RATIO else "")
        median, early = statistics.median(one["large"]), _p95(one["small"])
        numbers = f"{before:.0f} | {after:.0f} | {median:.0f} | {early:.0f} | {p95:.0f} | {ratio:.2f}"
        lines.append(f"| {name} | {one['queries']} | {numbers} | {mark} |")
    return "\n".join(lines) + "\n"


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


if __name__ == "__main__":
    if sys.argv[1] == "answer":
        answer(Path(sys.argv[2]), int(sys.argv[3]))
    else:
        compare(Path(sys.argv[1]))
