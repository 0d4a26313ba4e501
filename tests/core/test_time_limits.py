"""A database that is silent, slow, full or read-only: an answer in bounded time, and in words."""

import json
import socket
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import suppress
from unittest.mock import Mock

import psycopg
import pytest
from django.db import InternalError, OperationalError, ProgrammingError, connection, connections
from django.test import Client

from inspector.core import faults, time_limits
from inspector.core.roles import Role
from tests.conftest import free_port
from tests.database_faults import raised, sqlite_error

URL_SETTINGS = {"ENGINE": "django.db.backends.postgresql", "NAME": "x", "OPTIONS": {"connect_timeout": 9}}
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="needs PostgreSQL")


# --- In words --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("problem", "code", "status"),
    [
        (raised(OperationalError, sqlite_error(sqlite3.SQLITE_FULL)), "disk_full", 507),
        (raised(OperationalError, sqlite_error(sqlite3.SQLITE_READONLY_DIRECTORY)), "read_only", 507),
        (raised(OperationalError, sqlite_error(sqlite3.SQLITE_BUSY)), "too_slow", 503),
        (
            raised(OperationalError, sqlite_error(sqlite3.SQLITE_ERROR, "no such table: t")),
            "database_outdated",
            503,
        ),
        (raised(ProgrammingError, psycopg.errors.UndefinedColumn()), "database_outdated", 503),
        (raised(OperationalError, psycopg.errors.DiskFull()), "disk_full", 507),
        (raised(InternalError, psycopg.errors.ReadOnlySqlTransaction()), "read_only", 507),
        (raised(OperationalError, psycopg.errors.QueryCanceled()), "too_slow", 503),
        (raised(OperationalError, psycopg.errors.LockNotAvailable()), "too_slow", 503),
        (raised(OperationalError, psycopg.OperationalError("refused")), "unavailable", 503),
        (OSError(28, "No space left on device"), "disk_full", 507),
        (FileNotFoundError("gone"), "unavailable", 503),
    ],
)
@pytest.mark.django_db
def test_a_fault_of_the_database_is_told_in_words(client_of, problem, code, status, monkeypatch):
    def fail(*args, **kwargs):
        raise problem

    browser = client_of(Role.INSPECTOR)
    browser.raise_request_exception = False
    monkeypatch.setattr("inspector.inspections.views.count", fail)
    monkeypatch.setattr("inspector.inspections.api.Inspections.get", fail)
    page, answer = browser.get("/history/"), browser.get("/api/inspections/")
    assert (page.status_code, answer.status_code, answer.json()["error"]["code"]) == (status, status, code)
    assert answer.json()["error"]["message"] in page.content.decode()
    assert ("Retry-After" in page.headers) is (status == 503)


def test_a_full_sqlite_database_is_recognised(tmp_path):
    with sqlite3.connect(tmp_path / "small") as small:
        small.execute("PRAGMA max_page_count = 2")
        small.execute("CREATE TABLE t (x)")
        with pytest.raises(sqlite3.OperationalError) as full:
            small.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert faults.fault_of(raised(OperationalError, full.value)) is faults.FULL


@pytest.mark.parametrize(("free", "fault"), [(0, faults.FULL), (10**9, faults.AWAY)])
def test_an_i_o_error_of_sqlite_on_a_full_disk_is_the_full_disk_s(free, fault, monkeypatch):
    monkeypatch.setattr(faults.shutil, "disk_usage", lambda path: Mock(free=free))
    error = sqlite_error(sqlite3.SQLITE_IOERR_SHMSIZE)
    assert faults.fault_of(raised(OperationalError, error)) is fault


def test_a_fault_of_the_program_stays_one():
    assert faults.fault_of(ValueError()) is None
    assert faults.fault_of(raised(InternalError, psycopg.errors.InFailedSqlTransaction())) is None
    assert faults.fault_of(raised(ProgrammingError, psycopg.errors.SyntaxError())) is None


