"""API tokens: how they are had, what they are called, and when they end."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from inspector.accounts.models import ApiToken, TokenNotes, User
from inspector.accounts.people import create_person, set_active
from inspector.accounts.tasks import sweep
from inspector.accounts.tokens import create_token, forget_expired
from inspector.core.errors import Refused
from inspector.core.models import Event
from inspector.core.roles import Role

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "correct horse battery", "staple-gun-and-tape"


@pytest.fixture(autouse=True)
def ann():
    cache.clear()
    return create_person("ann", Role.INSPECTOR, PASSWORD)[0]


def ask(password=PASSWORD, username="ann", **headers):
    return APIClient(**headers).post("/api/token/", {"username": username, "password": password})


def test_a_name_and_a_password_give_a_token_that_works_until_it_is_revoked():
    answer = ask()
    assert answer.status_code == 200
    assert answer.json()["expiry"]
    api = APIClient(HTTP_AUTHORIZATION=f"Token {answer.json()['token']}")
    assert api.get("/api/categories/").status_code == 200
    assert api.delete("/api/token/").status_code == 204
    assert api.get("/api/categories/").status_code == 401


def test_a_wrong_password_an_unknown_name_and_an_inactive_account_are_told_alike(ann):
    answers = [ask("wrong"), ask(username="nobody")]
    set_active(ann, False, by=None)
    answers.append(ask())
    assert [answer.status_code for answer in answers] == [401] * 3
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["error"]["code"] == "wrong_credentials"


@pytest.mark.parametrize(
    "change", [lambda ann: set_active(ann, False, by=None), lambda ann: (ann.set_password(NEW), ann.save())]
)
def test_no_token_outlives_what_was_changed_while_it_was_asked_for(ann, change):
    """The password was right a moment before."""
    signed_in = User.objects.get(pk=ann.pk)
    change(ann)
    with pytest.raises(Refused) as refused:
        create_token(signed_in)
    assert refused.value.code == "account_changed" and not AuthToken.objects.exists()


def test_a_stale_token_does_not_stand_in_the_way_of_a_new_one():
    assert ask(HTTP_AUTHORIZATION="Token gone").status_code == 200


@pytest.mark.parametrize("body", [{}, {"username": "ann"}, [], "text"])
def test_half_a_request_is_told_what_is_missing(body):
    answer = APIClient().post("/api/token/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_without_a_token_there_is_none_to_revoke():
    assert APIClient().delete("/api/token/").status_code == 401


def test_requests_for_tokens_are_slowed_down_by_address(monkeypatch):
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"token": "2/min"})
    codes = [ask("guess", username=f"name{n}").status_code for n in range(3)]
    assert codes == [401, 401, 429]


def token_of(user, **kwargs):
    return APIClient(HTTP_AUTHORIZATION=f"Token {create_token(user, **kwargs)[1]}")


def opens(api):
    return api.get("/api/categories/").status_code == 200


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def change_on_the_site(user, monkeypatch):
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert browser_of(user).post("/account/password/", form).status_code == 302


def set_in_the_panel(user, monkeypatch):
    admin = browser_of(create_person("boss", Role.ADMIN)[0])
    form = {"password1": NEW, "password2": NEW, "reason": "Forgotten"}
    assert admin.post(f"/admin/accounts/user/{user.pk}/password/", form).status_code == 302


def set_by_command(user, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt="": NEW)
    call_command("changepassword", user.username, stdout=StringIO())


def take_away(user, monkeypatch):
    user.set_unusable_password()
    user.save()


@pytest.mark.parametrize("door", [change_on_the_site, set_in_the_panel, set_by_command, take_away])
def test_tokens_and_sessions_end_with_the_password(ann, monkeypatch, door):
    api, browser = token_of(ann), browser_of(ann)
    assert opens(api)
    door(ann, monkeypatch)
    assert not opens(api)
    assert browser.get("/account/").status_code == 302
    event = Event.objects.get(kind="token.ended")
    assert (event.subject_name, event.detail) == ("ann", {"tokens": 1, "because": "the password was changed"})


def in_the_panel(user):
    admin = browser_of(create_person("boss", Role.ADMIN)[0])
    form = {"username": user.username, "role": "Inspector", "first_name": "", "last_name": "", "email": ""}
    admin.post(
        f"/admin/accounts/user/{user.pk}/change/",
        form | {"time_zone": "", "confirmed": "1", "reason": "Left"},
    )


def by_the_verb(user):
    set_active(user, False, by=None)


def by_hand(user):
    user.is_active = False
    user.save()


@pytest.mark.parametrize("door", [in_the_panel, by_the_verb, by_hand])
def test_who_is_active_again_gets_neither_tokens_nor_sessions_back(ann, door):
    api, browser = token_of(ann), browser_of(ann)
    assert browser.get("/account/").status_code == 200
    door(ann)
    ann.refresh_from_db()
    assert not ann.is_active
    assert (opens(api), browser.get("/account/").status_code) == (False, 302)
    set_active(ann, True, by=None)
    assert (opens(api), browser.get("/account/").status_code) == (False, 302)
    assert browser_of(User.objects.get(pk=ann.pk)).get("/account/").status_code == 200


def test_changing_other_things_and_renewing_a_hash_end_nothing(ann, settings):
    api, browser = token_of(ann), browser_of(ann)
    ann.first_name = "Ann"
    ann.save()
    assert browser.get("/account/").status_code == 200
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    assert ann.check_password(PASSWORD)
    assert ann.password.startswith("scrypt")
    assert opens(api)


def test_a_token_ends_when_it_was_said_to(ann):
    api = token_of(ann, days=7)
    assert opens(api)
    ApiToken.objects.update(expiry=timezone.now())
    assert not opens(api)
    assert "Expired" in browser_of(ann).get("/account/").content.decode()
    assert forget_expired() == 0
    ApiToken.objects.update(expiry=timezone.now() - timedelta(days=31))
    assert forget_expired() == 1


def test_tokens_without_an_end_are_for_admins_unless_the_installation_says_otherwise(ann, settings):
    sent = {"username": "ann", "password": PASSWORD, "days": None}
    refused = APIClient().post("/api/token/", sent, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "never_is_for_admins")
    assert browser_of(ann).post("/account/tokens/", {"name": "x", "days": ""}).status_code == 400
    settings.ENDLESS_TOKENS = True
    assert APIClient().post("/api/token/", sent, format="json").json()["expiry"] is None
    boss = create_person("boss", Role.ADMIN)[0]
    settings.ENDLESS_TOKENS = False
    assert "Never" in browser_of(boss).post("/account/tokens/", {"name": "x", "days": ""}).content.decode()


@pytest.mark.parametrize("days", [0, 366, "x"])
def test_a_token_for_no_such_time_is_refused(days):
    sent = {"username": "ann", "password": PASSWORD, "days": days}
    assert APIClient().post("/api/token/", sent, format="json").status_code == 400


def test_last_use_is_shown_and_written_once_a_minute(ann):
    api = token_of(ann, name="Camera 3")
    page = browser_of(ann).get("/account/").content.decode()
    assert "Camera 3" in page
    assert opens(api)
    first = TokenNotes.objects.get().last_used
    assert opens(api)
    assert TokenNotes.objects.get().last_used == first
    TokenNotes.objects.update(last_used=first - timedelta(minutes=2))
    assert opens(api)
    assert TokenNotes.objects.get().last_used >= first
    boss = browser_of(create_person("boss", Role.ADMIN)[0])
    assert "Camera 3" in boss.get("/admin/accounts/apitoken/").content.decode()


def test_a_token_of_before_there_were_names_works(ann):
    _, token = AuthToken.objects.create(ann, expiry=None)
    assert opens(APIClient(HTTP_AUTHORIZATION=f"Token {token}"))
    assert TokenNotes.objects.get().last_used


def test_the_hourly_sweep_removes_sessions_that_have_ended(ann):
    browser_of(ann)
    ended = Session.objects.create(session_key="x", session_data="", expire_date=timezone.now())
    sweep()
    assert Session.objects.count() == 1
    assert not Session.objects.filter(pk=ended.pk).exists()
