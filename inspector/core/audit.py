"""Adding to the audit trail."""

from typing import Any

from inspector.core.models import AuditEvent

# A user, or None for the system itself. Doors hand on `request.user`, of whom the type checker cannot
# know that the door was open to people who are signed in only.
Who = Any


def record(who: Who, verb: str, what: object, **detail: Any) -> AuditEvent:
    """Note that `who` (a user, or None for the system itself) did `verb` to `what`."""
    return AuditEvent.objects.create(who=who, verb=verb, what=str(what), detail=detail)
