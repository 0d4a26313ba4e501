"""Reads about model versions."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from inspector.categories.models import GOOD, Category, Split
from inspector.registry.models import Judgement, ModelVersion, Standing


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A line of the table of categories."""

    category: Category
    active: ModelVersion | None
    train_good: int
    test_good: int
    test_defect: int

    @property
    def samples(self) -> dict[str, int]:
        return {"train": self.train_good, "test_good": self.test_good, "test_defect": self.test_defect}


def active_version(category: Category) -> ModelVersion | None:
    """The version that judges this category's photos now."""
    return ModelVersion.objects.filter(category=category, standing=Standing.ACTIVE).first()


def versions(category: Category | None = None) -> QuerySet[ModelVersion]:
    """Newest first, with category, who promoted each, and `judged`: whether it is known what it said of each
    test photo; of one category or of all."""
    found = ModelVersion.objects.select_related("category", "promoted_by").order_by("-pk")
    found = found.annotate(judged=_judged())
    return found.filter(category=category) if category else found


def versions_listed(category: Category) -> list[ModelVersion]:
    """A category's versions for a table: of their metrics only the counts, for curves are kilobytes each."""
    counts = ("confusion", "review", "n_good", "n_defect")
    columns = {f"counted_{name}": F(f"metrics__{name}") for name in counts}
    found = list(versions(category).defer("metrics", "config", "plots").annotate(**columns))
    for version in found:
        told = {name: getattr(version, f"counted_{name}") for name in counts}
        version.metrics = {name: value for name, value in told.items() if value is not None}
    return found


def version(slug: str, number: int) -> ModelVersion:
    """One version by its address; DoesNotExist when there is none."""
    return versions().get(category__slug=slug, number=number)


def categories_overview(*, archived: bool = False) -> list[CategoryRow]:
    """Every category in use, or every archived one, by name with its active version and counts of samples,
    in two queries."""
    return [_row(category) for category in _overview().filter(archived__isnull=not archived)]


def category_overview(slug: str) -> CategoryRow:
    """The same of one category; Category.DoesNotExist when there is none."""
    return _row(_overview().get(slug=slug))


def active_versions() -> Prefetch:
    """For prefetch_related on categories: `category.active_versions` is a list of one version or none."""
    active = ModelVersion.objects.filter(standing=Standing.ACTIVE).select_related("promoted_by")
    active = active.annotate(judged=_judged())
    return Prefetch("versions", queryset=active, to_attr="active_versions")


def _judged() -> Exists:
    return Exists(Judgement.objects.filter(version=OuterRef("pk")))


def _overview() -> QuerySet[Category]:
    train, test = Q(samples__split=Split.TRAIN), Q(samples__split=Split.TEST)
    good = Q(samples__label=GOOD)
    return (
        Category.objects.annotate(
            train_good=Count("samples", filter=train),
            test_good=Count("samples", filter=test & good),
            test_defect=Count("samples", filter=test & ~good),
        )
        .prefetch_related(active_versions())
        .order_by("name")
    )


def _row(category: Category) -> CategoryRow:
    active = next(iter(category.active_versions), None)  # type: ignore[attr-defined]
    if active:
        active.category = category
    return CategoryRow(
        category=category,
        active=active,
        train_good=category.train_good,  # type: ignore[attr-defined]
        test_good=category.test_good,  # type: ignore[attr-defined]
        test_defect=category.test_defect,  # type: ignore[attr-defined]
    )
