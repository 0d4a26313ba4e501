"""What a hash covers. This form never changes: every earlier hash would be wrong."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

# Before the first entry.
NOTHING = "0" * 64
# Columns of an event. What is empty is left out, so that a column added later changes no earlier hash.
COLUMNS = (
    "id",
    "time",
    "actor_id",
    "kind",
    "subject_type",
    "subject_id",
    "category_id",
    "subject_name",
    "detail",
    "operation",
)


def hash_of(previous: str, position: int, row: Mapping[str, Any]) -> str:
    """Of the entry at `position`, whose columns are `row`; `previous` is the hash of the entry before it."""
    text = f"{previous}\n{canonical(position, row)}"
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def canonical(position: int, row: Mapping[str, Any]) -> str:
    """JSON, the same from every database: keys sorted, ASCII only, times in UTC to the microsecond."""
    values = {name: _plain(row[name]) for name in COLUMNS if row[name] not in (None, "", {})}
    return json.dumps(values | {"position": position}, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, str | int) else str(value)


def _number(value: float) -> Any:
    """PostgreSQL gives 1e16 back as a whole number and knows no -0.0, SQLite keeps both as they came."""
    return int(Decimal(repr(value))) if value.is_integer() else value
