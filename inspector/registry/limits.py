"""A version's two limits: from which score a photo is ANOMALY or REVIEW, and what each promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from detection import TrainOptions
from inspector.registry.models import ModelVersion
from inspector.registry.policies import promise, review_promise

# As detection.thresholds says in `chosen_on` by what REVIEW was chosen.
BEGINS, BY_DEFECTS = "REVIEW begins where ", "labelled defects score"


@dataclass(frozen=True, slots=True)
class Limit:
    """begins: None where there is no such verdict. promise: half a sentence, "" where it is not known."""

    verdict: str
    begins: float | None
    promise: str = ""


def limits(version: ModelVersion) -> list[Limit]:
    """ANOMALY first; REVIEW only where it is known whether the version has it."""
    chosen = _chosen(version)
    found = [Limit("ANOMALY", version.threshold, promise_of(version))]
    if "review_from" in chosen:
        found.append(Limit("REVIEW", chosen["review_from"], _promise_of_review(version)))
    return found


def beside(version: ModelVersion, other: ModelVersion | None) -> Iterator[tuple[str, list[Limit]]]:
    """Each verdict with where it begins in both, for a table."""
    these = {limit.verdict: limit for limit in limits(version)}
    those = {limit.verdict: limit for limit in limits(other)} if other else {}
    for verdict in these | those:
        yield verdict, [side.get(verdict, Limit(verdict, None)) for side in (these, those)]


def promise_of(version: ModelVersion) -> str:
    """What its threshold promises; "" for a version of a former time, that does not know."""
    chosen, asked = _chosen(version), _asked(version)
    if not chosen.get("policy"):
        return ""
    if chosen["policy"] == "f1" and "defect_share" not in asked:
        return "a missed defect weighs like a false alarm, on the labelled test photos"
    return promise(chosen["policy"], chosen.get("target"), **of_promises(version))


def of_promises(version: ModelVersion) -> dict[str, Any]:
    """What of its options the promises of policies depend on."""
    asked = _asked(version)
    return {"percentile": asked.get("percentile", 99.0), "defect_share": asked.get("defect_share")}


def _promise_of_review(version: ModelVersion) -> str:
    chosen = _chosen(version)
    _, begins, why = str(chosen.get("chosen_on", "")).partition(BEGINS)
    if chosen["review_from"] is None or not begins:
        return ""
    share = _asked(version).get("review") or TrainOptions().review
    return review_promise(share, by_defects=BY_DEFECTS in why)


def _chosen(version: ModelVersion) -> dict[str, Any]:
    return version.config.get("threshold") or {}


def _asked(version: ModelVersion) -> dict[str, Any]:
    return version.config.get("options") or {}
