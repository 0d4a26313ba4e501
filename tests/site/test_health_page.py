"""The page that says how the installation is."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from inspector.core.health import runner
from inspector.core.health.checks import Check, Finding
from inspector.core.models import Process
from tests.role_table import ADMIN_ONLY, answers

pytestmark = pytest.mark.django_db
HERE = "/health/"


@pytest.fixture(autouse=True)
def found(monkeypatch):
    ill = Finding("The broker is away.", ill=True, remedy="Start it.", see="photos-stay-at-waiting")
    checks = [
        Check("storage", "Storage", lambda: Finding("Fine."), vital=True),
        Check("broker", "Broker", lambda: ill),
    ]
    monkeypatch.setattr(runner, "registered", lambda: checks)
    runner.runner.forget()
    yield checks
    runner.runner.forget()


def body(browser):
    return " ".join(browser.get(HERE).content.decode().split())


def test_who_sees_it(client_of):
    assert answers(client_of, HERE) == ADMIN_ONLY
    assert 'href="/health/"' in client_of("Admin").get("/admin/").content.decode()


def test_what_is_ill_comes_first_with_what_to_do(client_of, settings):
    page = body(client_of("Admin"))
    assert page.index("The broker is away.") < page.index("Fine.")
    assert "Start it." in page and "Needs attention" in page
    assert "1 of 2 checks found something wrong. Photos are accepted and kept." in page
    assert "docs/when-something-is-wrong.md#photos-stay-at-waiting" in page
    settings.DOCS_URL = "https://docs.example/inspector/"
    address = 'href="https://docs.example/inspector/when-something-is-wrong.md#photos-stay-at-waiting"'
    assert address in body(client_of("Admin"))


def test_what_keeps_photos_out_is_told_apart(client_of, found):
    found[0] = Check("storage", "Storage", lambda: Finding("Full.", ill=True), vital=True)
    assert "No photos can be accepted." in body(client_of("Admin"))
    found[:] = [Check("storage", "Storage", lambda: Finding("Fine."))]
    runner.runner.forget()
    assert "Everything is in order." in body(client_of("Admin"))


def test_its_processes(client_of, django_assert_max_num_queries):
    for number, (ago, doing) in enumerate([(0, "Training, run 7"), (0, ""), (90, ""), (90, "")]):
        moment = Now() - timedelta(seconds=ago)
        values = {
            "name": f"worker{number}@line",
            "pid": 1,
            "doing": doing,
            "stopped": moment if number == 3 else None,
        }
        Process.objects.create(**values, doing_since=moment, seen=moment, started=moment)
    browser = client_of("Admin")
    with django_assert_max_num_queries(6):
        page = body(browser)
    for words in ("Training, run 7", "Running", "Not seen", "Stopped"):
        assert page.count(words) == 1
