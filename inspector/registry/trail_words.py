"""How the audit trail tells of model versions."""

from inspector.core.trail import Detail, describe


def _replaced(detail: Detail) -> str:
    return f"Replaced v{detail['replaces']}" if detail.get("replaces") else "The first active version"


describe("promote", "Promoted version", _replaced)
describe("roll back", "Rolled back", _replaced)