# --- In time ---------------------------------------------------------------------------------
def test_the_limits_of_every_process():
    found = time_limits.of_any_process(URL_SETTINGS)
    assert found["OPTIONS"]["connect_timeout"] == 9  # what the URL says stays
    assert found["OPTIONS"]["tcp_user_timeout"] > 0
    assert "options" not in found["OPTIONS"]  # no limit of statements: backups and migrations take long
    assert time_limits.of_any_process({"ENGINE": "django.db.backends.sqlite3"}) == {
        "ENGINE": "django.db.backends.sqlite3"
    }


@pytest.fixture
def as_web_process(monkeypatch):
    """Connections made from here on are limited as those of a web process are."""
    before = dict(connections.settings["default"]["OPTIONS"])
    connection.close()
    # A test before may have made a web process of this one.
    connections.settings["default"]["OPTIONS"].pop("options", None)
    monkeypatch.setattr("django.conf.settings.STATEMENT_SECONDS", 1)
    time_limits.of_web_process()
    yield
    connection.close()
    connections.settings["default"]["OPTIONS"].clear()
    connections.settings["default"]["OPTIONS"].update(before)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_is_stopped_in_web_processes_only(as_web_process):
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("1s",)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("10s",)
        with pytest.raises(OperationalError) as stopped:
            cursor.execute("SELECT pg_sleep(30)")
    assert faults.fault_of(stopped.value) is faults.SLOW


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_server_that_does_not_keep_its_limit_is_given_up(as_web_process):
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        connection.patience = 0.5
        with pytest.raises(OperationalError, match="no answer within"):
            cursor.execute("SELECT pg_sleep(2)")
    connection.close_if_unusable_or_obsolete()
    assert connection.connection is None or not connection.connection.closed
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")  # by a new connection


@pytest.fixture
def web(processes, installation):
    """web(variable=value, ...) -> the address of a web process with this environment."""

    def start(**environment):
        port = free_port()
        processes(["inspector.webserver"], installation | {"PORT": str(port)} | environment)
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        return f"http://localhost:{port}"

    return start


def answer(address, data=None, **headers):
    request = urllib.request.Request(address, data, headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_a_database_that_takes_connections_and_never_answers(web):
    with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
        url = f"postgres://inspector@127.0.0.1:{silent.getsockname()[1]}/inspector"
        site = web(DATABASE_URL=url, SECRET_KEY="x" * 60)
        session = {"Cookie": f"sessionid={'a' * 32}"}
        assert answer(f"{site}/healthz", **session) == (200, '{"status": "up"}')
        status, page = answer(f"{site}/history/", **session)
        assert (status, "cannot be reached" in page) == (503, True)
        status, text = answer(f"{site}/readyz", **session)
        states = {check["name"]: check["state"] for check in json.loads(text)["checks"]}
        assert (status, states["database"], states["storage"]) == (503, "down", "ok")


def test_a_temporary_folder_that_is_gone(web, tmp_path):
    folder = tmp_path / "temporary"
    folder.mkdir()
    site = web(TMPDIR=str(folder))
    status, _ = answer(f"{site}/api/token/", b"x" * 2_000_000)
    assert status < 500
    folder.rmdir()
    status, text = answer(f"{site}/api/token/", b"x" * 2_000_000)
    assert (status, json.loads(text)["error"]["code"]) == (503, "unavailable")
    assert "temporary folder" in text
    # The next one finds another folder.
    assert answer(f"{site}/api/token/", b"x" * 2_000_000)[0] < 500


# --- Without the slash -----------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_what_is_sent_to_the_api_without_the_slash_is_not_redirected(api_of, method):
    answer = getattr(api_of(Role.ADMIN), method)("/api/inspections", {"category": "nut"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "/api/inspections/" in answer.json()["error"]["message"]
    assert "/api/docs/" in getattr(api_of(Role.ADMIN), method)("/api/no-such").json()["error"]["message"]


@pytest.mark.django_db
def test_what_is_read_is_redirected_as_before(client_of):
    assert client_of(Role.ADMIN).get("/api/inspections")["Location"] == "/api/inspections/"
    assert Client().post("/sign-in", {})["Location"] == "/sign-in/"
