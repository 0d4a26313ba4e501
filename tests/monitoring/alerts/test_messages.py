"""From a rule to what arrives: e-mail, and webhooks on a real receiver, signed, tried again, sent again."""

import base64
import hashlib
import hmac
import json
import re
import smtplib
from datetime import timedelta
from threading import Event

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import TestCase
from django.utils import timezone

from inspector.core import nudge, outbox
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.inspections.models import Verdict
from inspector.monitoring.alerts import outgoing, webhooks
from inspector.monitoring.alerts import send as sending
from inspector.monitoring.alerts.forget import forget_messages
from inspector.monitoring.alerts.messages import send_again, send_test
from inspector.monitoring.alerts.models import Alert, Answer, Message, Webhook
from inspector.monitoring.alerts.signing import signature
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def raised(hook, rule_of, look):
    """An alert with a message to the receiver."""
    rule = rule_of("row", limit=2, emails="ann@example.com, bob@example.com")
    rule.webhooks.add(hook)
    batch = BatchFactory.create(category=CategoryFactory.create(slug="nut", name="Nut"))
    version = ModelVersionFactory.create(category=batch.category)
    InspectionFactory.create_batch(2, judged=True, batch=batch, version=version, verdict=Verdict.ANOMALY)
    assert look() == 1
    Message.objects.filter(channel="email").delete()
    return Alert.objects.get()


def test_a_signature_as_the_standard_has_it():
    """The example of the specification (standardwebhooks.com, “Signature scheme”)."""
    body = '{"test": 2432232314}'
    made = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body
    )
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_from_a_rule_to_the_receiver(raised, receiver, hook, send):
    assert send() == 1
    ((headers, body),) = receiver.got
    told = json.loads(body)
    assert told["type"] == "alert.raised" and told["data"]["category"] == "nut"
    assert told["data"]["message"] == "The last 2 photos were all anomalies."
    assert headers["content-type"] == "application/json"
    message = Message.objects.get()
    assert headers["webhook-id"] == message.message_id
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    answer = message.answers.get()
    assert (message.state, answer.status, answer.text, answer.ok) == (State.DONE, 200, "thanks", True)
    assert send() == 0, "once"


def test_an_alert_is_told_once_whatever_the_outbox_does(raised, look):
    outbox.deliver()
    look()
    assert Message.objects.count() == 1


def test_that_it_is_over_is_told_too(raised, receiver, send, look):
    batch = raised.category.batches.get()
    InspectionFactory.create(
        judged=True, batch=batch, version=batch.category.versions.get(), verdict=Verdict.OK
    )
    look()
    send()
    told = [json.loads(body) for _, body in receiver.got]
    assert [one["type"] for one in told] == ["alert.raised", "alert.over"]
    assert told[1]["data"]["over"]


def test_after_a_fault_it_is_tried_again_by_the_same_id(raised, receiver, send):
    receiver.answers += [(500, {}, b"broken"), (200, {}, b"")]
    assert send() == 0
    message = Message.objects.get()
    assert (message.state, message.attempts) == (State.WAITING, 1)
    assert message.wait_until > timezone.now()
    assert sending.send_due() == 0, "not before its time"
    assert send() == 1
    first, second = (headers["webhook-id"] for headers, _ in receiver.got)
    assert first == second
    assert list(message.answers.values_list("status", "ok")) == [(500, False), (200, True)]


def test_pauses_grow_and_end():
    """Standard Webhooks' schedule: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h, and then no more."""
    pauses = [sending.pause_after(n) for n in range(1, 9)]
    assert pauses == [5, 300, 1800, 7200, 18000, 36000, 36000, None]


def test_given_up_after_the_last_try_and_sent_again_on_demand(raised, receiver, send, person):
    receiver.answers += [(503, {}, b"")] * 8
    for _ in range(10):
        send()
    message = Message.objects.get()
    assert (message.state, message.attempts, len(receiver.got)) == (State.FAILED, 8, 8)
    send_again(message, by=person("QA manager"))
    with pytest.raises(Conflict, match="still being sent"):
        send_again(message, by=person("QA manager"))
    assert send() == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.answers.count()) == (State.DONE, 1, 9)


