"""The results of a model on labelled images. All are frozen; none needs torch.

`as_dict` is what metrics.json and `--json` contain; `from_dict` reads it. What runs of earlier versions lack
is None, 0 or empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Part = TypeVar("Part", bound="DataclassInstance")
Values = Mapping[str, Any]
# Lower and upper bound of a 95 % interval; empty where it is not known.
Interval = tuple[float, ...]


def _read(cls: type[Part], values: Values, **typed: Any) -> Part:
    """The stored values that the class has a field for. typed: values already read, which take precedence."""
    stored = {one.name: values[one.name] for one in fields(cls) if one.name in values}
    return cls(**stored | typed)


def _interval(values: Sequence[float] | None) -> Interval:
    return tuple(values or ())


@dataclass(frozen=True, slots=True)
class Confusion:
    """tp, fn: defective images that are ANOMALY, and those that are not; fp, tn: the same of good images."""

    tp: int
    fp: int
    tn: int
    fn: int

    @property
    def n_good(self) -> int:
        return self.fp + self.tn

    @property
    def n_defect(self) -> int:
        return self.tp + self.fn

    @property
    def flagged(self) -> int:
        return self.tp + self.fp

    @classmethod
    def from_dict(cls, values: Values | None) -> Confusion | None:
        return _read(cls, values) if values else None


@dataclass(frozen=True, slots=True)
class InReview:
    """How many good and how many defective images are REVIEW."""

    good: int = 0
    defect: int = 0

    @classmethod
    def from_dict(cls, values: Values | None) -> InReview | None:
        """None for a model without a REVIEW band."""
        return _read(cls, values) if values else None


@dataclass(frozen=True, slots=True)
class WrongRate:
    """How often a verdict was wrong, with the exact binomial interval where it is known."""

    count: int
    n: int
    rate: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def from_dict(cls, values: Values | None) -> WrongRate | None:
        """None if there were no such images."""
        return _read(cls, values) if values and values.get("n") else None


@dataclass(frozen=True, slots=True)
class WrongRates:
    """false_alarm: of good images. miss: of defective images, those not ANOMALY. None if there are no such
    images."""

    false_alarm: WrongRate | None = None
    miss: WrongRate | None = None

    @classmethod
    def from_dict(cls, values: Values | None) -> WrongRates:
        known = values or {}
        return cls(WrongRate.from_dict(known.get("false_alarm")), WrongRate.from_dict(known.get("miss")))

    def as_dict(self) -> dict[str, Any]:
        """Only the known rates."""
        return {name: rate for name, rate in asdict(self).items() if rate}


@dataclass(frozen=True, slots=True)
class Roc:
    """The ROC curve: a point for each threshold, the highest first."""

    fpr: tuple[float, ...]
    tpr: tuple[float, ...]
    thresholds: tuple[float, ...]

    @classmethod
    def from_dict(cls, values: Values | None) -> Roc | None:
        return cls(*(tuple(values[name]) for name in ("fpr", "tpr", "thresholds"))) if values else None


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """The precision-recall curve: a point for each threshold, the highest first."""

    recall: tuple[float, ...]
    precision: tuple[float, ...]
    thresholds: tuple[float, ...]

    @classmethod
    def from_dict(cls, values: Values | None) -> PrecisionRecall | None:
        names = ("recall", "precision", "thresholds")
        return cls(*(tuple(values[name]) for name in names)) if values else None


@dataclass(frozen=True, slots=True)
class PixelResult:
    """How well anomaly maps locate defects, on `n_masks` masks: see `metrics.pixels`."""

    auroc: float | None = None
    aupro: float | None = None
    f1: float | None = None
    n_masks: int = 0

    @classmethod
    def from_dict(cls, values: Values | None) -> PixelResult | None:
        """None without masks."""
        return _read(cls, values) if values else None


@dataclass(frozen=True, slots=True)
class DefectResult:
    """The results of one kind of defect against all good images: `flagged` of `n`; None where undefined.

    recall_interval: exact binomial. The pixel metrics are those of its images with masks.
    """

    name: str
    n: int = 0
    flagged: int | None = None
    recall: float | None = None
    recall_interval: Interval = ()
    precision: float | None = None
    f1: float | None = None
    image_auroc: float | None = None
    average_precision: float | None = None
    pixel_auroc: float | None = None
    aupro: float | None = None
    pixel_f1: float | None = None

    @classmethod
    def from_dict(cls, name: str, values: Values) -> DefectResult:
        return _read(cls, values, name=name, recall_interval=_interval(values.get("recall_interval")))

    def as_dict(self) -> dict[str, Any]:
        """Without the name, which is the key it is stored under."""
        return {name: value for name, value in asdict(self).items() if name != "name"}

    def with_pixels(self, pixel: PixelResult) -> DefectResult:
        return replace(self, pixel_auroc=pixel.auroc, aupro=pixel.aupro, pixel_f1=pixel.f1)


@dataclass(frozen=True, slots=True)
class PValueShare:
    """Of `n` good test images, the share whose p-value is at most `p`."""

    p: float
    share: float
    n: int

    @classmethod
    def from_dict(cls, values: Values) -> PValueShare:
        return _read(cls, values)

    @property
    def count(self) -> int:
        return round(self.share * self.n)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyResult:
    """What a threshold policy did, or would have done. review: None where it was not counted."""

    policy: str
    in_use: bool = False
    target: float | None = None
    threshold: float
    review_from: float | None = None
    review: InReview | None = None
    rates: WrongRates = WrongRates()

    @classmethod
    def from_dict(cls, values: Values) -> PolicyResult:
        review, rates = InReview.from_dict(values.get("review")), WrongRates.from_dict(values)
        return _read(cls, values, review=review, rates=rates)

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "rates"} | self.rates.as_dict()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The metrics of a model on labelled images. None where a metric is undefined (a class is absent).

    judged_by: a sentence on how the decisions behind f1, precision, recall and confusion were made, in
    particular that no image was judged by a threshold it helped to choose. A flagged image is one judged
    ANOMALY; REVIEW is counted separately in `review`, None without such a band. by_defect: each kind against
    all good images. pixel: None without masks. intervals: by metric. rates: with exact binomial bounds.
    p_values: at rising levels. policies: what each would have done; labels are cross-fitted.
    """

    category: str = ""
    method: str = ""
    image_auroc: float | None = None
    f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    threshold: float | None = None
    threshold_policy: str = ""
    judged_by: str = ""
    n_good: int = 0
    n_defect: int = 0
    confusion: Confusion | None = None
    by_defect: tuple[DefectResult, ...] = ()
    ms_per_image: float | None = None
    roc: Roc | None = None
    warnings: tuple[str, ...] = ()
    average_precision: float | None = None
    pr: PrecisionRecall | None = None
    pixel: PixelResult | None = None
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    rates: WrongRates = WrongRates()
    review: InReview | None = None
    p_values: tuple[PValueShare, ...] = ()
    policies: tuple[PolicyResult, ...] = ()

    @property
    def n(self) -> int:
        return self.n_good + self.n_defect

    def interval(self, name: str) -> Interval:
        return self.intervals.get(name, ())

    @classmethod
    def from_dict(cls, values: Values) -> Evaluation:
        """{} gives the evaluation of a model that was judged on nothing."""
        get = values.get
        return _read(
            cls,
            values,
            confusion=Confusion.from_dict(get("confusion")),
            by_defect=_by_defect(get("by_defect") or {}),
            roc=Roc.from_dict(get("roc")),
            warnings=tuple(get("warnings") or ()),
            pr=PrecisionRecall.from_dict(get("pr")),
            pixel=PixelResult.from_dict(get("pixel")),
            intervals={name: _interval(span) for name, span in (get("intervals") or {}).items()},
            rates=WrongRates.from_dict(get("rates")),
            review=InReview.from_dict(get("review")),
            p_values=tuple(map(PValueShare.from_dict, get("p_values") or ())),
            policies=tuple(map(PolicyResult.from_dict, get("policies") or ())),
        )

    def as_dict(self) -> dict[str, Any]:
        """For JSON. Missing parts are empty, not null; missing numbers are null."""
        content = asdict(self)
        return content | {
            **{name: content[name] or {} for name in ("confusion", "roc", "pr", "pixel", "review")},
            "by_defect": {one.name: one.as_dict() for one in self.by_defect},
            "rates": self.rates.as_dict(),
            "policies": [one.as_dict() for one in self.policies],
        }


def _by_defect(stored: Values) -> tuple[DefectResult, ...]:
    return tuple(DefectResult.from_dict(name, values) for name, values in sorted(stored.items()))
