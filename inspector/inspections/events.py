"""What people do to inspections, and how the audit trail tells of it."""

from inspector.core.events import Detail, Kind, declare, subject_type


def _was(detail: Detail) -> str:
    return f"Had failed: {detail['was'].replace('_', ' ')}" if detail.get("was") else ""


subject_type("inspection", "inspections.Inspection", category="category_id")


@declare
class InspectionEvent(Kind):
    RETRIED = "inspection.retried", "Retried inspection", _was
    DISMISSED = "inspection.dismissed", "Removed failed inspection from the list", _was
    TRIED_NOW = "inspection.tried_now", "Tried a held inspection at once", _was