def test_who_says_gone_is_asked_no_more(raised, receiver, send):
    receiver.answers.append((410, {}, b"no longer here"))
    send()
    message = Message.objects.get()
    assert message.state == State.FAILED and "410" in message.error_message


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("7200", 7190, 7210), ("1", 0, 10), ("99999999", 86_390, 86_410), ("soon", 0, 10), ("", 0, 10)],
)
def test_who_asks_to_wait_is_left_alone_so_long(raised, receiver, send, asked, least, most):
    receiver.answers.append((429, {"Retry-After": asked}, b"slow down"))
    send()
    waits = Message.objects.get().wait_until - timezone.now()
    assert least < waits.total_seconds() < most


def test_what_a_receiver_says_in_no_known_words_holds_no_message_up(raised, receiver, monkeypatch, send):
    """PostgreSQL takes no NUL: what could not be noted was tried for ever, before all others."""

    def post(*args):
        raise outgoing.NotSent("\x15\x03\0\ud800")

    monkeypatch.setattr(outgoing, "post", post)
    send()
    message = Message.objects.get()
    assert (message.state, message.answers.get().text) == (State.WAITING, "\x15\x03")


def test_a_receiver_that_hangs_holds_up_nothing_that_goes_elsewhere(raised, receiver, hook, monkeypatch):
    """One try counts for all of its messages; each is given up after its own eight."""
    dead = Webhook.objects.create(name="Dead", url="http://203.0.113.1/", secret=hook.secret)
    for n, to in [*((n, dead) for n in range(30)), (30, hook)]:
        Message.objects.create(channel="webhook", webhook=to, to=to.url, subject=str(n), body="{}")
    tried = []

    def post(url, *args, real=outgoing.post):
        if url == hook.url:
            return real(url, *args)
        tried.append(url)
        raise outgoing.NotSent("It did not answer within 10 seconds.")

    monkeypatch.setattr(outgoing, "post", post)
    assert sending.send_due() == 2 and len(tried) == 1
    waiting = Message.objects.filter(webhook=dead)
    assert {one.answers.get().ok for one in waiting} == {False}
    assert waiting.last().error_message == "It did not answer within 10 seconds."
    for _ in range(8):
        waiting.filter(state=State.WAITING).update(wait_until=None)
        sending.send_due()
    assert set(waiting.values_list("state", "attempts")) == {(State.FAILED, 8)} and len(tried) == 8


def test_a_mail_server_that_drips_is_left_behind(raised, settings, send, monkeypatch):
    """The sweeps would wait for it, and photos whose worker died with them. A recipient that does not exist
    stops no other mail."""
    settings.EMAIL_URL = "smtp://localhost"
    Message.objects.all().delete()
    for to in ("ann@example.com", "bob@example.com"):
        Message.objects.create(channel="email", to=to, subject="x", body="x")
    over = Event()
    monkeypatch.setattr(sending, "MAIL_SECONDS", 0.1)
    monkeypatch.setattr(EmailMessage, "send", lambda self: over.wait(30))
    assert send() == 0
    over.set()
    assert {one.attempts for one in Message.objects.all()} == {1}
    assert Message.objects.filter(error_message__contains="longer than 0.1 seconds").count() == 2

    def refused(self):
        if self.to == ["bob@example.com"]:
            raise smtplib.SMTPRecipientsRefused({self.to[0]: (550, b"no such user")})

    monkeypatch.setattr(EmailMessage, "send", refused)
    assert send() == 1


def test_a_thousand_alerts_put_no_thousand_tasks_before_the_other_sweeps(raised, hook, monkeypatch, nudges):
    monkeypatch.setattr(nudge, "messages_in", lambda queue: len(nudges))
    with TestCase.captureOnCommitCallbacks(execute=True):
        for _ in range(100):
            send_test(hook, timezone.now())
    assert 0 < len(nudges) < 10


def test_a_category_deleted_while_its_alert_is_sent_stops_no_other(raised, receiver, hook, send, monkeypatch):
    send_test(hook, timezone.now())

    def post(*args, real=outgoing.post):
        Message.objects.filter(alert=raised).delete()
        return real(*args)

    monkeypatch.setattr(outgoing, "post", post)
    assert send() == 1 and not Message.objects.filter(alert=raised).exists()


