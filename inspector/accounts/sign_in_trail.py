"""Sign-ins in the audit trail. However many there are, they do not fill it."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from django.utils import timezone

from inspector.accounts.models import User
from inspector.core.audit import record
from inspector.core.models import AuditEvent

# Events of one name, and of all unknown names together, in an hour; what comes on top is left out.
MOST_AN_HOUR = 20
UNKNOWN = "an unknown name"
FAILURES = ("fail to sign in", "pause sign-in")


def success(user: User, address: str, door: str) -> None:
    """One entry on the page for each hour and address: a program may sign in every second."""
    hour = timezone.now().strftime("%Y-%m-%d %H")
    operation = uuid5(NAMESPACE_URL, f"{hour} {user.pk} {address} {door}")
    if not _full(str(user), "sign in"):
        record(user, "sign in", user, operation=operation, address=address, door=door)


def failure(name: str, address: str, failures: int, pause: timedelta) -> None:
    """The first failure in a row, and each that leads to a pause. `name` is empty where nobody has it."""
    minutes = round(pause.total_seconds() / 60)
    name = name or UNKNOWN
    if (failures > 1 and not minutes) or _full(name, *FAILURES):
        return
    if minutes:
        record(None, "pause sign-in", name, address=address, failures=failures, minutes=minutes)
    else:
        record(None, "fail to sign in", name, address=address)


def _full(name: str, *verbs: str) -> bool:
    hour = timezone.now() - timedelta(hours=1)
    return AuditEvent.objects.filter(when__gte=hour, what=name, verb__in=verbs).count() >= MOST_AN_HOUR
