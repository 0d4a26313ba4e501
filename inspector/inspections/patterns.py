"""Patterns that say which part a photo shows, by named groups: `(?P<lot>L\\d+)_(?P<serial>\\w+)`.

RE2 matches in time that grows with the text alone, whatever the pattern: none can hold a process up.
"""

from functools import lru_cache
from typing import Any

import re2

from inspector.core.errors import Refused
from inspector.inspections.part_models import PATTERN_LENGTH as LONGEST
from inspector.inspections.parts import NAMES, label_of, own_fields, tidy, trouble_with

MEMORY = 1 << 20  # bytes that a compiled pattern may take


def check(pattern: str, field: str) -> None:
    """Raises Refused "bad_pattern", with what is wrong at this field."""
    if wrong := _wrong(pattern):
        raise Refused("bad_pattern", wrong, fields={field: [wrong]})


def _wrong(pattern: str) -> str:
    if len(pattern) > LONGEST:
        return f"Use at most {LONGEST} characters; this has {len(pattern)}."
    try:
        groups = set(_compiled(pattern).groupindex)
    except (re2.error, UnicodeError) as problem:
        return f"This pattern cannot be used: {_reason(problem)}."
    known = {*NAMES, *own_fields()}
    if not groups:
        return "Name at least one group, such as (?P<lot>[A-Z0-9]+)."
    if unknown := groups - known:
        names = ", ".join(sorted(known))
        return f"There is no field “{min(unknown)}”. Groups can be named {names}."
    return ""


def values_in(pattern: str, text: str) -> dict[str, str]:
    """What the groups say, by field; nothing where it does not match, nor what no field could keep."""
    if not pattern or _wrong(pattern):  # such as one from before own fields were renamed
        return {}
    match = _compiled(pattern).search(text)
    groups = match.groupdict() if match else {}
    return {name: tidy(value) for name, value in groups.items() if value and not trouble_with(value)}


def labelled(values: dict[str, str]) -> list[tuple[str, str]]:
    """For people."""
    return [(label_of(name), value) for name, value in values.items()]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    return re2.compile(pattern, options)


def _reason(problem: Exception) -> str:
    said = problem.args[0] if problem.args else ""
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if isinstance(problem, UnicodeError):
        words = "half characters cannot be kept"
    if "perl operator" in words:
        words += " (look-ahead, look-behind and back references are not supported)"
    return words[:150]
