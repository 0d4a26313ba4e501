"""What the indexes of the history cost a photo: ms to insert, claim and end its row, with them and without.

[DATABASE_URL=...] python -m benchmarks.history_inserts FOLDER

On a database that `benchmarks.history` has filled. Every transaction is rolled back.
"""

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

BATCHES, OF_A_BATCH, ROUNDS = 40, 18, 5
# Used by the queue, the leases and judging itself.
NEEDED = {"inspection_queue", "inspection_lease", "inspection_held", "inspection_same_file"}


def main(folder: Path) -> None:
    for name in ("var", "media", "runs"):
        os.environ[f"INSPECTOR_{name.upper()}"] = str(folder / name)
    os.environ |= {"DJANGO_SETTINGS_MODULE": "inspector.settings", "INSPECTOR_STATEMENT_SECONDS": "0"}
    import django

    django.setup()
    from django.db import connection

    from inspector.inspections.models import Inspection

    history = [index.name for index in Inspection._meta.indexes if index.name not in NEEDED]
    print(f"{connection.vendor}, {Inspection.objects.count():,} rows, {len(history)} indexes of the history")
    times_of: dict[int, list[tuple[float, float]]] = {0: [], len(history): []}
    for _ in range(ROUNDS):
        for dropped in times_of:
            times_of[dropped].append(_round(history[:dropped]))
    for dropped, times in times_of.items():
        inserted, ended = (statistics.median(column) for column in zip(*times, strict=True))
        rows = BATCHES * OF_A_BATCH
        print(f"{'without' if dropped else 'with':<8} {rows / inserted:>8.0f} rows/s inserted", end="")
        print(f" {1000 * (inserted + ended) / rows:>6.2f} ms a row with claim and end")


def _round(dropped: list[str]) -> tuple[float, float]:
    """Seconds to insert the rows, and to claim and end them, without those indexes."""
    from django.db import connection, transaction

    from inspector.core.jobs import State
    from inspector.inspections.models import Inspection

    values = _values()
    with transaction.atomic():
        with connection.cursor() as cursor:
            for name in dropped:
                cursor.execute(f"DROP INDEX {name}")
        start = time.perf_counter()
        pks = []
        for _ in range(BATCHES):
            rows = [Inspection(**values, filename=f"{n}.jpg") for n in range(OF_A_BATCH)]
            pks += [row.pk for row in Inspection.objects.bulk_create(rows)]
        inserted = time.perf_counter() - start
        start = time.perf_counter()
        judged = {"verdict": "OK", "score": 0.1, "threshold": 0.5, "version_id": _version()}
        for pk in pks:
            Inspection.objects.filter(pk=pk).update(state=State.RUNNING)
            Inspection.objects.filter(pk=pk).update(state=State.DONE, **judged)
        ended = time.perf_counter() - start
        transaction.set_rollback(True)
    return inserted, ended


def _values() -> dict[str, Any]:
    from inspector.inspections.models import Inspection

    newest = Inspection.objects.order_by("-pk")[0]
    names = ("batch_id", "category_id", "submitted_by_id", "sha256", "bytes", "width", "height", "original")
    return {name: getattr(newest, name) for name in names}


def _version() -> int:
    from inspector.registry.models import ModelVersion

    return ModelVersion.objects.values_list("pk", flat=True)[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
