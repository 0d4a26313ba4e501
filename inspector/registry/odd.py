"""Good photos that a version learned from and that do not look like the rest, as its training found them."""

from collections.abc import Iterable
from dataclasses import dataclass

from inspector.core.events import Who
from inspector.core.templatetags.figures import times
from inspector.registry.models import ModelVersion
from inspector.registry.report import n_good_scores
from inspector.samples.exploration.report import Case
from inspector.samples.models import Sample, Split
from inspector.samples.remove_samples import remove_samples

SHOWN = 12
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, slots=True)
class Odd:
    """cases: those still among the category's training samples, the most unusual first; `first` are shown
    at once. removed: the names of the others. n: how many photos were looked at."""

    n: int
    cases: list[Case]
    removed: list[str]

    @property
    def count(self) -> int:
        return len(self.cases) + len(self.removed)

    @property
    def first(self) -> list[Case]:
        return self.cases[:SHOWN]

    @property
    def rest(self) -> list[Case]:
        return self.cases[SHOWN:]


def odd(version: ModelVersion) -> Odd | None:
    """None where there are none, or where its training did not look; one query."""
    photos = version.making.odd
    if not photos:
        return None
    known = _samples(version, (one.sha256 for one in photos))
    cases = [
        Case([known[one.sha256]], _says(one.score, one.usual), 0) for one in photos if one.sha256 in known
    ]
    removed = [one.name for one in photos if one.sha256 not in known]
    return Odd(max(n_good_scores(version), len(photos)), cases, removed)


def remove_odd(version: ModelVersion, ids: Iterable[int], *, by: Who, reason: str = "") -> int:
    """Take those of these samples that are among its odd ones out of the category; how many they were."""
    known = _samples(version, (one.sha256 for one in version.making.odd))
    chosen = {sample.pk for sample in known.values()} & set(ids)
    return remove_samples(version.category, chosen, by=by, reason=reason)


def warnings(version: ModelVersion) -> list[str]:
    """What to know before relying on it, except its odd photos; also for a version without test photos."""
    texts = version.results.warnings if version.results.n else version.making.warnings
    return [text for text in texts if text != version.making.odd_warning]


def _samples(version: ModelVersion, hashes: Iterable[str]) -> dict[str, Sample]:
    rows = Sample.objects.filter(category=version.category_id, split=Split.TRAIN, sha256__in=list(hashes))
    return {sample.sha256: sample for sample in rows}


def _says(score: float, usual: float) -> str:
    ratio = times(score, usual)
    return f"{ratio}{TIMES} the usual score" if ratio else ""
