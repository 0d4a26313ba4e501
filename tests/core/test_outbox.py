"""The outbox: each consumer gets each event, once, whatever happens on the way."""

import threading
from collections import Counter

import pytest
from django.db import connection, transaction

from inspector.categories.events import CategoryEvent
from inspector.core import clock, nudge, outbox
from inspector.core.events import record
from inspector.core.jobs import State
from inspector.core.models import Delivery, Event, SetupStep
from inspector.core.tasks import sweep
from tests.at_once import at_once


class Killed(BaseException):
    """The process ends here: nothing of it goes on."""


@pytest.fixture
def consumer():
    """Registers one for this test. What it writes stands for what a real one does: a row for each event."""
    names = []

    def register(name="test", then=lambda event: None):
        def deliver(event):
            SetupStep.objects.create(name=f"{name} {event.pk} {len(names)}")
            then(event)

        outbox.register(name, deliver)
        names.append(name)

    yield register
    for name in set(names):
        outbox.forget(name)


def happened(name="Nut"):
    with transaction.atomic():
        return record(None, CategoryEvent.CREATED, name, slug="nut")


def got():
    """How often which event came, by what a consumer wrote."""
    return Counter(int(name.split()[1]) for name in SetupStep.objects.values_list("name", flat=True))


def time_passes():
    """Leases run out, and pauses are over."""
    Delivery.objects.filter(state=State.RUNNING).update(lease_until=clock.seconds_from_now(-1))
    Delivery.objects.update(wait_until=None)


@pytest.mark.django_db
def test_without_a_consumer_nothing_is_kept(nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        happened()
    sweep()
    assert not Delivery.objects.exists()
    assert nudges == []


@pytest.mark.django_db
def test_each_consumer_gets_each_event_once(consumer, nudges, django_capture_on_commit_callbacks):
    former = happened()
    consumer("mail")
    consumer("webhook")
    with django_capture_on_commit_callbacks(execute=True):
        first, second = happened(), happened()
    assert nudges == [(outbox.TASK, ())] * 2
    assert outbox.deliver() == 4
    assert outbox.deliver() == 0
    assert got() == {first.pk: 2, second.pk: 2}, "and none of before there was a consumer"
    assert former.pk not in got()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DONE}


@pytest.mark.django_db
def test_a_thousand_events_put_no_thousand_tasks_before_the_sweeps(
    consumer, nudges, monkeypatch, django_capture_on_commit_callbacks
):
    """They wait in the same queue, and one task hands all of them on."""
    consumer()
    monkeypatch.setattr(nudge, "messages_in", lambda queue: len(nudges))
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(100):
            happened()
    assert 0 < len(nudges) < 10


@pytest.mark.django_db(transaction=True)
def test_what_did_not_happen_is_not_delivered(consumer, nudges):
    consumer()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        happened()
        raise ZeroDivisionError
    assert (outbox.deliver(), nudges) == (0, [])


@pytest.mark.django_db(transaction=True)
def test_a_message_that_was_lost_is_made_up_for_by_the_sweep(consumer, nudges):
    consumer()
    event = happened()
    sweep()
    assert got() == {event.pk: 1}


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_delivery_and_mark(consumer, nudges):
    """What the consumer wrote is gone with the mark, and comes again with it."""

    def killed(event):
        raise Killed

    consumer(then=killed)
    event = happened()
    with pytest.raises(Killed):
        outbox.deliver()
    assert got() == {}
    consumer()
    sweep()
    assert got() == {}, "as long as its worker may still be there"
    time_passes()
    sweep()
    sweep()
    assert got() == {event.pk: 1}


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_was_given_up_for_dead_delivers_nothing_more(consumer, nudges):
    def slow(event):
        if Delivery.objects.filter(state=State.RUNNING).exists():  # of two, this is the first one
            Delivery.objects.filter(state=State.RUNNING).update(claim=None, state=State.WAITING)

    consumer(then=slow)
    events = [happened(), happened()]
    assert outbox.deliver() == 2
    assert got() == {event.pk: 1 for event in events}


@pytest.mark.django_db(transaction=True)
def test_a_consumer_that_fails_holds_nobody_up_and_loses_nothing(consumer, nudges):
    first, second = None, None

    def faulty(event):
        if event.subject_name == "Bad":
            raise OSError("no answer")

    consumer(then=faulty)
    first, second = happened("Bad"), happened("Good")
    assert outbox.deliver() == 1
    assert got() == {second.pk: 1}
    for _ in range(6):
        assert outbox.deliver() == 0, "not before its pause is over"
        time_passes()
        assert outbox.deliver() == 0
    waiting = Delivery.objects.get(event=first)
    assert (waiting.state, waiting.error_message) == (State.WAITING, "OSError: no answer")
    consumer()
    time_passes()
    sweep()
    assert got() == {first.pk: 1, second.pk: 1}


@pytest.mark.django_db
def test_what_was_handed_on_long_ago_is_forgotten(consumer, nudges):
    consumer()
    old, new, waiting = (happened(name) for name in ("Old", "New", "Waiting"))
    Delivery.objects.filter(event__in=[old, new]).update(state=State.DONE, finished=clock.now())
    long_ago = clock.seconds_from_now(-outbox.KEPT_DAYS * 86_400 - 60)
    Delivery.objects.filter(event=old).update(finished=long_ago)
    Delivery.objects.filter(event=waiting).update(wait_until=clock.seconds_from_now(60), created=long_ago)
    outbox.sweep()
    assert list(Delivery.objects.values_list("event", flat=True)) == [new.pk, waiting.pk]
    assert Event.objects.filter(pk=old.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_deliver_nothing_twice(consumer, nudges):
    calls = []
    consumer(then=lambda event: calls.append(event.pk))
    events = [happened() for _ in range(45)]
    assert at_once(outbox.deliver, outbox.deliver, outbox.sweep) == []
    assert got() == {event.pk: 1 for event in events}
    assert sorted(calls) == [event.pk for event in events]


@pytest.mark.django_db(transaction=True)
def test_an_event_that_commits_after_later_ones_is_delivered_too(consumer, nudges):
    """Its id was given out before theirs. SQLite has one writer at a time, and there it cannot be."""
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    consumer()
    recorded, delivered = threading.Event(), threading.Event()

    def late():
        with transaction.atomic():
            happened("Late")
            recorded.set()
            delivered.wait(10)

    def early():
        recorded.wait(10)
        happened("Early")
        outbox.deliver()
        delivered.set()

    assert at_once(late, early) == []
    late_one, early_one = Event.objects.order_by("pk")
    assert (late_one.subject_name, got()) == ("Late", {early_one.pk: 1})
    outbox.deliver()
    assert got() == {late_one.pk: 1, early_one.pk: 1}
