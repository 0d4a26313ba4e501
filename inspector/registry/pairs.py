"""Two versions photo by photo, where both judged the same test photos."""

from collections.abc import Iterable
from dataclasses import dataclass

from detection.metrics.paired import auroc_difference, mcnemar
from inspector.registry.models import Judgement, ModelVersion
from inspector.samples.models import GOOD

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Pair:
    """A test photo and what each version said of it."""

    label: str
    score: float
    other_score: float
    flagged: bool
    other_flagged: bool
    passed: bool
    other_passed: bool
    differs: bool

    @property
    def is_defect(self) -> bool:
        return self.label != GOOD


@dataclass(frozen=True, slots=True)
class Paired:
    """All of them."""

    pairs: list[Pair]

    @property
    def n(self) -> int:
        return len(self.pairs)

    @property
    def differ(self) -> int:
        """Of how many photos the verdicts differ."""
        return sum(pair.differs for pair in self.pairs)

    def clear(self, code: str, defect: str = "") -> bool | None:
        """Whether the two differ in a metric by more than chance; None for one that needs more than pairs.

        code, defect: as in `compare.What`.
        """
        if defect:
            return _uneven(pair for pair in self.pairs if pair.label == defect)
        if code == "image_auroc":
            return self._auroc()
        if code == "false_alarm":
            return _uneven(pair for pair in self.pairs if not pair.is_defect)
        if code in ("miss", "recall"):
            return _uneven(pair for pair in self.pairs if pair.is_defect)
        if code == "missed":
            return _differ((pair.passed, pair.other_passed) for pair in self.pairs if pair.is_defect)
        return None

    def _auroc(self) -> bool | None:
        span = auroc_difference(
            [pair.score for pair in self.pairs],
            [pair.other_score for pair in self.pairs],
            [pair.is_defect for pair in self.pairs],
        )
        return None if span is None else not span[0] <= 0 <= span[1]


def paired(version: ModelVersion, other: ModelVersion | None) -> Paired | None:
    """None unless both judged the same photos under the same labels; one query."""
    if other is None or other.pk == version.pk:
        return None
    rows = Judgement.objects.filter(version__in=(version, other)).order_by("pk")
    said: dict[int, dict[tuple[str, str], Said]] = {version.pk: {}, other.pk: {}}
    for pk, sha256, label, score, verdict in rows.values_list(
        "version_id", "sha256", "label", "score", "verdict"
    ):
        said[pk][sha256, label] = (score, verdict)
    these, those = said[version.pk], said[other.pk]
    if not these or these.keys() != those.keys():
        return None
    return Paired([_pair(key[1], one, those[key]) for key, one in these.items()])


Said = tuple[float, str]


def _pair(label: str, this: Said, other: Said) -> Pair:
    (score, verdict), (other_score, other_verdict) = this, other
    flagged, other_flagged = verdict == "ANOMALY", other_verdict == "ANOMALY"
    passed = verdict == "OK", other_verdict == "OK"
    return Pair(label, score, other_score, flagged, other_flagged, *passed, verdict != other_verdict)


def _uneven(pairs: Iterable[Pair]) -> bool:
    """Whether one of the two flags more of them than the other one, by more than chance."""
    return _differ((pair.flagged, pair.other_flagged) for pair in pairs)


def _differ(pairs: Iterable[tuple[bool, bool]]) -> bool:
    listed = list(pairs)
    only_this = sum(this and not other for this, other in listed)
    only_other = sum(other and not this for this, other in listed)
    return mcnemar(only_this, only_other) < LEVEL
