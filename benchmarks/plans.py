"""By which indexes the database answers each filter of the history, the queue and the search.

[SIZE=1m] [ONLY=queue/lot] python -m benchmarks.plans FOLDER          the folder that `history` filled
DATABASE_URL=postgres://USER@HOST/history_1m python -m benchmarks.plans FOLDER

Every query of a page for inspections or the queue is explained. Printed are the indexes it used and, on
PostgreSQL, which runs the query for this, how many pages of 8 KB it touched. Marked are tables that are read
completely, and queries that touch more than 20,000 pages (160 MB), as they are slow on a cold cache. The exit
status is 1 if anything is marked.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.history import ROWS, set_up

MOST_PAGES = 20_000
LARGE = ("inspections_inspection", "reviews_entry")
KINDS = ("history", "queue", "search", "lot", "serial")


@dataclass
class Plan:
    """What one page asked for, all its queries together; `pages` of the one that touched most."""

    indexes: set[str] = field(default_factory=set)
    scans: set[str] = field(default_factory=set)
    pages: int = 0

    @property
    def mark(self) -> str:
        marks = [f"reads all of {table}" for table in sorted(self.scans)]
        return ", ".join(marks + ["many pages"] * (self.pages > MOST_PAGES))


def main(folder: Path) -> int:
    size = os.environ.get("SIZE", "1m")
    set_up(folder / size, ROWS[size])
    from benchmarks.history_pages import addresses, clients

    only = tuple(os.environ.get("ONLY", "").split("/"))
    get, missed = clients(), 0
    print("| page | indexes | pages | |\n|---|---|---|---|")
    for name, address in addresses().items():
        if name.startswith(KINDS) and name.startswith(only):
            plan = _explained(_queries(get, address))
            missed += bool(plan.mark)
            print(
                f"| {name} | {', '.join(sorted(plan.indexes))} | {plan.pages or ''} | {plan.mark} |",
                flush=True,
            )
    print(f"\n{missed} marked")
    return missed


def _queries(get: Any, address: str) -> list[tuple[str, Any]]:
    """Those of the large tables, with their parameters."""
    from django.db import connection

    queries = []

    def note(execute: Any, sql: str, params: Any, *more: Any) -> Any:
        if sql.startswith("SELECT") and any(f'FROM "{table}"' in sql for table in LARGE):
            queries.append((sql, params))
        return execute(sql, params, *more)

    with connection.execute_wrapper(note):
        get(address)
    return queries


def _explained(queries: list[tuple[str, Any]]) -> Plan:
    from django.db import connection

    plan = Plan()
    for sql, params in queries:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Row locks do not matter here, and not every plan with them can be run again.
                sql = sql.partition(" FOR UPDATE")[0]
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
                top = cursor.fetchone()[0][0]["Plan"]
                plan.pages = max(plan.pages, top["Shared Hit Blocks"] + top["Shared Read Blocks"])
                for node in _nodes(top):
                    _note(plan, node)
            else:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                for *_, step in cursor.fetchall():
                    _note_sqlite(plan, step)
    return plan


def _nodes(top: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield top
    for inner in top.get("Plans", ()):
        yield from _nodes(inner)


def _note(plan: Plan, node: dict[str, Any]) -> None:
    if "Index Name" in node:
        plan.indexes.add(node["Index Name"])
    read = node["Shared Hit Blocks"] + node["Shared Read Blocks"]
    # A scan that has found enough after a page or two is the quickest way.
    if node["Node Type"].endswith("Seq Scan") and node["Relation Name"] in LARGE and read > MOST_PAGES:
        plan.scans.add(node["Relation Name"])


def _note_sqlite(plan: Plan, step: str) -> None:
    """Such as “SEARCH inspections_inspection USING INDEX inspection_lot_time (lot=?)”."""
    words = step.split()
    if "INDEX" in words:
        plan.indexes.add(words[words.index("INDEX") + 1])
    elif words[0] == "SCAN" and words[1] in LARGE:
        plan.scans.add(words[1])


if __name__ == "__main__":
    sys.exit(min(1, main(Path(sys.argv[1]))))
