"""Sending messages, one try at a time, with growing pauses between tries. Run by the sweep worker."""

import logging
import smtplib
import time
from collections.abc import Callable
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import timezone

from inspector.core import clock, jobs
from inspector.core.jobs import State
from inspector.core.plain_text import keepable
from inspector.monitoring.alerts import outgoing, signing
from inspector.monitoring.alerts.models import KEPT, Answer, Channel, Message

log = logging.getLogger(__name__)
# Seconds until the next try; after the last one it is given up (Standard Webhooks' schedule, to 27 hours).
PAUSES = (5, 300, 1_800, 7_200, 18_000, 36_000, 36_000)
LONGEST = 86_400  # seconds that a receiver can ask us to wait (Retry-After)
# The sweep worker has other things to do: so much of its time at once.
AT_ONCE, SECONDS_AT_ONCE = 20, 20.0
GONE = 410


class Failed(Exception):
    """A try did not succeed. final: no other one will. after: seconds that the receiver asks us to wait."""

    def __init__(
        self, words: str, status: int | None = None, *, final: bool = False, after: float | None = None
    ) -> None:
        super().__init__(words)
        self.words, self.status, self.final, self.after = keepable(words), status, final, after


def send_due() -> int:
    """Try what is due, oldest first. How many messages arrived."""
    jobs.give_back_untried(Message.objects.filter(state=State.RUNNING, lease_until__lt=clock.now()))
    began, arrived = time.monotonic(), 0
    for _ in range(AT_ONCE):
        if time.monotonic() - began > SECONDS_AT_ONCE:
            break
        due = Q(wait_until=None) | Q(wait_until__lte=clock.now())
        claim = jobs.claim(Message.objects.filter(due), 1)
        if not claim.ids:
            break
        arrived += _tried(Message.objects.select_related("webhook").get(pk=claim.ids[0]))
    return arrived


def _tried(message: Message) -> bool:
    began = time.monotonic()
    try:
        status, text = CHANNELS[message.channel](message)
    except Failed as problem:
        _note(message, began, problem.status, problem.words, ok=False)
        _later(message, problem)
        return False
    except Exception as problem:
        log.exception("message %s could not be sent", message.pk)
        _note(message, began, None, keepable(f"{type(problem).__name__}: {problem}"), ok=False)
        _later(message, Failed("A fault of the program: its log says more."))
        return False
    _note(message, began, status, text, ok=True)
    return bool(message.claim and jobs.finish(Message, message.pk, message.claim))


def _note(message: Message, began: float, status: int | None, text: str, *, ok: bool) -> None:
    took = round(1000 * (time.monotonic() - began))
    Answer.objects.create(message=message, status=status, text=text[:KEPT], milliseconds=took, ok=ok)


def _later(message: Message, problem: Failed) -> None:
    if message.claim is None:
        return
    pause = pause_after(message.attempts)
    if problem.final or pause is None:
        jobs.fail(Message, message.pk, message.claim, "not_sent", problem.words)
        return
    jobs.held(Message, message.claim).update(
        state=State.WAITING,
        claim=None,
        lease_until=None,
        wait_until=clock.seconds_from_now(max(pause, min(problem.after or 0, LONGEST))),
        error_code="not_sent",
        error_message=problem.words,
    )


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
        raise Failed(str(problem)) from problem
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
        mail.send()
    except (OSError, smtplib.SMTPException) as problem:
        raise Failed(f"{type(problem).__name__}: {problem}") from problem
    return None, "Taken by the mail server."


CHANNELS: dict[str, Callable[[Message], tuple[int | None, str]]] = {
    Channel.WEBHOOK: _webhook,
    Channel.EMAIL: _email,
}
