"""What happens to model versions, and how the audit trail tells of it."""

from inspector.core.events import Detail, Kind, declare, subject_type


def _replaced(detail: Detail) -> str:
    return f"Replaced v{detail['replaces']}" if detail.get("replaces") else "The first active version"


subject_type("version", "registry.ModelVersion", category="category_id")


@declare
class VersionEvent(Kind):
    PROMOTED = "version.promoted", "Promoted version", _replaced
    ROLLED_BACK = "version.rolled_back", "Rolled back", _replaced
