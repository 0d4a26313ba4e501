"""Other limits for the version at work: no training, a new deployment, and from then on photos go by it."""

import math
from dataclasses import replace as with_changes

from django.db import transaction

from detection.drawing import heatmap
from inspector.categories.archived import locked
from inspector.categories.models import Category
from inspector.core.errors import Conflict, Refused
from inspector.core.events import REASON_LENGTH, Who, record
from inspector.core.templatetags.figures import small
from inspector.registry.deploy import Limits, begin, changed_meanwhile, ok_below
from inspector.registry.events import VersionEvent
from inspector.registry.models import Change, Deployment
from inspector.registry.selectors import active_deployment

# Beyond these, multiples of a limit and colour scales are not valid numbers.
LOWEST, HIGHEST = 1e-30, 1e30
BY_HAND = "manual"
LOOK_FIRST = "Nothing was saved. Look at these limits, then change them if they still need it."


def set_limits(
    category: Category,
    *,
    threshold: float,
    review_from: float | None,
    reason: str,
    replaces: int,
    by: Who,
    review_unstable: bool | None = None,
    fast: bool | None = None,
) -> Deployment:
    """Photos are judged by these limits from now on. replaces: id of the deployment that the person saw.
    review_unstable: whether unstable verdicts are REVIEW. fast: whether the version's draft decides clear
    OKs. None leaves either as it is.

    Raises Refused "invalid_limits" with what is wrong with which field, and Conflict "no_active_version" or
    "changed_meanwhile".
    """
    reason = reason.strip()
    _check(threshold, review_from, reason)
    with transaction.atomic():
        # Of two people who change limits at once, the second one sees the first one's.
        category = locked(category)
        active = active_deployment(category)
        if active is None:
            raise Conflict("no_active_version", f"{category} has no active version. Promote one first.")
        if active.pk != replaces:
            raise changed_meanwhile(active, LOOK_FIRST)
        limits = _limits(active, threshold, review_from, review_unstable, fast)
        if limits == Limits.of(active):
            raise _invalid({"threshold": ["Photos are already judged by these limits: change one of them."]})
        _check_draft(active, limits)
        deployment = begin(category, active.version, limits, change=Change.LIMITS, by=by, reason=reason)
        now = {"threshold": threshold, "review_from": review_from, "reason": reason}
        former = {"former_threshold": active.threshold, "former_review_from": active.review_from}
        if limits.review_unstable != active.review_unstable:
            now["review_unstable"] = limits.review_unstable
        if limits.fast != active.fast:
            now["fast"] = limits.fast
        record(by, VersionEvent.LIMITS_CHANGED, active.version, **now, **former)
    return deployment


def _limits(
    active: Deployment,
    threshold: float,
    review_from: float | None,
    review_unstable: bool | None,
    fast: bool | None,
) -> Limits:
    """With a colour scale that begins where REVIEW does; without a band, where few good parts reach."""
    unstable = active.review_unstable if review_unstable is None else review_unstable
    fast = active.fast if fast is None else fast
    if (threshold, review_from) == (active.threshold, active.review_from):
        return with_changes(Limits.of(active), review_unstable=unstable, fast=fast)
    low = active.version.map_low if review_from is None else review_from
    scale = heatmap.scale_of(threshold, low)
    return Limits(threshold, review_from, BY_HAND, scale.low, scale.high, unstable, fast)


def _check_draft(active: Deployment, limits: Limits) -> None:
    """A draft's promise holds for the limits that it was measured with, those of the training, or higher
    ones."""
    if not limits.fast:
        return
    version = active.version
    if not version.making.has_draft:
        raise _invalid({"fast": [f"v{version.number} has no quick draft. Train a version with one."]})
    measured, asked = ok_below(Limits.of(version)), ok_below(limits)
    if asked < measured:
        raise _invalid(
            {
                "fast": [
                    f"The quick draft was measured with OK below {small(measured)}, and promises nothing for "
                    "lower limits. Switch it off to apply these."
                ]
            }
        )


def _check(threshold: float, review_from: float | None, reason: str) -> None:
    wrong: dict[str, list[str]] = {}
    for name, value in (("threshold", threshold), ("review_from", review_from)):
        if value is not None and not (math.isfinite(value) and LOWEST <= value <= HIGHEST):
            wrong[name] = [f"Enter a number above 0, from {LOWEST:g} to {HIGHEST:g}."]
    if not wrong and review_from is not None and review_from > threshold:
        wrong["review_from"] = [
            "REVIEW cannot begin above ANOMALY: lower it, or leave it empty for no REVIEW."
        ]
    if not reason:
        wrong["reason"] = ["Say why: the history of limits shows it."]
    elif len(reason) > REASON_LENGTH:
        wrong["reason"] = [f"Use at most {REASON_LENGTH} characters."]
    if wrong:
        raise _invalid(wrong)


def _invalid(fields: dict[str, list[str]]) -> Refused:
    return Refused("invalid_limits", " ".join(next(iter(fields.values()))), fields=fields)
