"""What happens to samples, and how the audit trail puts it: the subject is their category."""

from inspector.core.events import Detail, Kind, declare
from inspector.samples.models import Split

NAMES_TOLD = 5


def _came(detail: Detail) -> str:
    """Such as “209 added, 3 already there, 1 refused”; earlier events have fewer."""
    counts = [f"{detail['added']} added"]
    if detail.get("skipped"):
        counts.append(f"{detail['skipped']} already there")
    if detail.get("masks"):
        counts.append(f"{detail['masks']} mask{'' if detail['masks'] == 1 else 's'} added")
    if detail.get("rejected"):
        counts.append(f"{detail['rejected']} refused")
    return ", ".join(counts)


def _imported(detail: Detail) -> str:
    """And unexpected readings and omissions."""
    return " ".join([f"{_came(detail)}{'.' if detail.get('notes') else ''}", *detail.get("notes", [])])


def _added(detail: Detail) -> str:
    return f"{Split(detail['split']).label}, {detail['label']}: {_came(detail)}"


def _removed(detail: Detail) -> str:
    names, count = detail.get("names", []), detail["removed"]
    shown = [name.removeprefix("train/good/") for name in names[:NAMES_TOLD]]
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    return f"{count} removed: {', '.join(shown)}{more}" if shown else f"{count} removed"


@declare
class SampleEvent(Kind):
    ADDED = "samples.added", "Added photos", _added
    IMPORTED = "samples.imported", "Imported samples", _imported
    REMOVED = "samples.removed", "Removed samples", _removed
