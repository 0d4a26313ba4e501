"""What a version's run measured on test photos, typed: `ModelVersion.metrics` as attributes.

The stored JSON (`detection.Evaluation.as_dict()`) stays as the run wrote it. Versions of former times know
less of it: what is missing is None, 0 or empty here, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, Any]
# Low and high of 95 %; empty where it is not known.
Interval = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Confusion:
    """tp, fn: defective photos that are ANOMALY, or not; fp, tn: good ones."""

    tp: int
    fp: int
    tn: int
    fn: int

    @classmethod
    def from_dict(cls, values: Values | None) -> "Confusion | None":
        return cls(*(values[name] for name in ("tp", "fp", "tn", "fn"))) if values else None


@dataclass(frozen=True, slots=True)
class InReview:
    """How many good and how many defective photos are REVIEW."""

    good: int
    defect: int

    @classmethod
    def from_dict(cls, values: Values | None) -> "InReview | None":
        """None for a version without a REVIEW band."""
        return cls(values.get("good", 0), values.get("defect", 0)) if values else None


@dataclass(frozen=True, slots=True)
class WrongRate:
    """How often a verdict was wrong, with its exact binomial interval where that is known."""

    count: int
    n: int
    rate: float
    low: float | None
    high: float | None

    @classmethod
    def from_dict(cls, values: Values | None) -> "WrongRate | None":
        """None where it was judged on no such photos."""
        if not values or not values.get("n"):
            return None
        return cls(values["count"], values["n"], values["rate"], values.get("low"), values.get("high"))


@dataclass(frozen=True, slots=True)
class WrongRates:
    """false_alarm: of good photos. miss: of defective ones, those not ANOMALY."""

    false_alarm: WrongRate | None = None
    miss: WrongRate | None = None

    @classmethod
    def from_dict(cls, values: Values | None) -> "WrongRates":
        known = values or {}
        return cls(WrongRate.from_dict(known.get("false_alarm")), WrongRate.from_dict(known.get("miss")))


@dataclass(frozen=True, slots=True)
class DefectResult:
    """How one kind of defect was found: `flagged` of `n` photos; pixel metrics where there are masks."""

    name: str
    n: int
    flagged: int | None
    recall: float | None
    image_auroc: float | None
    pixel_auroc: float | None
    aupro: float | None
    recall_interval: Interval

    @classmethod
    def from_dict(cls, name: str, values: Values) -> "DefectResult":
        return cls(
            name=name,
            n=values.get("n", 0),
            flagged=values.get("flagged"),
            recall=values.get("recall"),
            image_auroc=values.get("image_auroc"),
            pixel_auroc=values.get("pixel_auroc"),
            aupro=values.get("aupro"),
            recall_interval=tuple(values.get("recall_interval") or ()),
        )


@dataclass(frozen=True, slots=True)
class PValueShare:
    """Of `n` good test photos, the share whose p-value is at most `p`."""

    p: float
    n: int
    share: float

    @classmethod
    def from_dict(cls, values: Values) -> "PValueShare":
        return cls(values["p"], values["n"], values["share"])


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """What a policy for the threshold did, or would have done. review: None without a REVIEW band."""

    policy: str
    threshold: float
    target: float | None
    in_use: bool
    rates: WrongRates
    review_from: float | None
    review: InReview | None

    @classmethod
    def from_dict(cls, values: Values) -> "PolicyResult":
        return cls(
            policy=values["policy"],
            threshold=values["threshold"],
            target=values.get("target"),
            in_use=bool(values.get("in_use")),
            rates=WrongRates.from_dict(values),
            review_from=values.get("review_from"),
            review=InReview.from_dict(values.get("review")),
        )


@dataclass(frozen=True, slots=True)
class Results:
    """judged_by: in a sentence how the photos were judged, "" for a version that was judged on none.

    intervals: by the names of metrics, those of pixels with “pixel_” before them. The four metrics that are
    columns of a version are read there.
    """

    n_good: int = 0
    n_defect: int = 0
    judged_by: str = ""
    average_precision: float | None = None
    ms_per_image: float | None = None
    confusion: Confusion | None = None
    review: InReview | None = None
    rates: WrongRates = WrongRates()
    by_defect: tuple[DefectResult, ...] = ()
    pixel: Mapping[str, float | None] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    p_values: tuple[PValueShare, ...] = ()
    policies: tuple[PolicyResult, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        return self.n_good + self.n_defect

    def interval(self, name: str) -> Interval:
        return self.intervals.get(name, ())

    @classmethod
    def from_dict(cls, values: Values) -> "Results":
        spans: Values = values.get("intervals") or {}
        return cls(
            n_good=values.get("n_good", 0),
            n_defect=values.get("n_defect", 0),
            judged_by=values.get("judged_by", ""),
            average_precision=values.get("average_precision"),
            ms_per_image=values.get("ms_per_image"),
            confusion=Confusion.from_dict(values.get("confusion")),
            review=InReview.from_dict(values.get("review")),
            rates=WrongRates.from_dict(values.get("rates")),
            by_defect=_by_defect(values.get("by_defect") or {}),
            pixel=values.get("pixel") or {},
            intervals={name: tuple(span or ()) for name, span in spans.items()},
            p_values=tuple(map(PValueShare.from_dict, values.get("p_values") or ())),
            policies=tuple(map(PolicyResult.from_dict, values.get("policies") or ())),
            warnings=tuple(values.get("warnings") or ()),
        )


def _by_defect(found: Values) -> tuple[DefectResult, ...]:
    return tuple(DefectResult.from_dict(name, values) for name, values in sorted(found.items()))
