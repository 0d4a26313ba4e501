"""How the audit trail tells of categories and samples."""

from inspector.categories.models import Split
from inspector.core.trail import Detail, describe

NAMES_TOLD = 5


def _slug(detail: Detail) -> str:
    return f"Address: {detail['slug']}"


def _came(detail: Detail) -> str:
    """Such as “209 added, 3 already there, 1 refused”; former events know less."""
    told = [f"{detail['added']} added"]
    if detail.get("skipped"):
        told.append(f"{detail['skipped']} already there")
    if detail.get("rejected"):
        told.append(f"{detail['rejected']} refused")
    return ", ".join(told)


def _imported(detail: Detail) -> str:
    """And what was read, or left out, in another way than somebody might expect."""
    return " ".join([f"{_came(detail)}{'.' if detail.get('notes') else ''}", *detail.get("notes", [])])


def _added(detail: Detail) -> str:
    return f"{Split(detail['split']).label}, {detail['label']}: {_came(detail)}"


def _removed(detail: Detail) -> str:
    names, count = detail.get("names", []), detail["removed"]
    shown = [name.removeprefix("train/good/") for name in names[:NAMES_TOLD]]
    more = f" and {count - len(shown)} more" if count > len(shown) else ""
    return f"{count} removed: {', '.join(shown)}{more}" if shown else f"{count} removed"


describe("create category", "Created category", _slug)
describe("describe category", "Changed name or description")
describe("add samples", "Added photos", _added)
describe("import samples", "Imported samples", _imported)
describe("remove samples", "Removed samples", _removed)
