"""Reads for comparing versions."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from inspector.categories.models import Category
from inspector.registry.models import Judgement, ModelVersion
from inspector.registry.selectors import versions
from inspector.trials.beside import Scores, scores_of
from inspector.trials.models import Trial, TrialJudgement

MOST = 12  # versions side by side
FIRST = 6  # shown where none was chosen


@dataclass(frozen=True, slots=True)
class Choice:
    """A category with the versions one may choose, the active one first."""

    category: Category
    versions: list[ModelVersion]


def choices() -> list[Choice]:
    """Categories in use by name, each with its versions, without their metrics."""
    offered: dict[int, Choice] = {}
    rows = versions().filter(category__archived=None).defer("metrics", "config", "plots")
    for version in sorted(rows, key=lambda one: (one.category.name.lower(), not one.is_active, -one.number)):
        choice = offered.setdefault(version.category_id, Choice(version.category, []))
        choice.versions.append(version)
    return list(offered.values())


def usual(offered: Sequence[Choice]) -> list[int]:
    """What to show where nobody chose: the active versions of the first categories."""
    active = [version.pk for choice in offered for version in choice.versions[:1] if version.is_active]
    return active[:FIRST]


def chosen(ids: Sequence[int]) -> list[ModelVersion]:
    """Those that exist, in this order."""
    by_id = {version.pk: version for version in versions().filter(pk__in=ids)}
    return [by_id[pk] for pk in dict.fromkeys(ids) if pk in by_id]


def scores(shown: Sequence[ModelVersion]) -> Scores:
    """What each said of its test photos, in one query."""
    rows = Judgement.objects.filter(version__in=shown).values_list("version_id", "label", "score")
    return scores_of(rows.order_by("pk").iterator())


def trial(pk: int) -> Trial:
    return get_object_or_404(Trial.objects.select_related("requested_by"), pk=pk)


def judgements(of: Trial) -> QuerySet[TrialJudgement]:
    """In the order they were asked for."""
    rows = TrialJudgement.objects.filter(trial=of).select_related("version__category")
    return rows.defer("version__metrics", "version__plots").order_by("pk")
