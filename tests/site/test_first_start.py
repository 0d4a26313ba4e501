"""`manage.py setup`: accounts that work, demo categories once, harmless to repeat."""

import functools
import json
import socket
import stat

import pytest
from django.core.management import CommandError, call_command

from detection import demo
from inspector.accounts.models import User
from inspector.accounts.selectors import role_of
from inspector.categories.models import Category
from inspector.celery import app
from inspector.core.health.reporting import words_of
from inspector.core.roles import Role
from inspector.site import first_start
from inspector.training.models import TrainingRun
from tests.factories import CategoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.PORT = 0
    return tmp_path


@pytest.fixture
def small_demo(monkeypatch):
    make = functools.partial(demo.make, train=2, test_good=1, per_defect=1, size=64)
    monkeypatch.setattr(first_start.demo, "make", make)


def test_each_role_gets_an_account_that_can_sign_in(var, capsys):
    call_command("setup", "--no-demo")
    accounts = json.loads((var / "accounts.json").read_text())
    assert set(accounts) == {role.value for role in Role}
    printed = capsys.readouterr().out
    for role, account in accounts.items():
        assert account["password"] in printed
        user = User.objects.get(username=account["username"])
        assert user.check_password(account["password"])
        assert role_of(user) == role


def test_the_passwords_are_readable_by_the_owner_only(var):
    call_command("setup", "--no-demo")
    assert stat.S_IMODE((var / "accounts.json").stat().st_mode) == 0o600


def test_a_second_start_changes_and_prints_no_password(var, capsys):
    call_command("setup", "--no-demo")
    before = (var / "accounts.json").read_text()
    capsys.readouterr()
    call_command("setup", "--no-demo")
    assert (var / "accounts.json").read_text() == before
    assert "First accounts" not in capsys.readouterr().out


def test_demo_categories_are_there_at_once_and_filled_by_the_worker(small_demo, nudges):
    call_command("setup")
    assert set(Category.objects.values_list("slug", flat=True)) == {part.slug for part in demo.CATEGORIES}
    assert (first_start.DEMO_TASK, ()) in nudges
    first_start.make_demo()
    for category in Category.objects.all():
        assert category.samples.filter(split="train").count() == 2
        assert category.runs.get().promote_when_done


def test_a_demo_that_was_cut_off_is_completed_and_then_left_alone(small_demo, nudges):
    call_command("setup")
    call_command("setup")
    assert nudges.count((first_start.DEMO_TASK, ())) == 2
    first_start.make_demo()
    nudges.clear()
    TrainingRun.objects.all().delete()
    call_command("setup")
    assert nudges == []


@pytest.mark.parametrize("name", [first_start.DEMO_TASK, "inspector.dashboard.tasks.make_demo"])
def test_the_worker_knows_the_message_by_its_name_of_today_and_by_its_former_one(name, monkeypatch):
    made = []
    monkeypatch.setattr(first_start, "make_demo", lambda: made.append(True))
    app.loader.import_default_modules()
    app.tasks[name]()
    assert made == [True]
    assert words_of(name, ()) == "Making the demo parts"


def test_an_installation_with_categories_of_its_own_gets_no_demo(nudges):
    CategoryFactory.create(slug="own")
    call_command("setup")
    assert list(Category.objects.values_list("slug", flat=True)) == ["own"]


def test_a_port_in_use_is_one_sentence(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings.PORT = taken.getsockname()[1]
        settings.EMBEDDED = True
        with pytest.raises(CommandError, match=r"is in use.*make run PORT="):
            call_command("setup", "--no-demo")
