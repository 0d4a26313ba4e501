"""Reads about samples and explorations of them."""

import hashlib
from collections.abc import Iterable
from typing import Any

from django.db.models import Count, QuerySet

from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.samples.models import GOOD, Exploration, Sample, Split


def samples(category: Category, split: str | None = None, label: str | None = None) -> QuerySet[Sample]:
    """The category's samples in the order they came, of one split and label where given."""
    wanted = {name: value for name, value in (("split", split), ("label", label)) if value}
    return Sample.objects.filter(category=category, **wanted).order_by("pk")


def sample(pk: int) -> Sample:
    """One by its id, with its category; DoesNotExist when there is none."""
    return Sample.objects.select_related("category").get(pk=pk)


def counts(category: Category) -> list[dict[str, Any]]:
    """How many samples of each split and label: [{"split", "label", "n"}], training and good ones first."""
    counted = Sample.objects.filter(category=category).values("split", "label").annotate(n=Count("pk"))
    rows = [dict(row) for row in counted.order_by("-split", "label")]
    return sorted(rows, key=lambda row: (row["split"] != Split.TRAIN, row["label"] != GOOD))


def usual_size(category: Category) -> tuple[int, int] | None:
    """Width and height in pixels of most of its training photos; None without any."""
    sizes = samples(category, Split.TRAIN).order_by().values_list("width", "height").annotate(n=Count("pk"))
    most = sizes.order_by("-n", "-width", "-height").first()
    return (most[0], most[1]) if most else None


def samples_digest(category: Category) -> str:
    """The same for the same photos in the same places with the same masks, in whatever order they came."""
    return digest_of(samples(category).values_list("sha256", "split", "label", "mask"))


def digest_of(rows: Iterable[tuple[str, ...]]) -> str:
    """The same for the same rows in any order."""
    return hashlib.sha256("\n".join(sorted(" ".join(row) for row in rows)).encode()).hexdigest()


def explorations(category: Category) -> QuerySet[Exploration]:
    """The category's explorations, newest first: the last that ended well and those after it."""
    return Exploration.objects.filter(category=category).order_by("-pk")


def last_explored(category: Category) -> Exploration | None:
    """The newest that ended well, without its description."""
    done = explorations(category).filter(state=State.DONE)
    return done.defer("description", "plots", "progress").first()