def test_a_clock_that_was_set_back_holds_no_message(raised, receiver):
    Message.objects.update(wait_until=timezone.now() + timedelta(days=365))
    assert sending.send_due() == 1


def test_redirects_are_not_followed(raised, receiver, send):
    receiver.answers.append((302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""))
    send()
    message = Message.objects.get()
    assert message.state == State.WAITING and len(receiver.got) == 1
    assert "Redirects are not followed" in message.answers.get().text


def test_a_retired_webhook_gets_nothing_any_more(raised, receiver, hook, send, person):
    webhooks.retire(hook, by=person("Admin"))
    send()
    message = Message.objects.get()
    assert message.state == State.FAILED and not receiver.got
    with pytest.raises(Refused, match="was retired"):
        send_again(message, by=person("Admin"))


def test_a_test_of_a_webhook_needs_no_alert(hook, receiver, send):
    send_test(hook, timezone.now())
    assert send() == 1
    assert json.loads(receiver.got[0][1])["type"] == "alert.test"


def test_what_a_dead_worker_held_is_sent_by_another(raised, receiver, send):
    past = timezone.now() - timedelta(minutes=5)
    Message.objects.update(state=State.RUNNING, attempts=1, lease_until=past)
    assert send() == 1


def test_mail_goes_to_each_address(raised, settings, send, look):
    settings.EMAIL_URL, settings.SITE_URL = "smtp://localhost", "https://inspector.example"
    settings.DEFAULT_FROM_EMAIL = "Inspector <qa@example.com>"
    Message.objects.all().delete()
    settings.TIME_ZONE = "Asia/Tokyo"
    Alert.objects.all().update(over=timezone.now(), created=timezone.now() - timedelta(days=1))
    assert look() == 1
    assert send() == 3
    assert [letter.to for letter in mail.outbox] == [["ann@example.com"], ["bob@example.com"]]
    letter = mail.outbox[0]
    assert letter.subject == "Alert: Rule row: Nut"
    assert "https://inspector.example/alerts/" in letter.body
    assert " JST\n" in letter.body
    assert re.fullmatch(r"<msg_\w+@example\.com>", letter.extra_headers["Message-ID"])


def test_without_a_mail_server_the_log_says_so(raised, send, settings):
    Message.objects.all().update(channel="email", webhook=None, to="ann@example.com")
    send()
    message = Message.objects.get()
    assert message.state == State.FAILED and "EMAIL_URL" in message.error_message
    assert mail.outbox == []


def test_webhooks_are_checked_when_they_are_entered(person, receiver):
    with pytest.raises(Refused, match="may not reach this machine"):
        webhooks.add("x", "http://10.0.0.1/", by=person("Admin"))
    made = webhooks.add("x", receiver.url, by=person("Admin"))
    secret = made.secret
    webhooks.renew_secret(made, by=person("Admin"))
    assert secret.startswith("whsec_") and Webhook.objects.get().secret != secret


def test_what_is_long_over_is_forgotten_and_the_alert_stays(raised, send, client_of, settings, caplog):
    settings.MESSAGE_DAYS = 7
    waiting = Message.objects.get()
    made = [Message.objects.create(channel="email", to="x@y.z", subject="x", body="x") for _ in range(4)]
    ages = zip(made, (State.DONE, State.FAILED, State.DONE, State.WAITING), (8, 8, 6, 30), strict=True)
    for message, state, days in ages:
        finished = timezone.now() - timedelta(days=days)
        Message.objects.filter(pk=message.pk).update(state=state, finished=finished)
        message.answers.create(milliseconds=1, ok=True)
    with caplog.at_level("INFO"):
        assert forget_messages() == 2
    assert "2 messages of alerts older than 7 days were deleted" in caplog.text
    assert set(Message.objects.all()) == {waiting, *made[2:]} and Answer.objects.count() == 2
    assert Alert.objects.get() == raised
    assert "kept for 7 days" in client_of("Admin").get("/alerts/messages/").content.decode()
    assert forget_messages() == 0
