"""An exploration as its page shows it: where it stands, and its findings with the samples they are about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from detection.explore import types as explored
from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.samples.models import Exploration, Sample
from inspector.samples.selectors import explorations, samples_digest

FIRST, SHOWN, OF_ONE = 8, 48, 6  # cases at once, cases when asked for, samples of one case
TONES = {"error": "bad", "warning": "warn", "note": "accent"}
WORDS = {"error": "Error", "warning": "Warning", "note": "Note"}
GROUPS = {"train": "Training, good", "good": "Test, good"}


@dataclass(frozen=True, slots=True)
class Newest:
    """done: the newest that ended well; open, failed and cancelled: what came after it. stale: there is none
    for the samples as they are now; to_ask: and none is under way, failed or was cancelled, so one is to be
    asked for."""

    done: Exploration | None
    open: Exploration | None
    failed: Exploration | None
    cancelled: Exploration | None
    stale: bool
    to_ask: bool


@dataclass(frozen=True, slots=True)
class Case:
    """Samples that belong together; `more` are not shown."""

    samples: list[Sample]
    says: str
    more: int


@dataclass(frozen=True, slots=True)
class Finding:
    """`first` are shown at once and `rest` when asked for; `hidden` are not shown at all."""

    tone: str
    word: str
    title: str
    text: str
    first: list[Case]
    rest: list[Case]
    hidden: int


def standing(category: Category) -> Newest:
    # Descriptions are large, and a page that polls wants none of them.
    rows = list(explorations(category).defer("description", "plots")[:10])
    newest = rows[0] if rows else None
    done = next((row for row in rows if row.state == State.DONE), None)
    if newest and not newest.is_final:
        return Newest(done, newest, None, None, stale=True, to_ask=False)
    digest = samples_digest(category)
    stale = done is None or done.digest != digest or not _readable(done)
    ended = newest if stale and newest and newest.digest == digest else None
    failed = ended if ended and ended.state == State.FAILED else None
    cancelled = ended if ended and ended.state == State.CANCELLED else None
    to_ask = stale and failed is None and cancelled is None
    return Newest(done, None, failed, cancelled, stale=stale, to_ask=to_ask)


def _readable(exploration: Exploration) -> bool:
    return exploration.description.get("format_version") == explored.FORMAT_VERSION


def stored_findings(exploration: Exploration) -> tuple[explored.Finding, ...]:
    """Its findings as they were stored, the gravest first."""
    return tuple(map(explored.Finding.from_dict, exploration.description.get("findings", ())))


def findings(exploration: Exploration) -> list[Finding]:
    """Those of which a sample is left, and those that are about no sample alone; in one query."""
    stored = stored_findings(exploration)
    wanted = {int(pk) for one in stored for case in one.cases[:SHOWN] for pk in case.files[:OF_ONE]}
    known = Sample.objects.in_bulk(wanted)
    shown = ((one, _cases(one.cases[:SHOWN], known)) for one in stored)
    return [
        Finding(
            tone=TONES[one.severity],
            word=WORDS[one.severity],
            title=one.title,
            text=one.text,
            first=cases[:FIRST],
            rest=cases[FIRST:],
            hidden=max(0, len(one.cases) - SHOWN),
        )
        for one, cases in shown
        if cases or not one.cases
    ]


def _cases(cases: Iterable[explored.Case], known: dict[int, Sample]) -> list[Case]:
    shown = []
    for case in cases:
        samples = [known[int(pk)] for pk in case.files[:OF_ONE] if int(pk) in known]
        if samples:
            shown.append(Case(samples, case.says, max(0, len(case.files) - OF_ONE)))
    return shown


def groups(exploration: Exploration) -> list[dict[str, Any]]:
    """What is used for what: {"name", "split", "label", "n", "brightness": {"low", "median", ...}, ...}."""
    statistics = exploration.description.get("statistics", {}).get("groups", {})
    return [
        {"name": GROUPS.get(name, f"Test, {name}"), **_place(name), **values}
        for name, values in statistics.items()
    ]


def _place(group: str) -> dict[str, str]:
    return {"split": "train", "label": "good"} if group == "train" else {"split": "test", "label": group}
