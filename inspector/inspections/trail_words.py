"""How the audit trail tells of inspections."""

from inspector.core.trail import Detail, describe


def _was(detail: Detail) -> str:
    return f"Had failed: {detail['was'].replace('_', ' ')}" if detail.get("was") else ""


describe("retry inspection", "Retried inspection", _was)
describe("dismiss inspection", "Removed failed inspection from the list", _was)
describe("try inspection now", "Tried a held inspection at once", _was)
