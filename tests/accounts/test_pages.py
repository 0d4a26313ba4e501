"""One's own account: role, time zone, password, API tokens."""

import pytest
from django.test import Client
from knox.models import AuthToken

from inspector.accounts.models import User
from inspector.accounts.people import create_person
from inspector.core.roles import Role
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
OLD, NEW = "correct horse battery", "staple-gun-and-tape"


@pytest.fixture
def ann():
    return create_person("ann", Role.INSPECTOR, OLD)[0]


@pytest.fixture
def browser(ann):
    browser = Client()
    browser.force_login(ann)
    return browser


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_everybody_has_one(client_of):
    """Also those without a role yet: the page says whom to ask."""
    assert answers(client_of, "/account/") == ALL | {"roleless": 200}
    roleless = Client()
    roleless.force_login(User.objects.get(username="roleless"))
    assert "Ask an admin (admin) to give you one." in body(roleless.get("/account/"))


def test_times_are_shown_in_the_chosen_zone(browser, ann):
    page = body(browser.post("/account/time-zone/", {"time_zone": "Asia/Kolkata"}, follow=True))
    assert '<option value="Asia/Kolkata" selected>' in page
    assert "IST" in page
    response = browser.post("/account/time-zone/", {"time_zone": "Moon/Tycho"})
    assert response.status_code == 400
    assert "is not a time zone" in response.content.decode()
    ann.refresh_from_db()
    assert ann.time_zone == "Asia/Kolkata"


def test_changing_the_password_ends_other_sessions(browser, ann):
    other = Client()
    other.force_login(ann)
    data = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert "Password changed" in body(browser.post("/account/password/", data, follow=True))
    assert other.get("/account/").status_code == 302
    assert User.objects.get(username="ann").check_password(NEW)


@pytest.mark.parametrize(
    "change",
    [{"old_password": "wrong"}, {"new_password2": "other"}, {"new_password1": "1", "new_password2": "1"}],
)
def test_a_password_that_will_not_do(browser, change):
    data = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW} | change
    response = browser.post("/account/password/", data)
    assert response.status_code == 400
    assert NEW not in response.content.decode()
    assert User.objects.get(username="ann").check_password(OLD)


def test_a_token_is_shown_once_works_and_is_revoked(browser):
    response = browser.post("/account/tokens/", {"name": "Camera 3", "days": "30"})
    token = response.context["token"]
    assert token in body(response)
    assert "no-store" in response["Cache-Control"]
    page = body(browser.get("/account/"))
    assert token not in page
    (row,) = AuthToken.objects.all()
    assert row.token_key[:8] in page and "Camera 3" in page
    headers = {"Authorization": f"Token {token}"}
    assert Client().get("/api/categories/", headers=headers).status_code == 200
    browser.post(f"/account/tokens/{row.token_key}/revoke/")
    assert Client().get("/api/categories/", headers=headers).status_code == 401


def test_nobody_revokes_the_token_of_another(browser, person):
    row, _ = AuthToken.objects.create(person(Role.ADMIN))
    assert browser.post(f"/account/tokens/{row.token_key}/revoke/").status_code == 404
    assert AuthToken.objects.count() == 1
