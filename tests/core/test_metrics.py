"""/metrics: for whom, in Prometheus' format, true, and bounded however much there is."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from inspector.core.jobs import State
from inspector.core.metrics import registry
from inspector.core.models import Process
from inspector.core.roles import Role
from inspector.inspections import prometheus
from tests.factories import BatchFactory, InspectionFactory, ModelVersionFactory, TrainingRunFactory

pytestmark = pytest.mark.django_db
HERE = "/metrics"
TOKEN = "a-token-of-some-length"


@pytest.fixture(autouse=True)
def fresh(monkeypatch, settings):
    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(registry, "KEPT_SECONDS", -1.0)
    registry.forget()
    yield
    registry.forget()


def scrape():
    """{name: {label values: value}}, as Prometheus reads it."""
    answer = Client().get(HERE, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    found = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_it_is_for_who_has_the_token_and_for_admins(client_of, settings):
    def status(browser, **headers):
        return browser.get(HERE, headers=headers).status_code

    people = (Client(), client_of(Role.INSPECTOR), client_of(Role.QA_MANAGER), client_of(Role.ADMIN))
    assert [status(browser) for browser in people] == [401, 401, 401, 200]
    assert status(Client(), Authorization=f"Bearer {TOKEN}") == 200
    assert status(Client(REMOTE_ADDR="127.0.0.1"), Authorization="Bearer wrong") == 401
    assert "INSPECTOR_METRICS_TOKEN" in Client().get(HERE).json()["error"]["message"]
    settings.METRICS_TOKEN = ""  # as it is by default
    assert [status(Client(), Authorization=kind) for kind in ("Bearer ", "Bearer", "Basic x")] == [401] * 3
    assert status(client_of(Role.ADMIN)) == 200


def test_prometheus_needs_no_session_no_host_name_and_no_https(settings, django_assert_num_queries):
    settings.SECURE_SSL_REDIRECT = True
    browser = Client(SERVER_NAME="10.1.2.3")
    assert browser.get(HERE, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_photos_by_category_state_and_verdict():
    version = ModelVersionFactory.create(category__slug="nut")
    batch = BatchFactory.create(category=version.category)
    made = {"batch": batch, "version": version, "judged": True}
    begun = timezone.now() - timedelta(minutes=10)
    InspectionFactory.create_batch(
        3, **made, milliseconds=200, created=begun, finished=begun + timedelta(seconds=1)
    )
    ok = {"verdict": "OK", "score": 0.1}
    InspectionFactory.create(
        **made, **ok, milliseconds=4000, created=begun, finished=begun + timedelta(seconds=9)
    )
    InspectionFactory.create(batch=batch, state=State.FAILED, error_code="photo_missing")
    InspectionFactory.create(batch=batch, created=begun)
    InspectionFactory.create(
        batch=batch, wait_until=timezone.now(), wait_since=begun, wait_code="x", created=begun
    )
    InspectionFactory.create(**made, created=timezone.now() - timedelta(hours=2))  # not of the last hour
    found = scrape()
    assert found["inspector_photos_last_hour"] == {
        ("nut", "done", "ANOMALY"): 3,
        ("nut", "done", "OK"): 1,
        ("nut", "failed", "none"): 1,
        ("nut", "waiting", "none"): 2,
    }
    assert found["inspector_photos_failed_last_hour"] == {("photo_missing",): 1}
    assert found["inspector_photos_open"] == {("nut", "waiting"): 2}
    assert found["inspector_photos_held"] == {(): 1}
    assert 590 < found["inspector_oldest_waiting_seconds"][()] < 900
    assert found["inspector_judging_seconds"] == {("0.5",): 0.2, ("0.95",): 4, ("0.99",): 4}
    assert found["inspector_verdict_seconds"] == {("0.5",): 1, ("0.95",): 9, ("0.99",): 9}
    assert found["inspector_photos_taken_total"][()] >= 8


def test_an_empty_installation_has_metrics_too():
    found = scrape()
    assert found["inspector_oldest_waiting_seconds"] == {(): 0}
    assert found["inspector_training_runs"][("running",)] == 0
    assert "inspector_judging_seconds" not in found
    assert set(found["inspector_metrics_failed"].values()) == {0}


def test_trainings_workers_and_disks():
    TrainingRunFactory.create(state=State.FAILED, error_code="no_photos")
    TrainingRunFactory.create(created=timezone.now() - timedelta(minutes=5))
    values = {"pid": 1, "seen": Now(), "started": Now()}
    Process.objects.create(name="inspect@a", queues="inspect", doing="Judging photos", **values)
    Process.objects.create(name="inspect@b", queues="inspect", **values)
    found = scrape()
    assert (
        found["inspector_training_runs"][("failed",)] == found["inspector_training_runs"][("waiting",)] == 1
    )
    assert found["inspector_training_runs_failed"] == {("no_photos",): 1}
    assert 290 < found["inspector_oldest_waiting_run_seconds"][()] < 600
    assert found["inspector_workers"] == {("inspect",): 2, ("train",): 0, ("explain",): 0, ("sweep",): 0}
    assert found["inspector_workers_busy"][("inspect",)] == 1
    assert found["inspector_beat_up"] == {(): 0}
    assert set(found["inspector_disk_free_bytes"]) == {("media",), ("var",), ("runs",)}
    assert ("storage",) in found["inspector_check_ok"]


def test_requests_of_this_process(client_of):
    def counted():
        return scrape()["inspector_http_requests_total"]

    before = counted()
    client_of(Role.ADMIN).get("/no-such-page/")
    Client().generic("BREW", "/sign-in/")
    after = counted()
    assert after[("GET", "4xx")] == before.get(("GET", "4xx"), 0) + 1
    assert after[(registry.OTHER, "4xx")] == before.get((registry.OTHER, "4xx"), 0) + 1


def test_labels_are_bounded(monkeypatch):
    monkeypatch.setattr(registry, "MOST_VALUES", 2)
    values = {("a", "done"): 5, ("b", "done"): 4, ("c", "done"): 1, ("d", "done"): 2, ("c", "failed"): 1}
    assert registry.bounded(values) == {
        ("a", "done"): 5,
        ("b", "done"): 4,
        (registry.OTHER, "done"): 3,
        (registry.OTHER, "failed"): 1,
    }


def test_what_cannot_be_computed_is_left_out_and_told(monkeypatch):
    def away():
        raise DatabaseError("away")

    monkeypatch.setitem(registry._sources, "runs", away)
    found = scrape()
    assert "inspector_training_runs" not in found
    assert "inspector_disk_free_bytes" in found
    assert found["inspector_metrics_failed"][("runs",)] == 1


def test_queries_do_not_grow_with_what_there_is(django_assert_max_num_queries):
    def sources():
        for source in (prometheus.photos, prometheus.queue, prometheus.times):
            list(source())

    InspectionFactory.create_batch(30, judged=True)
    InspectionFactory.create_batch(30)
    with django_assert_max_num_queries(9):
        sources()


def test_who_scrapes_meanwhile_gets_the_same(monkeypatch):
    monkeypatch.setattr(registry, "KEPT_SECONDS", 60)
    first = scrape()
    InspectionFactory.create()
    assert scrape()["inspector_photos_taken_total"] == first["inspector_photos_taken_total"]
