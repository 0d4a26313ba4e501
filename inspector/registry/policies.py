"""The ways to choose a threshold, in words: what a person picks, and what a version then promises."""

from dataclasses import dataclass

from inspector.core.templatetags.figures import plain_percent, small


@dataclass(frozen=True, slots=True)
class PolicyInfo:
    """A policy as a person chooses it; `aim` names what it aims at, "" where it aims at nothing."""

    name: str
    title: str
    summary: str
    aim: str = ""
    unit: str = ""


_ALL = (
    PolicyInfo(
        "auto",
        "Automatic",
        "Two limits where there are 5 good photos or more, as below; with fewer, from labelled test photos.",
    ),
    PolicyInfo(
        "limits",
        "Two limits",
        "ANOMALY is what is surely unusual. Below it, REVIEW is for a person to decide: it begins where few "
        "good parts lie, or lower, to include 95 % of the labelled defects.",
        "Good parts that are ANOMALY, at most",
        "%",
    ),
    PolicyInfo(
        "conformal",
        "Limit the false alarms",
        "From held-out good photos only; holds whatever the defects look like. Few photos cannot guarantee "
        "a small share.",
        "Good parts flagged, at most",
        "%",
    ),
    PolicyInfo(
        "recall",
        "Find enough of the defects",
        "From the labelled defects; holds for defects like them.",
        "Defects found, at least",
        "%",
    ),
    PolicyInfo(
        "f1",
        "Balance both",
        "The highest F1 on the labelled test photos, weighted for production, where fewer parts are "
        "defective than among them.",
        "Defective parts in production",
        "%",
    ),
    PolicyInfo(
        "percentile",
        "Above a percentile of good scores",
        "From held-out good photos; with few of them, assuming normally distributed scores.",
        "Percentile",
    ),
    PolicyInfo("manual", "A fixed score", "A fixed score, if you know the scores of this category.", "Score"),
)
POLICIES: dict[str, PolicyInfo] = {policy.name: policy for policy in _ALL}


def promise(
    policy: str, target: float | None, percentile: float = 99.0, defect_share: float | None = None
) -> str:
    """What a threshold chosen in this way promises, as half a sentence: “at most 1 % of good parts are
    flagged”.

    defect_share: of parts in production, for f1; None for one chosen before it was asked for.
    """
    if policy == "limits":
        return f"at most {plain_percent(target or 0.01)} of good parts are ANOMALY"
    if policy == "conformal":
        return f"at most {plain_percent(target or 0.01)} of good parts are flagged"
    if policy == "recall":
        return f"at least {plain_percent(target or 0.95)} of defects like the labelled ones are found"
    if policy == "percentile":
        return f"above {percentile:g} % of the scores of good parts"
    if policy == "manual":
        return f"a fixed score of {small(target)}"
    if policy == "f1" and defect_share:
        return f"the largest F1 where {plain_percent(defect_share)} of parts are defective"
    return {
        "auto": "chosen automatically",
        "f1": "the largest F1 on the labelled test photos",
        "training": "a guess: there are no held-out good photos",
    }.get(policy, policy)


def review_promise(review: float, *, by_defects: bool) -> str:
    """The same about the REVIEW limit. by_defects: whether labelled defects chose it."""
    if by_defects:
        return "at least 95 % of the labelled defects are REVIEW or ANOMALY"
    return f"at most {plain_percent(review)} of good parts are REVIEW or ANOMALY"
