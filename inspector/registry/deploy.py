"""Putting a version to work in a category by some limits: what promoting and changing limits share."""

from dataclasses import dataclass, replace
from typing import Self

from django.utils import timezone

from inspector.categories.models import Category
from inspector.core.events import Who
from inspector.registry.models import Change, Deployment, Kind, ModelVersion, Standing
from inspector.registry.selectors import active_deployment


@dataclass(frozen=True, slots=True)
class Limits:
    """By which scores are judged, how that was chosen, and the colour scale of the heatmaps.

    review_unstable: whether a verdict that slight changes of the photo change is REVIEW, too.
    """

    threshold: float
    review_from: float | None
    policy: str
    map_low: float
    map_high: float
    review_unstable: bool = False

    @classmethod
    def of(cls, source: ModelVersion | Deployment) -> Self:
        """Those that a version was trained with, or those of a deployment."""
        review_from = source.review_from
        if review_from is not None and review_from > source.threshold:
            review_from = None  # a band that no score lies in
        unstable = isinstance(source, Deployment) and source.review_unstable
        limits = (source.threshold, review_from, source.policy, source.map_low, source.map_high)
        return cls(*limits, review_unstable=unstable)


def limits_to_begin_with(version: ModelVersion, category: Category) -> Limits:
    """Those it had here last, so that rolling back brings back what was; else those of its training. Whether
    unstable verdicts are REVIEW is the category's choice, and stays."""
    at_work = active_deployment(category)
    return replace(
        _of_last_time(version, category), review_unstable=bool(at_work and at_work.review_unstable)
    )


def _of_last_time(version: ModelVersion, category: Category) -> Limits:
    if version.standing == Standing.CANDIDATE:
        return Limits.of(version)  # never at work anywhere: nothing to ask for
    here = Deployment.objects.filter(category=category, version=version, kind=Kind.ACTIVE)
    return Limits.of(here.order_by("-since", "-pk").first() or version)


def begin(
    category: Category, version: ModelVersion, limits: Limits, *, change: Change, by: Who, reason: str = ""
) -> Deployment:
    """From now on it judges the category's photos; the deployment before it ends, both or neither.

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
        policy=limits.policy,
        map_low=limits.map_low,
        map_high=limits.map_high,
        since=now,
        by=by,
        reason=reason,
    )
