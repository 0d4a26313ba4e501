"""The test photos of a version, narrowed to what a number on its pages counts, beside another version's."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, F, FloatField, OuterRef, Q, QuerySet, Subquery

from inspector.core.numbers import whole
from inspector.core.templatetags.figures import times
from inspector.registry.models import Judgement, ModelVersion
from inspector.registry.selectors import active_version
from inspector.samples.models import GOOD

PAGE_SIZE = 60
GOOD_PART, DEFECT = Q(label=GOOD), ~Q(label=GOOD)
# What is wrong or unsure, as the version's metrics count it; "differ" needs another version.
SHOWN = {
    "missed": DEFECT & Q(verdict="OK"),
    "false-alarms": GOOD_PART & Q(verdict="ANOMALY"),
    "review": Q(verdict="REVIEW"),
    "differ": Q(other_verdict__isnull=False) & ~Q(other_verdict=F("verdict")),
}
TITLES = {
    "missed": "Missed",
    "false-alarms": "False alarms",
    "review": "REVIEW",
    "differ": "Verdicts differ",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address narrows the photos to; what makes no sense narrows nothing."""

    show: str
    label: str
    lowest_first: bool
    page: str

    @classmethod
    def of(cls, address: Mapping[str, str]) -> "Asked":
        show = address.get("show", "")
        return cls(
            show if show in SHOWN else "",
            address.get("label", ""),
            address.get("sort") == "lowest",
            address.get("page", "1"),
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter, what it is called and how many photos it leaves."""

    value: str
    title: str
    n: int


def other_than(version: ModelVersion, number: str = "") -> ModelVersion | None:
    """The version to compare with: the one of this number; otherwise the active one; for the active one, the
    one before it. None where there is no other with test photos."""
    others = ModelVersion.objects.filter(category=version.category_id, judgements__isnull=False)
    others = others.exclude(pk=version.pk).distinct().defer("metrics", "config", "plots")
    if (wanted := whole(number)) is not None:
        return others.filter(number=wanted).first()
    active = active_version(version.category)
    if active and active != version:
        return others.filter(pk=active.pk).first()
    return others.filter(number__lt=version.number).order_by("-number").first()


def photos(version: ModelVersion, other: ModelVersion | None) -> QuerySet[Judgement]:
    """Each with `other_score`, `other_threshold` and `other_verdict`: of the same photo by the other one."""
    same = Judgement.objects.filter(version=other, sha256=OuterRef("sha256")).order_by("pk")
    return version.judgements.annotate(
        other_score=Subquery(same.values("score")[:1], output_field=FloatField()),
        other_threshold=Subquery(same.values("threshold")[:1], output_field=FloatField()),
        other_verdict=Subquery(same.values("verdict")[:1], output_field=CharField()),
    )


def choices(version: ModelVersion, other: ModelVersion | None) -> list[Choice]:
    """Filters that leave something, and the first one, "" for all."""
    wanted = {name: condition for name, condition in SHOWN.items() if other or name != "differ"}
    counted = photos(version, other).aggregate(
        all=Count("pk"), **{name: Count("pk", filter=condition) for name, condition in wanted.items()}
    )
    everything = [Choice("", "All", counted["all"])]
    return everything + [Choice(name, TITLES[name], counted[name]) for name in wanted if counted[name]]


def in_review(version: ModelVersion) -> dict[str, int] | None:
    """How many photos of each label are REVIEW; None where that is not known, or there is no such band."""
    if not (version.results.review and getattr(version, "judged", False)):
        return None
    rows = version.judgements.filter(verdict="REVIEW").order_by().values_list("label")
    return dict(rows.annotate(n=Count("pk")))


def labels(version: ModelVersion) -> list[Choice]:
    """How many photos of each label, good ones first."""
    rows = version.judgements.order_by().values_list("label").annotate(n=Count("pk"))
    counted = [Choice(label, label, n) for label, n in rows]
    return sorted(counted, key=lambda choice: (choice.value != GOOD, choice.value))


def page(version: ModelVersion, other: ModelVersion | None, asked: Asked) -> Page[Judgement]:
    """By score, the highest first unless asked otherwise."""
    rows = photos(version, other).select_related("sample")
    if asked.show:
        rows = rows.filter(SHOWN[asked.show])
    if asked.label:
        rows = rows.filter(label=asked.label)
    return Paginator(rows.order_by("score" if asked.lowest_first else "-score", "pk"), PAGE_SIZE).get_page(
        asked.page
    )


def in_times(score: float | None, threshold: float | None) -> str:
    """The multiple with its sign; the score itself where a multiple means nothing, "" where there is none."""
    ratio = times(score, threshold)
    if ratio or score is None:
        return f"{ratio}\N{MULTIPLICATION SIGN}" if ratio else ""
    return f"{score:.3g}"
