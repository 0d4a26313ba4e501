"""Every category in a folder, trained and tested with several methods under the same conditions: bench.json
and bench.md.

Each training runs in a process of its own, so that memory and CPU time are its own; this process never loads
torch. Each result is written as soon as it is there, and a later bench in the same folder resumes: a result
with the same options on the same photos is not measured again.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from detection import datasets, options
from detection.bench import machine, markdown
from detection.bench.parent import measure
from detection.datasets.layout import find
from detection.datasets.walk import walk
from detection.errors import BadDataset, BadOptions
from detection.faults import raw
from detection.files import storage
from detection.types import TrainOptions

FORMAT_VERSION = 1
RESULT, TABLE = "bench.json", "bench.md"

Row = dict[str, Any]
# The row being measured (category and method), its number, how many rows there are, and the share of it done.
OnProgress = Callable[[Row, int, int, float], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. categories: names; empty for all in the folder. set: options of `train` that differ
    from each method's own. command: for the record."""

    data: Path
    methods: tuple[str, ...]
    out: Path
    categories: tuple[str, ...] = ()
    set: dict[str, Any] = field(default_factory=dict)
    command: str = ""


def run(plan: Plan, on_progress: OnProgress, on_row: Callable[[Row], None]) -> dict[str, Any]:
    """Measure what has not been measured yet, and return the content of bench.json.

    A row that failed has "error": {"code", "message"} instead of numbers; the others continue. Raises
    BadOptions and BadDataset before anything is measured.
    """
    planned = list(_wanted(plan))
    earlier = {_key(row): row for row in _read(plan.out / RESULT) if "error" not in row}
    rows: list[Row] = []
    for number, row in enumerate(planned):
        measured = earlier.pop(_key(row), None)
        if measured is None:
            measured = row | _measure(row, plan, partial(on_progress, row, number, len(planned)))
            on_row(measured)
        rows.append(measured)
        result = _result(plan, rows, list(earlier.values()))
        _write(plan.out, result)
    return result


def _wanted(plan: Plan) -> Iterator[Row]:
    if not plan.methods:
        raise BadOptions("No method is given: name some, such as --methods unet,padim.")
    folders = _folders(plan)
    chosen = {name: asdict(_options(name, plan.set)) for name in dict.fromkeys(plan.methods)}
    for folder in folders:
        photos = _fingerprint(folder)
        for name, with_options in chosen.items():
            yield {"category": folder.name, "method": name, "options": with_options, "photos": photos}


def _folders(plan: Plan) -> list[Path]:
    if not plan.data.is_dir():
        raise BadDataset(f"{plan.data} is not a folder. Give one that contains category folders.")
    folders = {path.name: path for path in datasets.categories(plan.data) if find(path).train}
    missing = [name for name in plan.categories if name not in folders]
    if missing:
        raise BadDataset(
            f"{plan.data} has no category {', '.join(missing)}; it has {', '.join(folders) or 'none'}."
        )
    if not folders:
        raise BadDataset(
            f"{plan.data} contains no category folders (with train/good in them). Give their parent folder."
        )
    return [folders[name] for name in dict.fromkeys(plan.categories or folders)]


def _options(name: str, given: dict[str, Any]) -> TrainOptions:
    chosen = options.for_method(name, **given)
    options.check(chosen)
    return chosen


def _fingerprint(folder: Path) -> str:
    """A hash that changes when photos are added, removed or resized; no file is read. Links are followed, as
    by the training, and names may be no UTF-8."""
    digest = hashlib.sha256()
    listing = walk(folder)
    for path in sorted([*listing.photos, *listing.others, *(path for path, _ in listing.skipped)]):
        if path.is_file():
            digest.update(os.fsencode(f"{path.relative_to(folder)} {path.stat().st_size}\n"))
    return digest.hexdigest()[:16]


def _key(row: Row) -> str:
    return json.dumps([row["category"], row["method"], row["options"], row["photos"]], sort_keys=True)


def _measure(row: Row, plan: Plan, on_share: Callable[[float], None]) -> Row:
    storage.make(plan.out)
    # The run is not kept, only its results; the folder of the results has room for it.
    with storage.into(plan.out), tempfile.TemporaryDirectory(prefix=".run-", dir=plan.out) as aside:
        task = {
            "category_dir": str(plan.data / row["category"]),
            "run_dir": str(Path(aside) / "run"),
            "options": row["options"],
        }
        return measure(task, on_share) | {"commit": machine.commit()}


def _read(path: Path) -> list[Row]:
    """The rows of an earlier bench; none if it has another format version."""
    if not path.is_file():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return [*content["rows"], *content["others"]] if content["format_version"] == FORMAT_VERSION else []
    except (ValueError, KeyError, TypeError) as error:
        raise BadOptions(
            f"{path} cannot be read as an earlier bench: move it, or choose another folder.",
            details=raw(error),
        ) from error


def _result(plan: Plan, rows: list[Row], others: list[Row]) -> dict[str, Any]:
    """others: finished results that this command has not reached, or that are of another command."""
    return {
        "format_version": FORMAT_VERSION,
        "command": plan.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "options": plan.set,
        "commit": machine.commit(),
        "machine": machine.describe(),
        "rows": rows,
        "others": others,
    }


def _write(out: Path, result: dict[str, Any]) -> None:
    """A bench that is stopped leaves complete files."""
    storage.make(out)
    texts = {
        RESULT: json.dumps(result, indent=1, allow_nan=False) + "\n",
        TABLE: markdown.page(result) + "\n",
    }
    for name, text in texts.items():
        storage.write_text(out / name, text)
