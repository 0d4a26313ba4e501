"""What the audit trail says about trials."""

from inspector.core.events import Detail, Kind, declare


def _described(detail: Detail) -> str:
    return f"{detail['filename']}: {', '.join(detail['versions'])}"


@declare
class TrialEvent(Kind):
    ASKED = "trial.asked", "Tried a photo on several versions", _described
