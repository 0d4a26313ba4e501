"""Families: categories that share one model (a network or a memory bank), and that others may join."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from detection.options.catalogue import METHODS
from inspector.categories.models import Category
from inspector.core.errors import Refused
from inspector.core.jobs import State, open_condition
from inspector.core.numbers import wholes
from inspector.registry.models import ModelVersion
from inspector.training.models import TrainingRun

ABLE = tuple(name for name, info in METHODS.items() if info.family)
_TITLES = [METHODS[name].title for name in ABLE]
ABLE_IN_WORDS = f"{', '.join(_TITLES[:-1])} or {_TITLES[-1]}"
# A memory bank of one category has nothing for another one: to learn its own takes no longer.
_WORTH_JOINING = Q(method__in=[name for name in ABLE if METHODS[name].family == "network"]) | Q(
    config__family__categories__1__isnull=False
)
# A run that is trained along with another one is no worker's to take.
BY_ITSELF = Q(lead=None)
# What a run that is trained along has from the one that a worker takes.
SHARED = (
    "state",
    "started",
    "finished",
    "attempts",
    "error_code",
    "error_message",
    "error_details",
    "progress",
)


@dataclass(frozen=True, slots=True)
class Joinable:
    """An active version, and the names of the categories whose photos its shared part has learned from.
    shares: "network" or "memory bank"."""

    version: ModelVersion
    categories: list[str]

    @property
    def shares(self) -> str:
        return METHODS[self.version.method].family


def joinable(category: Category) -> list[Joinable]:
    """Versions in use in other categories that have not learned from this one's photos. In two queries."""
    at_work = ModelVersion.objects.filter(
        _WORTH_JOINING,
        method__in=ABLE,
        deployments__kind="active",
        deployments__until=None,
        category__archived=None,
    )
    versions = at_work.exclude(category=category).select_related("category").distinct().order_by("-pk")
    first: dict[str, ModelVersion] = {}
    # A version that joined is offered only where none is left that learned what they share.
    for version in sorted(versions, key=lambda version: version.making.family.joined):
        if category.slug not in learned_from(version):
            first.setdefault(version.making.family.network or f"version {version.pk}", version)
    slugs = {slug for version in first.values() for slug in learned_from(version)}
    names = dict(Category.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else {}
    return [
        Joinable(version, [names.get(slug, slug) for slug in learned_from(version)])
        for version in first.values()
    ]


def to_join(chosen: str) -> ModelVersion:
    """The version that a form's `joins` names. Refused where there is none."""
    version = ModelVersion.objects.select_related("category").filter(pk__in=wholes([chosen])).first()
    if version is None:
        raise Refused("no_version", "Choose the version that the category joins.")
    return version


def learned_from(version: ModelVersion) -> tuple[str, ...]:
    """The slugs of the categories whose photos its shared part has learned from."""
    return version.making.family.categories or (version.category.slug,)


def refuse_joining(category: Category, version: ModelVersion) -> None:
    """Refused where the category cannot join the version."""
    if version.method not in ABLE:
        raise Refused(
            "cannot_join",
            f"{version} was made by a method that categories cannot share. Choose a version made by "
            f"{ABLE_IN_WORDS}.",
        )
    if version.category_id == category.pk or category.slug in learned_from(version):
        raise Refused(
            "cannot_join",
            f"{version} has learned from {category} already: its photos would look more usual than new ones. "
            "Train the category by itself, or join another version.",
        )


def checked_family(categories: list[Category], method: str) -> None:
    """Refused where these cannot be trained as one."""
    if method not in ABLE:
        raise Refused("no_family", f"Categories can share a model of {ABLE_IN_WORDS}: choose that method.")
    if len(categories) < 2:
        raise Refused("no_family", "A family has at least two categories. Choose another one, too.")


def with_family(run: TrainingRun) -> QuerySet[TrainingRun]:
    """This run and all that are trained together with it."""
    lead = run.lead_id or run.pk
    return TrainingRun.objects.filter(Q(pk=lead) | Q(lead=lead)).select_related("category").order_by("pk")


def others_in_words(others: Sequence[TrainingRun], one: str, several: str) -> str:
    """What becomes of those that are trained together with a run, as a sentence and a space; "" for none.

    one, several: what follows their names, such as “ends with it”.
    """
    if not others:
        return ""
    names = ", ".join(str(other.category) for other in others)
    return f"{names} {one if len(others) == 1 else several}. "


def in_step() -> None:
    """Runs that are trained along stand where the run stands that trains them."""
    lead = TrainingRun.objects.filter(pk=OuterRef("lead"))
    behind = TrainingRun.objects.filter(open_condition(), lead__isnull=False).exclude(state=F("lead__state"))
    # Where that one is done, these got their versions and ended in the same transaction.
    behind = behind.exclude(lead__state=State.DONE)
    behind.update(**{name: Subquery(lead.values(name)[:1]) for name in SHARED})
