"""Sending messages, one try at a time, with growing pauses between tries. Run by the sweep worker."""

import logging
import smtplib
import time
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from inspector.core import clock, jobs
from inspector.core.jobs import State
from inspector.core.lanes import Lanes, Overdue
from inspector.core.plain_text import keepable
from inspector.monitoring.alerts import outgoing, signing
from inspector.monitoring.alerts.models import KEPT, Answer, Channel, Message

log = logging.getLogger(__name__)
# Seconds until the next try; after the last one it is given up (Standard Webhooks' schedule, to 27 hours).
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
LONGEST = 86_400  # seconds that a receiver can ask us to wait (Retry-After)
# The sweep worker has other things to do: so much of its time at once.
AT_ONCE, SECONDS_AT_ONCE = 20, 10.0
SHARED = 1_000  # messages that one try counts for, of those that were tried as often
MAIL_SECONDS = 30.0  # of a mail in all; EMAIL_TIMEOUT is that of each step
NO_SERVER = (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected)
GONE = 410


class Failed(Exception):
    """A try did not succeed. final: no other one will. after: seconds that the receiver asks us to wait.
    nobody: no answer came, so the others for the same receiver would wait as long for none."""

    def __init__(
        self,
        words: str,
        status: int | None = None,
        *,
        final: bool = False,
        after: float | None = None,
        nobody: bool = False,
    ) -> None:
        super().__init__(words)
        self.words, self.status, self.final = keepable(words), status, final
        self.after, self.nobody = after, nobody


def send_due() -> int:
    """Try what is due, oldest first. How many messages arrived."""
    # Counted as a try: one that kills its worker is given up eventually.
    Message.objects.filter(jobs.lost()).update(state=State.WAITING, claim=None, lease_until=None)
    began, arrived = time.monotonic(), 0
    for _ in range(AT_ONCE):
        if time.monotonic() - began > SECONDS_AT_ONCE:
            break
        claim = jobs.claim(due(), 1)
        if not claim.ids:
            break
        # Deleted with its category at this moment: then there is none.
        for message in Message.objects.select_related("webhook").filter(claim=claim.token):
            arrived += _tried(message)
    return arrived


def due() -> QuerySet[Message]:
    """Later than the longest pause: then the clock was set back since."""
    now = Q(wait_until=None) | Q(wait_until__lte=clock.now())
    now |= Q(wait_until__gt=clock.seconds_from_now(LONGEST))
    return Message.objects.filter(now, state=State.WAITING)


def _tried(message: Message) -> bool:
    began = time.monotonic()
    try:
        status, text = CHANNELS[message.channel](message)
    except Failed as problem:
        _note(message, began, problem.status, problem.words, ok=False)
        _later(message, problem)
        if problem.nobody:
            _later_too(message, problem.words)
        return False
    except Exception as problem:
        log.exception("message %s could not be sent", message.pk)
        _note(message, began, None, keepable(f"{type(problem).__name__}: {problem}"), ok=False)
        _later(message, Failed("A fault of the program: its log says more."))
        return False
    _note(message, began, status, text, ok=True)
    return bool(message.claim and jobs.finish(Message, message.pk, message.claim))


def _note(message: Message, began: float, status: int | None, text: str, *, ok: bool) -> None:
    """Nothing for one that was deleted meanwhile, with its category."""
    took = round(1000 * (time.monotonic() - began))
    with transaction.atomic():
        if Message.objects.select_for_update().filter(pk=message.pk).first():
            Answer.objects.create(message=message, status=status, text=text[:KEPT], milliseconds=took, ok=ok)


def _later(message: Message, problem: Failed) -> None:
    if message.claim:
        _put_off(jobs.held(Message, message.claim), message.attempts, problem)


def _put_off(rows: QuerySet[Message], attempts: int, problem: Failed) -> int:
    """Rows that were tried so often."""
    pause = pause_after(attempts)
    left: dict[str, Any] = {"claim": None, "lease_until": None, "attempts": attempts}
    left |= {"error_code": "not_sent", "error_message": problem.words}
    if problem.final or pause is None:
        return rows.update(state=State.FAILED, finished=clock.now(), **left)
    until = clock.seconds_from_now(max(pause, min(problem.after or 0, LONGEST)))
    return rows.update(state=State.WAITING, wait_until=until, **left)


def _later_too(message: Message, words: str) -> None:
    """No answer counts as a try of all messages that are due at the same receiver: tried one by one, a
    thousand of them would hold up what goes elsewhere for hours."""
    receiver = {} if message.channel == Channel.EMAIL else {"webhook": message.webhook}  # one mail server
    rows = due().filter(channel=message.channel, **receiver)
    text = f"Not tried by itself, because {message.message_id} got no answer: {words}"[:KEPT]
    with transaction.atomic():
        found = list(rows.order_by("pk").select_for_update().values_list("pk", "attempts")[:SHARED])
        Answer.objects.bulk_create(
            Answer(message_id=pk, text=text, milliseconds=0, ok=False) for pk, _ in found
        )
        for attempts in {attempts for _, attempts in found}:
            same = Message.objects.filter(pk__in=[pk for pk, n in found if n == attempts])
            _put_off(same, attempts + 1, Failed(words))


def pause_after(attempts: int) -> int | None:
    """Seconds until the next try; None after the last one."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None


# --- Channels --------------------------------------------------------------------------------
def _webhook(message: Message) -> tuple[int, str]:
    hook = message.webhook
    if hook is None or hook.retired:
        raise Failed("The webhook was retired.", final=True)
    now = int(timezone.now().timestamp())
    headers = signing.headers(hook.secret, message.message_id, now, message.body)
    try:
        reply = outgoing.post(hook.url, message.body, headers)
    except outgoing.NotSent as problem:
        raise Failed(str(problem), nobody=True) from problem
    if 200 <= reply.status < 300:
        return reply.status, reply.text
    words = f"It answered {reply.status}."
    if 300 <= reply.status < 400:
        words += " Redirects are not followed: enter the address that it leads to."
    text = f"{words}\n{reply.text}".strip()
    raise Failed(text, reply.status, final=reply.status == GONE, after=reply.after)


def _email(message: Message) -> tuple[None, str]:
    if not settings.EMAIL_URL:
        raise Failed("No mail server is set (EMAIL_URL).", final=True)
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)  # it may have a name: Inspector <qa@example.com>
    headers = {"Message-ID": f"<{message.message_id}@{sender.rpartition('@')[2]}>"}
    subject = " ".join(message.subject.split())
    mail = EmailMessage(subject, message.body, to=[message.to], headers=headers)
    try:
        with Lanes(1, "mail") as lanes:  # a server that drips can be left behind
            lanes.submit("sending mail", MAIL_SECONDS, mail.send).result()
    except Overdue:
        words = f"The mail server took longer than {MAIL_SECONDS:g} seconds."
        raise Failed(words, nobody=True) from None
    except (OSError, smtplib.SMTPException) as problem:
        answered = isinstance(problem, smtplib.SMTPException) and not isinstance(problem, NO_SERVER)
        raise Failed(f"{type(problem).__name__}: {problem}", nobody=not answered) from problem
    return None, "Accepted by the mail server."


CHANNELS: dict[str, Callable[[Message], tuple[int | None, str]]] = {
    Channel.WEBHOOK: _webhook,
    Channel.EMAIL: _email,
}
