import pytest
from django.core.cache import cache
from rest_framework.test import APIClient
from rest_framework.throttling import ScopedRateThrottle

from inspector.accounts.people import create_person, set_active
from inspector.core.roles import Role

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def ann():
    cache.clear()
    return create_person("ann", Role.INSPECTOR, PASSWORD)[0]


def ask(password=PASSWORD, username="ann", **headers):
    return APIClient(**headers).post("/api/token/", {"username": username, "password": password})


def test_a_name_and_a_password_give_a_token_that_works_until_it_is_revoked():
    answer = ask()
    assert answer.status_code == 200
    assert answer.json()["expiry"] is None
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


def test_a_stale_token_does_not_stand_in_the_way_of_a_new_one():
    assert ask(HTTP_AUTHORIZATION="Token gone").status_code == 200


@pytest.mark.parametrize("body", [{}, {"username": "ann"}, [], "text"])
def test_half_a_request_is_told_what_is_missing(body):
    answer = APIClient().post("/api/token/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]


def test_without_a_token_there_is_none_to_revoke():
    assert APIClient().delete("/api/token/").status_code == 401


def test_guessing_is_slowed_down_from_one_place_and_for_one_name(monkeypatch):
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"token": "2/min"})
    codes = [ask("guess", REMOTE_ADDR=f"10.0.0.{n}").status_code for n in range(3)]
    assert codes == [401, 401, 429]
    cache.clear()
    codes = [ask("guess", username=f"name{n}").status_code for n in range(3)]
    assert codes == [401, 401, 429]
