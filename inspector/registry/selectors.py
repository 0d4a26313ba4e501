"""Reads about model versions."""

from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from inspector.categories.models import Category
from inspector.registry.models import Change, Deployment, Judgement, Kind, ModelVersion, Standing
from inspector.samples.models import GOOD, Split


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A line of the table of categories."""

    category: Category
    active: ModelVersion | None
    deployment: Deployment | None
    train_good: int
    test_good: int
    test_defect: int

    @property
    def samples(self) -> dict[str, int]:
        return {"train": self.train_good, "test_good": self.test_good, "test_defect": self.test_defect}


def deployments(category: Category | None = None) -> QuerySet[Deployment]:
    """Which version judged by which limits, and who decided that: newest first, with version and person."""
    joined = ("category", "version__category", "by")
    active = Deployment.objects.filter(kind=Kind.ACTIVE).select_related(*joined)
    return active.filter(category=category) if category else active


def active_deployment(category: Category) -> Deployment | None:
    """What judges this category's photos now, with its version."""
    return deployments(category).filter(until=None).first()


def deployment_history(category: Category, most: int) -> QuerySet[Deployment]:
    """The newest ones, for a table: a version's curves are kilobytes, the same in every row."""
    return deployments(category).defer("version__metrics", "version__config", "version__plots")[:most]


def shadow_deployments(category: Category) -> QuerySet[Deployment]:
    """Those at work beside the active one, whose verdicts nobody acts on."""
    shadows = Deployment.objects.filter(category=category, kind=Kind.SHADOW, until=None)
    return shadows.select_related("category", "version", "by")


def test_scores(version: ModelVersion) -> tuple[list[float], list[float]]:
    """What it said of the good and of the defective test photos, the lowest first."""
    good, defect = list[float](), list[float]()
    for label, score in version.judgements.order_by("score").values_list("label", "score"):
        (good if label == GOOD else defect).append(score)
    return good, defect


def active_version(category: Category) -> ModelVersion | None:
    """The version that judges this category's photos now."""
    at_work = Q(deployments__category=category, deployments__kind=Kind.ACTIVE, deployments__until=None)
    return ModelVersion.objects.with_standing().filter(at_work).first()


def versions(category: Category | None = None) -> QuerySet[ModelVersion]:
    """Newest first, with category, standing and who promoted each, and `judged`: whether it is known what it
    said of each test photo; of one category or of all."""
    rows = ModelVersion.objects.with_standing().select_related("category").order_by("-pk")
    rows = rows.annotate(judged=Exists(Judgement.objects.filter(version=OuterRef("pk"))))
    return rows.filter(category=category) if category else rows


def versions_listed(category: Category) -> list[ModelVersion]:
    """A category's versions for a table: of their metrics only the counts, because curves are kilobytes
    each."""
    counts = ("confusion", "review", "n_good", "n_defect")
    columns = {f"counted_{name}": F(f"metrics__{name}") for name in counts}
    listed = list(versions(category).defer("metrics", "config", "plots").annotate(**columns))
    for version in listed:
        counted = {name: getattr(version, f"counted_{name}") for name in counts}
        version.metrics = {name: value for name, value in counted.items() if value is not None}
    return listed


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


def active_deployments() -> Prefetch:
    """For prefetch_related on categories: `category.at_work` is a list of one deployment or none, with its
    version; `active_of` reads it."""
    promotions = Deployment.objects.filter(
        category=OuterRef("category"), version=OuterRef("version"), kind=Kind.ACTIVE
    ).exclude(change=Change.LIMITS)
    newest = promotions.order_by("-since", "-pk")
    at_work = Deployment.objects.filter(kind=Kind.ACTIVE, until=None).select_related("version", "by")
    at_work = at_work.annotate(
        judged=Exists(Judgement.objects.filter(version=OuterRef("version"))),
        promoted=Subquery(newest.values("since")[:1]),
        promoted_by=Subquery(newest.values("by__username")[:1]),
    )
    return Prefetch("deployments", queryset=at_work, to_attr="at_work")


def active_of(category: Category) -> Deployment | None:
    """Of a category read with `active_deployments`; its version has what `versions` adds."""
    deployment = next(iter(category.at_work), None)  # type: ignore[attr-defined]
    if deployment:
        deployment.category = category
        version = deployment.version
        vars(version).update(standing=Standing.ACTIVE.value, judged=deployment.judged)
        vars(version).update(promoted=deployment.promoted, promoted_by=deployment.promoted_by)
        if version.category_id == category.pk:
            version.category = category
    return deployment


def _overview() -> QuerySet[Category]:
    train, test = Q(samples__split=Split.TRAIN), Q(samples__split=Split.TEST)
    good = Q(samples__label=GOOD)
    return (
        Category.objects.annotate(
            train_good=Count("samples", filter=train),
            test_good=Count("samples", filter=test & good),
            test_defect=Count("samples", filter=test & ~good),
        )
        .prefetch_related(active_deployments())
        .order_by("name")
    )


def _row(category: Category) -> CategoryRow:
    deployment = active_of(category)
    return CategoryRow(
        category=category,
        active=deployment.version if deployment else None,
        deployment=deployment,
        train_good=category.train_good,  # type: ignore[attr-defined]
        test_good=category.test_good,  # type: ignore[attr-defined]
        test_defect=category.test_defect,  # type: ignore[attr-defined]
    )
