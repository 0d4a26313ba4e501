"""What the audit trail tells of exports."""

from inspector.core.events import Detail, Kind, declare


def _told(detail: Detail) -> str:
    asked = ", ".join(f"{name}: {value}" for name, value in detail.get("filters", {}).items())
    return asked or "All inspections"


@declare
class ExportEvent(Kind):
    ASKED = "export.asked", "Exported inspections", _told
    PRINTED = "inspection.printed", "Exported inspection as PDF"
