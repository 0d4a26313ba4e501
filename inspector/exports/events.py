"""How the audit trail puts exports."""

from inspector.core.events import Detail, Kind, declare


def _filters(detail: Detail) -> str:
    asked = ", ".join(f"{name}: {value}" for name, value in detail.get("filters", {}).items())
    return asked or "All inspections"


@declare
class ExportEvent(Kind):
    ASKED = "export.asked", "Exported inspections", _filters
    PRINTED = "inspection.printed", "Exported inspection as PDF"
