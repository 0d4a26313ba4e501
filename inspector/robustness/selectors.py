"""Every read of robustness reports."""

from django.db.models import QuerySet

from inspector.core.jobs import State
from inspector.registry.models import ModelVersion
from inspector.robustness.models import RobustnessReport


def reports(version: ModelVersion) -> QuerySet[RobustnessReport]:
    """Newest first."""
    return RobustnessReport.objects.filter(version=version).select_related(
        "version__category", "requested_by"
    )


def newest(version: ModelVersion) -> RobustnessReport | None:
    """Whatever its state."""
    return reports(version).first()


def newest_done(version: ModelVersion) -> RobustnessReport | None:
    return reports(version).filter(state=State.DONE).first()
