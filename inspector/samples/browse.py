"""Looking through samples: a few of each label, and page by page."""

from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from inspector.categories.models import Category
from inspector.core import paging
from inspector.samples.models import Sample
from inspector.samples.selectors import samples

PAGE_SIZE = 60


def strips(category: Category, each: int = 6) -> dict[tuple[str, str], list[Sample]]:
    """The first few samples by (split, label), in one query."""
    place = Window(RowNumber(), partition_by=[F("split"), F("label")], order_by=F("pk").asc())
    strips_by_use: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples(category).annotate(place=place).filter(place__lte=each):
        strips_by_use.setdefault((sample.split, sample.label), []).append(sample)
    return strips_by_use


def page(category: Category, split: str = "", label: str = "", **place: Any) -> paging.Page[Sample]:
    """In the order they came; `place` as `paging.page` takes it."""
    return paging.page(samples(category, split, label), size=PAGE_SIZE, rising=True, **place)


def neighbours(sample: Sample) -> tuple[Sample | None, Sample | None]:
    """The previous and the next one of the same split and label."""
    rows = samples(sample.category, sample.split, sample.label)
    return rows.filter(pk__lt=sample.pk).last(), rows.filter(pk__gt=sample.pk).first()
