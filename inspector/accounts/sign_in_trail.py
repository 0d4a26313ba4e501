"""Sign-ins in the audit trail. However many there are, they do not fill it."""

from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction
from django.utils import timezone

from inspector.accounts.events import AccountEvent
from inspector.accounts.models import User
from inspector.core.events import record
from inspector.core.models import Event

# Events of one name, and of all unknown names together, in an hour; any more are left out.
MOST_AN_HOUR = 20
UNKNOWN = "an unknown name"
FAILURES = (AccountEvent.SIGN_IN_FAILED, AccountEvent.SIGN_IN_PAUSED)


def success(user: User, address: str, door: str) -> None:
    """One entry on the page for each hour and address: a program may sign in every second."""
    hour = timezone.now().strftime("%Y-%m-%d %H")
    operation = uuid5(NAMESPACE_URL, f"{hour} {user.pk} {address} {door}")
    with transaction.atomic():
        if not _full(str(user), AccountEvent.SIGNED_IN):
            record(user, AccountEvent.SIGNED_IN, user, operation=operation, address=address, door=door)


def failure(name: str, address: str, failures: int, pause: timedelta) -> None:
    """The first failure in a row, and each that leads to a pause. `name` is empty where nobody has it."""
    minutes = round(pause.total_seconds() / 60)
    counts = {"failures": failures, "minutes": minutes}
    if (failures > 1 and not minutes) or _full(name or UNKNOWN, *FAILURES):
        return
    with transaction.atomic():
        who = person_or_name(name) or UNKNOWN
        if minutes:
            record(None, AccountEvent.SIGN_IN_PAUSED, who, address=address, **counts)
        else:
            record(None, AccountEvent.SIGN_IN_FAILED, who, address=address)


def person_or_name(name: str) -> User | str:
    """The person of this name, for an event about them; nothing but the name where there is none."""
    return User.objects.filter(username=name).first() or name


def _full(name: str, *kinds: AccountEvent) -> bool:
    hour = timezone.now() - timedelta(hours=1)
    lately = Event.objects.filter(time__gte=hour, subject_name=name, kind__in=kinds)
    return lately.count() >= MOST_AN_HOUR
