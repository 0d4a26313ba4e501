"""Looking through samples: a few of each label, and page by page."""

from dataclasses import dataclass

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from inspector.categories.models import Category, Sample
from inspector.categories.selectors import samples

PAGE_SIZE = 60


@dataclass(frozen=True, slots=True)
class Page:
    """Samples in the order they came; ids to go on from, None where there is no more."""

    rows: list[Sample]
    before: int | None
    after: int | None


def strips(category: Category, each: int = 6) -> dict[tuple[str, str], list[Sample]]:
    """The first few samples by (split, label), in one query."""
    place = Window(RowNumber(), partition_by=[F("split"), F("label")], order_by=F("pk").asc())
    found: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples(category).annotate(place=place).filter(place__lte=each):
        found.setdefault((sample.split, sample.label), []).append(sample)
    return found


def page(
    category: Category,
    split: str = "",
    label: str = "",
    *,
    before: int | None = None,
    after: int | None = None,
) -> Page:
    """By key: the last page costs what the first one costs."""
    rows = samples(category, split, label)
    if before is not None:
        found = list(rows.filter(pk__lt=before).order_by("-pk")[: PAGE_SIZE + 1])
        more, found = len(found) > PAGE_SIZE, found[:PAGE_SIZE][::-1]
        earlier, later = more, True
    else:
        found = list(rows.filter(pk__gt=after or 0)[: PAGE_SIZE + 1])
        earlier, later = bool(after), len(found) > PAGE_SIZE
        found = found[:PAGE_SIZE]
    if not found:
        return Page([], None, None)
    return Page(found, found[0].pk if earlier else None, found[-1].pk if later else None)


def neighbours(sample: Sample) -> tuple[Sample | None, Sample | None]:
    """The one before and the one after of the same split and label."""
    rows = samples(sample.category, sample.split, sample.label)
    return rows.filter(pk__lt=sample.pk).last(), rows.filter(pk__gt=sample.pk).first()
