"""Asking for a robustness report, and stopping it."""

from typing import Any

from django.db import IntegrityError, transaction

from detection.robustness.report import PROMISE
from inspector.categories.archived import refuse_closed
from inspector.core import work
from inspector.core.errors import Refused
from inspector.core.events import record
from inspector.core.jobs import OPEN, State, open_condition
from inspector.registry.deploy import Limits, limits_to_begin_with
from inspector.registry.models import ModelVersion
from inspector.registry.selectors import active_deployment
from inspector.robustness import photos as test_photos
from inspector.robustness.events import RobustnessEvent
from inspector.robustness.models import MOST_PHOTOS, PHOTOS, RobustnessReport
from inspector.robustness.selectors import reports

KEPT = 3  # of a version, that are over
# Policies whose target is the share of good parts that may be flagged.
OF_GOOD = ("limits", "conformal")


def ask(version: ModelVersion, *, photos: int = PHOTOS, by: Any) -> RobustnessReport:
    """A report that a worker makes now; or the one in progress, if there is one.

    By the limits at work, or those that the version would begin with. Raises Refused "invalid_photos" or
    "no_good_photos", Conflict "archived".
    """
    if not 1 <= photos <= MOST_PHOTOS:
        words = f"Choose from 1 to {MOST_PHOTOS} photos."
        raise Refused("invalid_photos", words, fields={"photos": [words]})
    refuse_closed(version.category)
    if not test_photos.has_good(version):
        raise Refused(
            "no_good_photos",
            f"{version} has no test photos of good parts, so false alarms cannot be counted. Add some to "
            f"{version.category} as test samples, and train it again.",
        )
    try:
        with transaction.atomic():
            limits = _measured_by(version, limits_of(version))
            made = RobustnessReport.objects.create(version=version, photos=photos, requested_by=by, **limits)
            _forget_old(version)
            record(by, RobustnessEvent.ASKED, version, photos=photos)
            transaction.on_commit(lambda: work.send(made))
    except IntegrityError:
        # One is open, or was a moment ago; or the category was deleted at that moment.
        refuse_closed(version.category)
        made = reports(version).filter(open_condition()).first() or reports(version).latest("pk")
    return made


def limits_of(version: ModelVersion) -> Limits:
    """Those at work, or those that the version would begin with."""
    deployment = active_deployment(version.category)
    if deployment and deployment.version_id == version.pk:
        return Limits.of(deployment)
    return limits_to_begin_with(version, version.category, deployment)


def _measured_by(version: ModelVersion, limits: Limits) -> dict[str, Any]:
    promised = limits.policy in OF_GOOD and limits.threshold == version.threshold
    target = version.making.threshold.target if promised else None
    return {
        "threshold": limits.threshold,
        "review_from": limits.review_from,
        "promise": target or PROMISE,
        "promised": promised,
    }


def cancel(report: RobustnessReport, *, by: Any) -> RobustnessReport:
    """A waiting one ends at once; a running one is asked to. Raises Conflict "report_over"."""
    with transaction.atomic():
        work.stop(report, "report_over")
        record(by, RobustnessEvent.CANCELLED, report.version)
    return report


def _forget_old(version: ModelVersion) -> None:
    """The newest ones stay, and the newest that is done."""
    over = list(reports(version).exclude(state__in=OPEN).values_list("pk", "state"))
    done = [pk for pk, state in over if state == State.DONE][:1]
    old = [pk for pk, _ in over[KEPT:] if pk not in done]
    RobustnessReport.objects.filter(pk__in=old).delete()
