"""Adding to the audit trail."""

from typing import Any
from uuid import UUID

from inspector.core.models import AuditEvent

# A user, or None for the system itself. Doors hand on `request.user`, of whom the type checker cannot
# know that the door was open to people who are signed in only.
Who = Any
# A UUID or None. Not said in types: detail is handed over as a dictionary of other ones.
Operation = Any


def record(who: Who, verb: str, what: object, *, operation: Operation = None, **detail: Any) -> AuditEvent:
    """Note that `who` (a user, or None for the system itself) did `verb` to `what`.

    Events of one person and verb with the same `operation` are shown as one entry.
    """
    return AuditEvent.objects.create(who=who, verb=verb, what=str(what), detail=detail, operation=operation)


def operation_of(text: str) -> UUID | None:
    """The operation a page names in its requests; None for what is no UUID."""
    try:
        return UUID(text)
    except ValueError:
        return None
