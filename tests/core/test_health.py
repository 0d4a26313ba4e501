"""/healthz and /readyz: an answer in bounded time whatever hangs. Workers that report themselves."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from celery import current_app
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone

from inspector.core import health, tasks, work
from inspector.core.health import places, reporting, runner
from inspector.core.health import processes as told
from inspector.core.health.checks import Check, Finding
from inspector.core.models import Process
from inspector.core.roles import Role


@pytest.fixture(autouse=True)
def fresh():
    runner.runner.forget()
    yield
    runner.runner.forget()


@pytest.fixture
def no_grace(monkeypatch):
    """As if this process had been up for long."""
    monkeypatch.setattr(health, "_grace_ends", 0.0)


@pytest.fixture
def checks(monkeypatch):
    """checks(Check(...), ...) -> these are all there are."""

    def these(*wanted):
        monkeypatch.setattr(runner, "registered", lambda: list(wanted))

    return these


def seen(queue, ago=0.0, **values):
    """A worker of this queue that was seen so many seconds ago by the database's clock."""
    values = {"name": f"{queue}@line", "pid": 1, "host": "line", "version": "1", "started": Now()} | values
    return Process.objects.create(queues=queue, seen=Now() - timedelta(seconds=ago), **values)


def states(answer):
    return {check["name"]: check["state"] for check in answer.json()["checks"]}


def fine():
    return Finding("Fine.")


def ill():
    return Finding("Ill.", ill=True, remedy="Cure it.")


# --- Alive -----------------------------------------------------------------------------------
@pytest.fixture
def no_database(monkeypatch):
    def away(self):
        raise OperationalError("connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", away)
    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", away)


@pytest.mark.parametrize("headers", [{}, {"HTTP_COOKIE": "sessionid=abc; time_zone=Europe/Berlin"}])
@pytest.mark.parametrize("host", ["localhost", "10.1.2.3:8000"])
def test_alive_needs_nothing(no_database, headers, host, settings):
    settings.SECURE_SSL_REDIRECT = True
    answer = Client(SERVER_NAME=host).get("/healthz", **headers)
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})
    assert answer["Cache-Control"] == "no-store"


def test_only_reading_is_answered():
    assert Client().head("/healthz").status_code == 200
    assert [Client().post(address).status_code for address in ("/healthz", "/readyz")] == [405, 405]


# --- Ready -----------------------------------------------------------------------------------
def test_what_keeps_photos_out_is_503_and_all_else_200(checks):
    checks(Check("database", "Database", fine, vital=True), Check("beat", "Beat", ill))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert states(answer) == {"database": "ok", "beat": "degraded"}
    runner.runner.forget()
    checks(Check("database", "Database", ill, vital=True), Check("beat", "Beat", fine))
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "down")
    assert states(answer) == {"database": "down", "beat": "ok"}


def test_without_a_database_there_is_an_answer_with_a_session_too(no_database):
    answer = Client().get("/readyz", HTTP_COOKIE="sessionid=abc")
    assert answer.status_code == 503
    assert states(answer)["database"] == "down"


@pytest.mark.django_db
def test_details_are_for_those_who_may_see_them(client_of, checks):
    checks(Check("database", "Database", fine, vital=True), Check("beat", "Beat", ill))
    for browser in (Client(), client_of(Role.INSPECTOR), client_of(Role.QA_MANAGER)):
        assert browser.get("/readyz").json()["checks"][1] == {"name": "beat", "state": "degraded"}
    told = client_of(Role.ADMIN).get("/readyz").json()["checks"][1]
    assert (told["title"], told["sentence"], told["remedy"]) == ("Beat", "Ill.", "Cure it.")
    assert timezone.datetime.fromisoformat(told["since"]) <= timezone.now()


