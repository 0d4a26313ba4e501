"""How often a password may be tried: a growing pause for each name and address, a wide limit for an address.

Attempts are django-axes' rows in the database, which all processes share. Its own handler knows pauses of
one length only, and forgets everybody's attempts after the pause of whoever comes next; this one remembers
for a day. Times are the database's. A pause holds for one address: from elsewhere nobody can shut a person
out.
"""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from inspector.accounts import sign_in_trail
from inspector.accounts.events import AccountEvent
from inspector.accounts.models import User
from inspector.core.client import address_of
from inspector.core.clock import now, seconds_from_now
from inspector.core.events import Who, record

FREE = 5  # tries without a pause
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
REMEMBERED = timedelta(days=1)  # since the last failure
# Of one address with many names: this many failures in an hour, then one try in a quarter of an hour.
ADDRESS_WINDOW, ADDRESS_PAUSE = timedelta(hours=1), timedelta(minutes=15)
NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Try:
    """Someone who signs in. A name that nobody has is not kept: it may be a password in the wrong field."""

    name: str
    known: bool
    address: str

    def rows(self) -> "QuerySet[AccessAttempt]":
        return AccessAttempt.objects.filter(username=self.name, ip_address=self.address, user_agent="")


def attempt_of(request: HttpRequest, username: str) -> Try:
    name = unicodedata.normalize("NFKC", username).strip()
    known = User.objects.filter(username__iexact=name).values_list("username", flat=True).first()
    code = salted_hmac("inspector.accounts.limits", name.casefold()).hexdigest()[:12]
    return Try(known or f"unknown name {code}", known is not None, address_of(request))


def pause_after(failures: int) -> timedelta:
    return PAUSES[min(failures - FREE, len(PAUSES) - 1)] if failures >= FREE else NONE


def aged(rows: "QuerySet[AccessAttempt]") -> "QuerySet[AccessAttempt]":
    """With `age`: how long ago the last failure was."""
    return rows.annotate(age=ExpressionWrapper(now() - F("attempt_time"), output_field=DurationField()))


def wait(attempt: Try) -> timedelta:
    """How long this name is still refused at this address; zero for not at all."""
    since = seconds_from_now(-REMEMBERED.total_seconds())
    mine = aged(attempt.rows()).filter(attempt_time__gt=since).first()
    return wait_of_row(mine) if mine else address_wait(attempt.address)


def with_address(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """As `aged`, with `of_address`: the failures of the whole address. For `wait_of_row` of many rows."""
    same = _lately(OuterRef("ip_address")).order_by().values("ip_address")
    total = same.annotate(total=Sum("failures_since_start")).values("total")
    return aged(rows).annotate(of_address=Coalesce(Subquery(total), 0))


def wait_of_row(row: Any) -> timedelta:
    """Of a row of `aged`, or of `with_address`, which looks again only where an address may be paused."""
    own = pause_after(row.failures_since_start) - row.age
    limit = settings.SIGN_IN_FAILURES_PER_ADDRESS
    wide = address_wait(row.ip_address) if getattr(row, "of_address", limit) >= limit else NONE
    return max(own, wide, NONE)


def _lately(address: Any) -> "QuerySet[AccessAttempt]":
    since = seconds_from_now(-ADDRESS_WINDOW.total_seconds())
    return AccessAttempt.objects.filter(ip_address=address, attempt_time__gt=since)


def address_wait(address: str) -> timedelta:
    """How long the address as a whole is refused."""
    rows = aged(_lately(address))
    failures_and_ages = list(rows.values_list("failures_since_start", "age"))  # the limit keeps them few
    full = sum(failures for failures, _ in failures_and_ages) >= settings.SIGN_IN_FAILURES_PER_ADDRESS
    return max(ADDRESS_PAUSE - min(age for _, age in failures_and_ages), NONE) if full else NONE


def wait_of(request: HttpRequest) -> timedelta:
    """How long the person just refused has to wait; zero where only the password was wrong."""
    return getattr(request, "sign_in_wait", NONE)


def seconds(left: timedelta) -> str:
    """For the header Retry-After."""
    return str(ceil(left.total_seconds()))


def minutes(left: timedelta) -> str:
    number = max(1, ceil(left.total_seconds() / 60))
    return "1 minute" if number == 1 else f"{number} minutes"


def words(left: timedelta) -> str:
    return (
        f"Too many failed sign-ins. Wait {minutes(left)}, then try again. "
        "Until then the right password is refused, too. An admin can lift the pause."
    )


def signed_in(request: HttpRequest, user: User, door: str = "") -> None:
    """The right password ends the count of this name at this address."""
    attempt = Try(user.username, True, address_of(request))
    attempt.rows().delete()
    sign_in_trail.success(user, attempt.address, door)


def lift(rows: "QuerySet[AccessAttempt]", by: Who) -> int:
    """Forget these attempts: those who wait because of them may try again at once."""
    with transaction.atomic():
        for row in rows:
            who = sign_in_trail.person_or_name(row.username)
            record(by, AccountEvent.PAUSE_LIFTED, who, address=row.ip_address)
        return rows.delete()[0]


def forget_old() -> int:
    """Remove what no longer counts. Returns how many."""
    old = seconds_from_now(-REMEMBERED.total_seconds())
    return int(AccessAttempt.objects.filter(attempt_time__lte=old).delete()[0])


class Handler(AxesDatabaseHandler):
    """django-axes asks this before a password is looked at, and reports the result to it."""

    def is_locked(self, request: Any, credentials: Any = None) -> bool:
        request.sign_in_attempt = attempt_of(request, str((credentials or {}).get("username") or ""))
        request.sign_in_wait = wait(request.sign_in_attempt)
        return bool(request.sign_in_wait)

    def user_login_failed(self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any) -> None:
        if not wait_of(request):  # a refused try does not count
            attempt: Try = request.sign_in_attempt
            failures = _count(attempt, request.axes_path_info)
            request.sign_in_wait = wait(attempt)
            sign_in_trail.failure(
                attempt.name if attempt.known else "", attempt.address, failures, request.sign_in_wait
            )

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        """The doors call `signed_in`: one of them has no session."""

    def user_logged_out(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None: ...


def _count(attempt: Try, path: str) -> int:
    """One more failure. Returns how many in a row."""
    with transaction.atomic():
        expired = seconds_from_now(-REMEMBERED.total_seconds())
        attempt.rows().filter(attempt_time__lte=expired).delete()
        row, _ = AccessAttempt.objects.select_for_update().get_or_create(
            username=attempt.name,
            ip_address=attempt.address,
            user_agent="",
            defaults={"failures_since_start": 0, "path_info": path},
        )
        rows = AccessAttempt.objects.filter(pk=row.pk)
        rows.update(failures_since_start=F("failures_since_start") + 1, attempt_time=now())
        return int(rows.get().failures_since_start)
