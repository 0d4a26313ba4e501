"""What each way to choose the threshold did, or would have done, on a version's test photos."""

from dataclasses import dataclass, replace
from typing import Any

from detection.results import PolicyResult
from inspector.registry.limits import of_promises
from inspector.registry.metrics import Rate, Wrong
from inspector.registry.models import ModelVersion
from inspector.registry.policies import POLICIES, promise


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """missed: defects that are OK; one in REVIEW is not missed. review_from: None without a REVIEW band;
    review: how many good and how many defective photos are in it, None where that is not known.
    """

    title: str
    promise: str
    threshold: float
    in_use: bool
    false_alarms: Rate | None
    missed: Rate | None
    review_from: float | None = None
    review: tuple[int, int] | None = None

    @property
    def wrong(self) -> tuple[Rate | None, Rate | None]:
        return self.false_alarms, self.missed


def policies(version: ModelVersion) -> list[PolicyRow]:
    """Every policy that could be followed, the one in use first."""
    shares = of_promises(version)
    rows = [_row(row, shares) for row in version.results.policies]
    return sorted(rows, key=lambda row: not row.in_use)


def _row(row: PolicyResult, shares: dict[str, Any]) -> PolicyRow:
    wrong, review = Wrong.of(row.rates), row.review
    return PolicyRow(
        title=POLICIES[row.policy].title if row.policy in POLICIES else row.policy,
        promise=promise(row.policy, row.target, **shares),
        threshold=row.threshold,
        in_use=row.in_use,
        false_alarms=wrong.false_alarm,
        missed=_missed(wrong.miss, review.defect if review else 0),
        review_from=row.review_from,
        review=(review.good, review.defect) if review else None,
    )


def _missed(not_flagged: Rate | None, in_review: int) -> Rate | None:
    """Defects that are OK: neither ANOMALY nor REVIEW. The interval is not about them."""
    if not_flagged is None or not in_review:
        return not_flagged
    count = not_flagged.count - in_review
    return replace(not_flagged, count=count, rate=count / not_flagged.n, low=None, high=None)