def test_a_check_that_hangs_holds_nobody_up_and_is_not_sent_again(checks, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS", 0.05)
    monkeypatch.setattr(runner, "KEPT_SECONDS", 0.0)
    free, begun = threading.Event(), []

    def hang():
        begun.append(1)
        free.wait(10)
        return Finding("Back.")

    checks(
        Check("database", "Database", hang, vital=True),
        Check("beat", "Beat", fine),
        Check("storage", "Storage", fine, vital=True, group="storage"),
    )
    for _ in range(3):
        answer = Client().get("/readyz")
        assert answer.status_code == 503
        assert states(answer) == {"database": "down", "beat": "degraded", "storage": "ok"}
    assert begun == [1]
    told = {result.check.name: result.finding.sentence for result in runner.report().results}
    assert told["database"] == "No answer within 0.05 seconds."
    assert told["beat"] == "Not known while this hangs: database."
    free.set()
    runner.runner._rounds["database"].over.wait(10)
    monkeypatch.setattr(runner, "SECONDS", 10)
    assert set(states(Client().get("/readyz")).values()) == {"ok"}


def test_a_check_that_raises_says_so_and_the_others_go_on(checks):
    checks(Check("queue", "Waiting photos", lambda: 1 / 0), Check("beat", "Beat", fine))
    assert states(Client().get("/readyz")) == {"queue": "degraded", "beat": "ok"}


def test_since_is_when_the_state_began(checks, monkeypatch):
    monkeypatch.setattr(runner, "KEPT_SECONDS", 0.0)
    checks(Check("beat", "Beat", ill))
    first = runner.report().results[0].since
    assert runner.report().results[0].since == first
    checks(Check("beat", "Beat", fine))
    assert runner.report().results[0].since > first


# --- What is looked at -----------------------------------------------------------------------
@pytest.mark.django_db
def test_a_database_that_answers():
    assert not places.database().ill


@pytest.mark.django_db
def test_a_database_of_an_older_version_is_said():
    MigrationRecorder(connection).record_unapplied("core", "0001_initial")
    finding = places.database()
    assert finding.ill and "1 migration missing" in finding.sentence


def test_storage_that_takes_no_photo(settings, tmp_path):
    (tmp_path / "media").write_text("a file where the folder should be")
    settings.MEDIA_ROOT = tmp_path / "media" / "photos"
    assert places.stored().ill
    settings.MEDIA_ROOT = tmp_path
    assert not places.stored().ill


def test_a_bucket_that_is_not_reached(settings, monkeypatch):
    settings.STORAGE_URL = "s3://key:secret@bucket.example/photos"
    monkeypatch.setattr(places, "_into_bucket", lambda: 1 / 0)
    assert "cannot be written to" in places.stored().sentence


def test_little_room(monkeypatch):
    assert not places.room().ill
    monkeypatch.setattr(places, "LOW_SHARE", 1.0)
    monkeypatch.setattr(places, "LOW_BYTES", 10**18)
    assert "Little space is left" in places.room().sentence
    assert "media/" in places.room().sentence


@pytest.fixture
def silent_server():
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        yield server.getsockname()[1]


def test_a_broker_that_hangs_or_is_away(silent_server, settings):
    for port in (silent_server, 1):
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{port}/0"
        assert "does not answer" in places.broker().sentence  # and the test ends


@pytest.mark.redis
def test_a_broker_that_answers(redis_url, settings):
    settings.CELERY_BROKER_URL = redis_url
    assert any(not places.broker().ill or time.sleep(0.1) for _ in range(100))  # it is just starting


def test_the_broker_of_folders(monkeypatch, settings, tmp_path):
    folders = {"data_folder_in": tmp_path, "data_folder_out": tmp_path, "control_folder": tmp_path}
    settings.CELERY_BROKER_URL = "folders://"  # whichever broker the other tests have
    monkeypatch.setitem(current_app.conf, "broker_transport_options", folders)
    assert not places.broker().ill
    monkeypatch.setattr(places.os, "access", lambda *about: False)
    assert "cannot be written to" in places.broker().sentence


@pytest.mark.django_db
def test_a_queue_is_ill_when_none_of_its_workers_was_seen_within_a_minute(no_grace):
    def inspect():
        return told.workers("inspect", "Photos wait.", "")

    assert inspect().ill
    dead = seen("inspect", 61, doing="Judging photos")
    assert inspect().ill
    assert abs(inspect().since - (timezone.now() - timedelta(seconds=61))) < timedelta(seconds=30)
    seen("train", pid=2)
    assert inspect().ill
    # One that takes two queues counts for both, and one at work as well as an idle one.
    seen("inspect,train", 59, pid=3, doing="Training, run 7")
    assert inspect().sentence == "1 running. Training, run 7."
    Process.objects.filter(pk=dead.pk).update(seen=Now())
    assert inspect().sentence == "2 running, 2 at work."
    Process.objects.update(stopped=Now())
    assert inspect().ill


@pytest.mark.django_db
def test_nobody_is_missed_right_after_the_start():
    health._grace_ends = time.monotonic() + 60
    assert not told.workers("inspect", "", "").ill
    assert not told.beat().ill
    seen("inspect", 61)  # but one that was there and went is
    assert told.workers("inspect", "", "").ill


@pytest.mark.django_db
def test_beat_is_seen_by_the_sweep_it_sends_for(no_grace):
    assert told.beat().ill
    tasks.sweep()
    assert not told.beat().ill
    Process.objects.update(seen=Now() - timedelta(seconds=61))
    assert told.beat().ill
    tasks.sweep()
    assert not told.beat().ill
    assert Process.objects.count() == 1


@pytest.mark.django_db
def test_rows_of_processes_long_gone_are_removed():
    seen("inspect", 25 * 3600)
    seen("train", 3600, pid=2)
    tasks.sweep()
    assert set(Process.objects.values_list("queues", flat=True)) == {"train", "beat"}


# --- A process tells of itself -----------------------------------------------------------------
@pytest.mark.django_db
def test_a_worker_tells_what_it_does_and_that_it_ends():
    reporter = reporting.Reporter("train@line", ["train"])
    reporter.begin()
    row = Process.objects.get()
    assert (row.name, row.queues, row.doing, row.stopped) == ("train@line", "train", "", None)
    reporter.doing = reporting.words_of(work.TASK, ("training", 7))
    reporter.report()
    row.refresh_from_db()
    begun = row.doing_since
    assert row.doing == "Training, run 7"
    reporter.report()
    row.refresh_from_db()
    assert row.doing_since == begun  # still the same
    reporter.doing = ""
    reporter.report()
    row.refresh_from_db()
    assert (row.doing, row.doing_since) == ("", None)
    reporter.report_stopped()
    row.refresh_from_db()
    assert row.stopped and not told.is_alive(told.processes()[0])


@pytest.mark.django_db
def test_a_worker_that_starts_again_takes_the_place_of_the_one_that_was_killed():
    host = socket.gethostname()
    for pid in (11, 12):
        seen("inspect", 300, name="inspect@line", pid=pid, host=host)
    seen("inspect", 5, name="inspect@line", pid=13, host=host)  # a second one beside it
    reporting.Reporter("inspect@line", ["inspect"]).begin()
    assert Process.objects.filter(name="inspect@line").count() == 2


@pytest.mark.django_db
def test_a_row_that_was_lost_comes_back():
    reporter = reporting.Reporter("inspect@line", ["inspect"])
    reporter.begin()
    Process.objects.all().delete()
    reporter.doing = "Judging photos"
    reporter.report()
    reporter.report()
    assert Process.objects.get().doing == "Judging photos"


@pytest.mark.django_db(transaction=True)
def test_it_is_reported_from_a_thread_and_a_database_that_is_away_ends_nothing(monkeypatch):
    monkeypatch.setattr(reporting, "REPORT_SECONDS", 0.01)
    reported, failures = threading.Event(), []

    def report(self):
        if not failures:
            failures.append(1)
            raise OperationalError("away")
        reported.set()

    monkeypatch.setattr(reporting.Reporter, "report", report)
    reporter = reporting.Reporter("inspect@line", ["inspect"])
    reporter.start()
    assert reported.wait(10)
    reporter.stop()
    assert Process.objects.get().stopped


# --- At the terminal -------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_health_check_of_a_container(capsys):
    seen("inspect", 5, name="inspect@a", doing="Judging photos")
    seen("train", 90, name="train@b")
    call_command("health", process="inspect@a")
    assert "Judging photos" in capsys.readouterr().out
    with pytest.raises(CommandError, match="was last seen"):
        call_command("health", process="train@b")
    with pytest.raises(CommandError, match="was never seen"):
        call_command("health", process="train@c")


def test_the_command_names_what_is_ill(checks, capsys):
    checks(Check("beat", "Beat", ill))
    with pytest.raises(CommandError):
        call_command("health")
    out = capsys.readouterr().out
    assert "degraded  Beat: Ill." in out and "Cure it." in out


@pytest.mark.django_db(transaction=True)
def test_all_checks_that_there_are(no_grace):
    """With their real threads: nothing raises, nothing is left behind."""
    seen("inspect")
    found = {result.check.name: result.state for result in runner.report().results}
    assert found == {
        "database": "ok",
        "storage": "ok",
        "room": "ok",
        "broker": "ok",
        "queue": "ok",
        "inspect_workers": "ok",
        "train_workers": "degraded",
        "explain_workers": "degraded",
        "sweep_workers": "degraded",
        "beat": "degraded",
        "held": "ok",
        "trail": "ok",
    }
    assert connection.is_usable()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_runs_is_seen_and_says_when_it_stops(processes, installation):
    """The real one, as the Procfile starts it; beat with it."""
    command = "-A inspector worker --beat --queues sweep --pool solo --hostname beat@line --loglevel WARNING"
    environment = installation | {"INSPECTOR_SWEEP_SECONDS": "1"}
    worker = processes(["celery", "--quiet", *command.split()], environment)

    def eventually(**wanted):
        for _ in range(300):
            if Process.objects.filter(**wanted).exists():
                return True
            time.sleep(0.1)
        return False

    assert eventually(name="beat@line", queues="sweep", pid=worker.pid, stopped=None)
    assert eventually(queues="beat")
    worker.terminate()
    assert eventually(name="beat@line", stopped__isnull=False)
