"""What became of each photo: read from the database, the files and the answers that were given."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from benchmarks.clients import Answers, described
from inspector.core import files
from inspector.core.jobs import State
from inspector.inspections.models import Inspection

QUIET_WITHIN = 20.0  # seconds after the last fault, promised in docs/operations.md


@dataclass(frozen=True, slots=True)
class Outcome:
    photos: int
    killed: int
    lost: int  # taken, and no row or no file
    doubled: int  # two rows of one photo, or two ends of one row
    stuck: int
    failed: int
    quiet: float  # seconds from the last fault till nothing waited
    answers: Answers

    @property
    def is_clean(self) -> bool:
        bad = self.lost + self.doubled + self.stuck + self.failed + self.answers.statuses[500]
        return bad == 0

    def __str__(self) -> str:
        return (
            f"{self.photos} photos, {self.killed} workers killed: {self.lost} lost, {self.doubled} doubled, "
            f"{self.stuck} stuck, {self.failed} FAILED; {self.answers.statuses[500]} answers of 500 "
            f"{dict(self.answers.worst) or ''}\nquiet {self.quiet:.1f} s after the last fault and kill "
            f"(promised: {QUIET_WITHIN:.0f}); answers {described(self.answers)}, "
            f"the longest {self.answers.longest:.1f} s"
        )


def judge(
    photos: int, sent: list[int], killed: int, ends: list[tuple[int, str]], quiet: float, answers: Answers
) -> Outcome:
    """photos, sent: how many there were, and the ids the site gave for them."""
    rows = Inspection.objects.all()
    states = Counter(rows.values_list("state", flat=True))
    for code, error in rows.filter(state=State.FAILED).values_list("error_code", "error_message").distinct():
        print(f"  FAILED {code}: {error}")
    ids, hashes = set(rows.values_list("pk", flat=True)), Counter(rows.values_list("sha256", flat=True))
    gone = [row for row in rows if not _is_there(row)]
    often = Counter(pk for pk, _ in ends)
    return Outcome(
        photos=photos,
        killed=killed,
        lost=len(set(sent) - ids) + len(gone) + max(0, photos - len(hashes)),
        doubled=sum(n - 1 for n in hashes.values()) + sum(n - 1 for n in often.values()),
        stuck=states[State.WAITING] + states[State.RUNNING],
        failed=states[State.FAILED],
        quiet=quiet,
        answers=answers,
    )


def _is_there(row: Inspection) -> bool:
    with suppress(OSError), files.local_copy(str(row.original)) as path:
        return path.stat().st_size == row.bytes
    return False
