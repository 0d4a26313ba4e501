"""Every read of explanations."""

from dataclasses import dataclass

from django.shortcuts import get_object_or_404

from detection.options.explanations import KindInfo, kinds_of
from inspector.explanations.models import Explanation
from inspector.inspections.models import Inspection


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind that the version of an inspection has, and the explanation, if somebody asked for it."""

    info: KindInfo
    inspection: Inspection
    explanation: Explanation | None


def explanation(pk: int) -> Explanation:
    return get_object_or_404(
        Explanation.objects.select_related("inspection", "version__category", "requested_by"), pk=pk
    )


def of_inspection(inspection: Inspection) -> list[Explanation]:
    """Those of the version that judged it, in the order in which they were asked for."""
    rows = Explanation.objects.filter(inspection=inspection, version=inspection.version)
    return list(rows.select_related("inspection", "version__category", "requested_by"))


def offers(inspection: Inspection) -> list[Offer]:
    """What can be requested for an inspection; nothing without a verdict."""
    if not inspection.verdict or inspection.version is None:
        return []
    made = {one.kind: one for one in of_inspection(inspection)}
    return [Offer(info, inspection, made.get(info.name)) for info in kinds_of(inspection.version.method)]
