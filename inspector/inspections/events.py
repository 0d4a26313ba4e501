"""What people do to inspections, and how the audit trail puts it."""

from inspector.core.events import Detail, Kind, declare, subject_type


def _was(detail: Detail) -> str:
    return f"Had failed: {detail['was'].replace('_', ' ')}" if detail.get("was") else ""


def _sent_as(detail: Detail) -> str:
    return f"As {detail['category_name']}, inspection {detail['sent']}"


def _part_rules(detail: Detail) -> str:
    rules = []
    if detail["filename_pattern"]:
        rules.append(f"file names by {detail['filename_pattern']}")
    if detail["codes"]:
        rules.append(f"codes ({', '.join(detail['codes'])}) fill {detail['code_fills']}")
    if detail["trusts_exif"]:
        rules.append("the camera's time is kept")
    if not detail.get("checks_part", True):
        rules.append("photos of other parts are judged, too")
    return "; ".join(rules).capitalize() or "Nothing is read from photos"


subject_type("inspection", "inspections.Inspection", category="category_id")


@declare
class InspectionEvent(Kind):
    RETRIED = "inspection.retried", "Retried inspection", _was
    DISMISSED = "inspection.dismissed", "Removed failed inspection from the list", _was
    JUDGED_ANYWAY = "inspection.judged_anyway", "Had a photo judged that seemed to show another part"
    SENT_AS = "inspection.sent_as", "Sent a photo as another category", _sent_as
    TRIED_NOW = "inspection.tried_now", "Tried a held inspection at once", _was
    PART_RULES_CHANGED = "part_rules.changed", "Changed the part rules", _part_rules
