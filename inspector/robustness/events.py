"""What the audit trail says about robustness reports and the gate before promoting."""

from inspector.core.events import Detail, Kind, declare


def _asked(detail: Detail) -> str:
    return f"On up to {detail['photos']} good photos and as many defective ones"


def _gate(detail: Detail) -> str:
    if not detail["is_on"]:
        return "Off"
    return (
        f"Asks without a robustness report, or with more than {detail['most']:g} % false alarms at strength "
        f"{detail['strength']}"
    )


@declare
class RobustnessEvent(Kind):
    ASKED = "robustness.asked", "Asked for a robustness report", _asked
    CANCELLED = "robustness.cancelled", "Cancelled a robustness report"
    GATE_CHANGED = "robustness.gate_changed", "Changed what is required before promoting", _gate
