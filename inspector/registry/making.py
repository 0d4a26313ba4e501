"""How a version was made, typed: `ModelVersion.config` as attributes.

As with `detection.results`, the stored JSON stays as the run wrote it, and what old versions do
not know is None, 0 or empty here, and nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from detection.reasons import Reason
from detection.results import Interval, Values
from detection.types import GOOD
from inspector.registry.draft import Draft


@dataclass(frozen=True, slots=True)
class ChosenThreshold:
    """policy: "" where it is not known how it was chosen. target: what the policy aimed at.

    chosen_on: the same in a sentence. knows_review: False for versions of a time before REVIEW. review_by:
    “defects” or “good”, which scores say where REVIEW begins; "" without such a band, or where not known.
    """

    policy: str = ""
    target: float | None = None
    review_from: float | None = None
    knows_review: bool = False
    review_by: str = ""
    chosen_on: str = ""
    good_scores: tuple[float, ...] = ()

    @classmethod
    def from_dict(cls, values: Values) -> "ChosenThreshold":
        return cls(
            policy=values.get("policy") or "",
            target=values.get("target"),
            review_from=values.get("review_from"),
            knows_review="review_from" in values,
            review_by=values.get("review_by") or "",
            chosen_on=values.get("chosen_on") or "",
            good_scores=tuple(values.get("good_scores") or ()),
        )


@dataclass(frozen=True, slots=True)
class Learned:
    """How many good photos it was trained on, and how many were held out; None where it is not known.

    train, test_good, test_defect: how many photos of each sort its data set had, copies among them.
    """

    photos: int | None = None
    held_out: int = 0
    train: int = 0
    test_good: int = 0
    test_defect: int = 0

    @classmethod
    def from_dict(cls, values: Values) -> "Learned":
        """Of {"train", "good", "<kind of defect>", ..., "learned", "held_back"}."""
        known = {"train", GOOD, "learned", "held_back"}
        return cls(
            photos=values.get("learned"),
            held_out=values.get("held_back") or 0,
            train=values.get("train", 0),
            test_good=values.get(GOOD, 0),
            test_defect=sum(n for name, n in values.items() if name not in known),
        )


@dataclass(frozen=True, slots=True)
class Turns:
    """At which angles good photos look normal (`normality.turns`), and how many turned copies there are."""

    supported: tuple[str, ...]
    copies: int

    @classmethod
    def from_dict(cls, values: Values) -> "Turns | None":
        """None where it was not looked for."""
        if not values.get("evidence"):
            return None
        return cls(tuple(values["supported"]), len(values["copies"]))


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether a network that learned from synthetic defects is used; its AUROC and that without it."""

    trusted: bool
    together: float
    alone: float

    @classmethod
    def from_dict(cls, values: Values | None) -> "Trust | None":
        return cls(values["trusted"], values["together"], values["alone"]) if values else None


@dataclass(frozen=True, slots=True)
class Family:
    """categories: whose photos taught its network, by their slugs. network: which one it is, by its content.

    Both empty where it has one of its own. joined: without a training.
    """

    categories: tuple[str, ...] = ()
    network: str = ""
    joined: bool = False

    @classmethod
    def from_dict(cls, values: Values | None) -> "Family":
        values = values or {}
        return cls(
            tuple(values.get("categories") or ()),
            values.get("network") or "",
            bool(values.get("joined")),
        )


@dataclass(frozen=True, slots=True)
class OddPhoto:
    """A training photo that does not look like the rest; usual: the median score of all."""

    name: str
    sha256: str
    score: float
    usual: float

    @classmethod
    def from_dict(cls, values: Values) -> "OddPhoto":
        return cls(values.get("name") or "", values["sha256"], values["score"], values["usual"])


@dataclass(frozen=True, slots=True)
class ExampleFile:
    """A test photo with its heatmap among the version's plots, and the threshold that judged it."""

    file: str
    label: str
    verdict: str
    score: float | None
    threshold: float | None

    @classmethod
    def from_dict(cls, values: Values) -> "ExampleFile":
        file, label, verdict = (values[name] for name in ("file", "label", "verdict"))
        return cls(file, label, verdict, values.get("score"), values.get("threshold"))


@dataclass(frozen=True, slots=True)
class Tried:
    """A method that `auto` tried, or why it did not (`left_out`). score: AUROC on synthetic defects."""

    method: str
    score: float | None
    interval: Interval
    alarms: int | None
    n: int | None
    by_damage: Mapping[str, float | None]
    seconds: float | None
    ms_per_image: float | None
    left_out: str

    @classmethod
    def from_dict(cls, values: Values) -> "Tried":
        alarms: Values = values.get("false_alarms") or {}
        return cls(
            method=values.get("method") or "",
            score=values.get("score"),
            interval=tuple(values.get("interval") or ()),
            alarms=alarms.get("count"),
            n=alarms.get("n"),
            by_damage=values.get("by_damage") or {},
            seconds=values.get("seconds") or None,
            ms_per_image=values.get("ms_per_image") or None,
            left_out=values.get("left_out") or "",
        )


@dataclass(frozen=True, slots=True)
class Contest:
    """How `auto` came to its choice. used_labels: labelled defects had a say.

    reason: None for an old version, which has a `sentence` instead.
    """

    chosen: str
    reason: Reason | None
    sentence: str
    used_labels: bool
    tried: tuple[Tried, ...]

    @classmethod
    def from_dict(cls, values: Values | None) -> "Contest | None":
        """None for a version whose method a person chose."""
        if not values:
            return None
        return cls(
            chosen=values.get("chosen") or "",
            reason=Reason(**values["reason"]) if values.get("reason") else None,
            sentence=values.get("told") or values.get("why") or "",
            used_labels=bool(values.get("used_labels")),
            tried=tuple(map(Tried.from_dict, values.get("candidates") or ())),
        )


@dataclass(frozen=True, slots=True)
class Making:
    """options: detection.TrainOptions as keyword arguments. warnings: of a version without test photos.

    odd_warning: the one of the warnings that is about the odd photos. draft: None where it was not asked for.
    """

    threshold: ChosenThreshold = ChosenThreshold()
    options: Mapping[str, Any] = field(default_factory=dict)
    learned: Learned = Learned()
    seconds: float | None = None
    device: str = ""
    turns: Turns | None = None
    trust: Trust | None = None
    family: Family = Family()
    odd: tuple[OddPhoto, ...] = ()
    odd_warning: str = ""
    examples: tuple[ExampleFile, ...] = ()
    contest: Contest | None = None
    warnings: tuple[str, ...] = ()
    draft: Draft | None = None

    @property
    def has_draft(self) -> bool:
        return self.draft is not None and not self.draft.why_not

    @classmethod
    def from_dict(cls, values: Values) -> "Making":
        return cls(
            threshold=ChosenThreshold.from_dict(values.get("threshold") or {}),
            options=values.get("options") or {},
            learned=Learned.from_dict(values.get("images") or {}),
            seconds=values.get("seconds"),
            device=values.get("device") or "",
            turns=Turns.from_dict(values.get("turns") or {}),
            trust=Trust.from_dict((values.get("learning") or {}).get("trust")),
            family=Family.from_dict(values.get("family")),
            odd=tuple(map(OddPhoto.from_dict, values.get("odd") or ())),
            odd_warning=values.get("odd_warning") or "",
            examples=tuple(map(ExampleFile.from_dict, values.get("examples") or ())),
            contest=Contest.from_dict(values.get("ranking")),
            warnings=tuple(values.get("warnings") or ()),
            draft=Draft.from_dict(values.get("draft")),
        )
