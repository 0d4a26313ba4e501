"""A version's two limits: from which score a photo is ANOMALY or REVIEW, and what each promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from detection import TrainOptions
from inspector.registry.models import ModelVersion
from inspector.registry.policies import promise, review_promise

# `detection.Threshold.review_by`.
BY_DEFECTS = "defects"


@dataclass(frozen=True, slots=True)
class Limit:
    """begins: None where there is no such verdict. promise: half a sentence, "" where it is not known."""

    verdict: str
    begins: float | None
    promise: str = ""


def limits(version: ModelVersion) -> list[Limit]:
    """ANOMALY first; REVIEW only where it is known whether the version has it."""
    chosen = version.making.threshold
    both = [Limit("ANOMALY", version.threshold, promise_of(version))]
    if chosen.knows_review:
        both.append(Limit("REVIEW", chosen.review_from, _promise_of_review(version)))
    return both


def beside(version: ModelVersion, other: ModelVersion | None) -> Iterator[tuple[str, list[Limit]]]:
    """Each verdict with where it begins in both, for a table."""
    these = {limit.verdict: limit for limit in limits(version)}
    those = {limit.verdict: limit for limit in limits(other)} if other else {}
    for verdict in these | those:
        yield verdict, [side.get(verdict, Limit(verdict, None)) for side in (these, those)]


def promise_of(version: ModelVersion) -> str:
    """What its threshold promises; "" for an old version, which does not know."""
    chosen = version.making.threshold
    if not chosen.policy:
        return ""
    if chosen.policy == "f1" and "defect_share" not in version.making.options:
        return "a missed defect counts as much as a false alarm, on the labelled test photos"
    return promise(chosen.policy, chosen.target, **of_promises(version))


def of_promises(version: ModelVersion) -> dict[str, Any]:
    """Those of its options that the promises of policies depend on."""
    asked = version.making.options
    return {"percentile": asked.get("percentile", 99.0), "defect_share": asked.get("defect_share")}


def _promise_of_review(version: ModelVersion) -> str:
    chosen = version.making.threshold
    if chosen.review_from is None or not chosen.review_by:
        return ""
    share = version.making.options.get("review") or TrainOptions().review
    return review_promise(share, by_defects=chosen.review_by == BY_DEFECTS)
