"""How limits would judge photos whose scores are known. frontend/src/limits counts the same."""

from collections.abc import Sequence
from dataclasses import dataclass

from detection.types import verdict


@dataclass(frozen=True, slots=True)
class Scores:
    """Of good and of defective test photos, and of photos that were inspected."""

    good: Sequence[float]
    defect: Sequence[float]
    judged: Sequence[float]

    def as_dict(self) -> dict[str, Sequence[float]]:
        return {"good": self.good, "defect": self.defect, "judged": self.judged}

    def rows(self) -> list[tuple[str, str, int]]:
        """What is counted: its name in `Outcome`, in words, and of how many photos."""
        rows: list[tuple[str, str, int]] = []
        if self.good:
            rows.append(("alarms", "False alarms on good test photos", len(self.good)))
        if self.defect:
            rows.append(("missed", "Missed defects among test photos", len(self.defect)))
        if self.good or self.defect:
            rows.append(("review", "Test photos for review", len(self.good) + len(self.defect)))
        if self.judged:
            rows.append(("judged_anomaly", "Inspections ANOMALY", len(self.judged)))
            rows.append(("judged_review", "Inspections for review", len(self.judged)))
        return rows


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of them would be wrong, or left for a person to decide."""

    alarms: int
    missed: int
    review: int
    judged_anomaly: int
    judged_review: int


def outcome(scores: Scores, threshold: float, review_from: float | None) -> Outcome:
    def count(of: Sequence[float], wanted: str) -> int:
        return sum(verdict(score, threshold, review_from) == wanted for score in of)

    return Outcome(
        alarms=count(scores.good, "ANOMALY"),
        missed=count(scores.defect, "OK"),
        review=count(scores.good, "REVIEW") + count(scores.defect, "REVIEW"),
        judged_anomaly=count(scores.judged, "ANOMALY"),
        judged_review=count(scores.judged, "REVIEW"),
    )
