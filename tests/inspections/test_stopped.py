"""The notice on every page that no photo is being judged."""

import re
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.models.functions import Now
from django.utils import timezone

from inspector.core import health
from inspector.core.health.processes import Process
from inspector.core.roles import Role
from inspector.inspections import health_checks, waiting
from tests.factories import InspectionFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
HERE = "/inspections/stopped/"
NOBODY = "No photo is being judged at the moment. Your photos are kept."
LOST = "Some photos may not be judged at the moment. Your photos are kept."


@pytest.fixture(autouse=True)
def told(settings, monkeypatch):
    """The notice is not shown in other tests, nor by a process that began lately."""
    settings.TELL_WHEN_NOBODY_JUDGES = True
    monkeypatch.setattr(health, "_grace_ends", 0.0)
    monkeypatch.setattr(waiting, "KEPT_SECONDS", -1.0)
    waiting.forget()
    yield
    waiting.forget()


def seen(*queues, ago=0):
    for queue in queues:
        values = {"seen": Now() - timedelta(seconds=ago), "started": Now(), "queues": queue}
        Process.objects.update_or_create(name=queue, pid=1, defaults=values)


def words(browser, address=HERE):
    answer = browser.get(address)
    assert answer.status_code == 200
    after = answer.content.decode().partition('<div id="stopped"')[2].partition('<div id="messages"')[0]
    found = after.partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", found).split())


def test_who_gets_an_answer(client_of):
    assert answers(client_of, HERE) == ALL | {"roleless": 200}  # every page asks for it


def test_it_is_told_while_photos_wait_and_no_worker_was_seen_within_a_minute(client_of):
    inspector, admin = client_of(Role.INSPECTOR), client_of(Role.ADMIN)
    seen("inspect", "beat")
    InspectionFactory.create(created=timezone.now() - timedelta(hours=1))
    assert words(inspector) == words(admin) == ""
    seen("inspect", ago=61)
    since = timezone.localtime(timezone.now() - timedelta(seconds=61))
    assert words(inspector).startswith(NOBODY)
    assert re.search(r"Since (\d+ \w+, )?\d\d:\d\d \.", words(inspector))
    assert waiting.stopped().since.replace(second=0, microsecond=0) == since.replace(second=0, microsecond=0)
    assert words(admin).endswith("See what is wrong")
    # On every page, and over as soon as somebody judges.
    assert words(inspector, "/account/").startswith(NOBODY)
    seen("inspect")
    assert words(inspector) == ""


def test_nothing_is_told_where_nothing_waits(client_of):
    seen("beat")
    assert words(client_of(Role.INSPECTOR)) == ""


def test_without_beat_only_photos_that_wait_long_concern_everybody(client_of):
    seen("inspect")
    inspector, admin = client_of(Role.INSPECTOR), client_of(Role.ADMIN)
    assert words(admin).startswith(LOST)
    photo = InspectionFactory.create()
    assert (words(inspector), words(admin)[: len(LOST)]) == ("", LOST)
    photo.created -= timedelta(minutes=2)
    photo.save()
    assert words(inspector).startswith(LOST)


def test_it_says_nothing_right_after_the_start(client_of, monkeypatch):
    InspectionFactory.create()
    monkeypatch.setattr(health, "_grace_ends", float("inf"))
    assert words(client_of(Role.INSPECTOR)) == ""


def test_a_page_costs_one_query_more_and_most_cost_none(client_of, django_assert_num_queries, monkeypatch):
    seen("inspect", "beat")
    with django_assert_num_queries(1):
        waiting.stopped()
    monkeypatch.setattr(waiting, "KEPT_SECONDS", 60)
    InspectionFactory.create_batch(3)
    seen("inspect", ago=100)
    with django_assert_num_queries(0):
        assert waiting.stopped() is None
    waiting.forget()
    with django_assert_num_queries(2):
        assert waiting.stopped()
        assert waiting.stopped()


def test_a_fault_of_the_database_breaks_no_page(monkeypatch):
    def away():
        raise DatabaseError

    monkeypatch.setattr(waiting.processes, "processes", away)
    assert waiting.stopped() is None


def test_photos_held_back_by_a_fault_of_the_place_are_told_apart_from_those_that_wait():
    assert not health_checks.held_back().ill
    since = timezone.now() - timedelta(hours=1)
    told = {"wait_until": timezone.now(), "wait_since": since, "wait_code": "x", "wait_message": "Away."}
    InspectionFactory.create_batch(2, **told, created=since)
    found = health_checks.held_back()
    assert found.sentence == "2 photos are held back. Away."
    assert (found.ill, found.since) == (True, since)
    assert not health_checks.queue().ill
    InspectionFactory.create(created=since)
    assert health_checks.queue().ill
    assert waiting.stopped().sentence == NOBODY  # of those held back neither


def test_photos_are_held_back_since_the_first_of_them_and_the_last_reason_is_told():
    now = timezone.now()
    for ago, message in ((30, "The disk is full."), (60, "Away."), (5, "Away.")):
        InspectionFactory.create(
            wait_until=now - timedelta(minutes=ago),
            wait_since=now - timedelta(minutes=ago),
            wait_code="x",
            wait_message=message,
        )
    InspectionFactory.create()
    assert waiting.held() == waiting.Held(3, now - timedelta(minutes=60), "Away.")
