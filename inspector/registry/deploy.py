"""Putting a version to work in a category by some limits: what promoting and changing limits share."""

from dataclasses import dataclass, replace
from typing import Self

from django.utils import timezone
from django.utils.formats import date_format

from inspector.categories.models import Category
from inspector.core.errors import Conflict
from inspector.core.events import Who
from inspector.core.templatetags.figures import small
from inspector.registry.models import Change, Deployment, Kind, ModelVersion, Standing
from inspector.registry.selectors import active_deployment


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits for scores, how they were chosen, and the colour scale of the heatmaps.

    review_unstable: whether a verdict that slight changes of the photo change is REVIEW, too. fast: whether
    the version's quick draft decides alone where it may.
    """

    threshold: float
    review_from: float | None
    policy: str
    map_low: float
    map_high: float
    review_unstable: bool = False
    fast: bool = False

    @classmethod
    def of(cls, source: ModelVersion | Deployment) -> Self:
        """Those that a version was trained with, or those of a deployment."""
        review_from = source.review_from
        if review_from is not None and review_from > source.threshold:
            review_from = None  # a band that no score lies in
        limits = (source.threshold, review_from, source.policy, source.map_low, source.map_high)
        if isinstance(source, Deployment):
            return cls(*limits, review_unstable=source.review_unstable, fast=source.fast)
        # Whoever requested a draft with the training wants to use it.
        return cls(*limits, fast=source.making.has_draft)


def ok_below(limits: Limits) -> float:
    """The score below which a verdict is OK."""
    return limits.threshold if limits.review_from is None else limits.review_from


def limits_to_begin_with(version: ModelVersion, category: Category, at_work: Deployment | None) -> Limits:
    """Those it had here last, so that rolling back restores them; otherwise those of its training. Whether
    unstable verdicts are REVIEW is the category's choice, and stays as it is `at_work`."""
    return replace(
        _of_last_time(version, category), review_unstable=bool(at_work and at_work.review_unstable)
    )


def _of_last_time(version: ModelVersion, category: Category) -> Limits:
    if version.standing == Standing.CANDIDATE:
        return Limits.of(version)  # never used anywhere: nothing to look up
    here = Deployment.objects.filter(category=category, version=version, kind=Kind.ACTIVE)
    return Limits.of(here.order_by("-since", "-pk").first() or version)


def begin(
    category: Category, version: ModelVersion, limits: Limits, *, change: Change, by: Who, reason: str = ""
) -> Deployment:
    """From now on it judges the category's photos, and the deployment before it ends: both or neither.

    Inside a transaction that holds the category (`archived.locked`).
    """
    former, now = active_deployment(category), timezone.now()
    if former:
        now = max(now, former.since)  # another machine's clock may be ahead
        Deployment.objects.filter(pk=former.pk).update(until=now)
    return Deployment.objects.create(
        category=category,
        version=version,
        kind=Kind.ACTIVE,
        change=change,
        threshold=limits.threshold,
        review_from=limits.review_from,
        review_unstable=limits.review_unstable,
        fast=limits.fast,
        policy=limits.policy,
        map_low=limits.map_low,
        map_high=limits.map_high,
        since=now,
        by=by,
        reason=reason,
    )


def changed_meanwhile(active: Deployment | None, then: str) -> Conflict:
    """For a person who saw another deployment than `active`. then: what came of it, and what to do."""
    if active is None:
        said = "Changed meanwhile: no version is at work any more."
        return Conflict("changed_meanwhile", f"{said} {then}")
    local = timezone.localtime(active.since)
    when = f"{date_format(local, 'j F Y')} at {date_format(local, 'H:i')}"
    review = "no REVIEW" if active.review_from is None else f"REVIEW from {small(active.review_from)}"
    said = (
        f"Changed meanwhile by {active.by or 'the system'} on {when}: v{active.version.number} is at work, "
        f"with ANOMALY from {small(active.threshold)} and {review}."
    )
    return Conflict("changed_meanwhile", f"{said} {then}", see=active.version)
