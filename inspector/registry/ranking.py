"""How `auto` came to its choice: every candidate with its evidence."""

from dataclasses import dataclass

from inspector.registry.making import Tried
from inspector.registry.methods import title
from inspector.registry.metrics import Figure
from inspector.registry.models import ModelVersion

# Damage by its size, if it is described so.
SIZES = ("small", "medium", "large")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A method that was tried, or why it was not (`left_out`)."""

    title: str
    chosen: bool
    score: Figure
    alarms: int | None
    n: int | None
    by_damage: list[tuple[str, float | None]]
    seconds: float | None
    milliseconds: float | None
    left_out: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates, best first, and why the best was taken. used_labels: labelled defects had a say."""

    chosen: str
    why: str
    used_labels: bool
    candidates: list[Candidate]


def ranking(version: ModelVersion) -> Ranking | None:
    """None for versions whose method a person chose."""
    contest = version.making.contest
    if contest is None:
        return None
    chosen, tried = contest.chosen, contest.tried
    # A fusion may be a candidate itself, or be made of two candidates.
    taken = {chosen} if any(row.method == chosen for row in tried) else {*chosen.split("+")}
    return Ranking(
        chosen=title(chosen),
        why=contest.reason.sentence(title) if contest.reason else contest.sentence,
        used_labels=contest.used_labels,
        candidates=[_candidate(row, taken) for row in tried],
    )


def _candidate(row: Tried, taken: set[str]) -> Candidate:
    return Candidate(
        title=title(row.method),
        chosen=row.method in taken,
        score=Figure("Score", row.score, *row.interval),
        alarms=row.alarms,
        n=row.n,
        by_damage=sorted(row.by_damage.items(), key=_by_size),
        seconds=row.seconds,
        milliseconds=row.ms_per_image,
        left_out=row.left_out,
    )


def _by_size(damage: tuple[str, float | None]) -> tuple[int, str]:
    name, _ = damage
    return (SIZES.index(name) if name in SIZES else len(SIZES)), name
