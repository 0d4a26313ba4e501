"""Signing in and out."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from inspector.accounts.models import User
from inspector.accounts.people import create_person
from tests.factories import InspectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> dict[str, str]:
    user, password = create_person("rossi", "Inspector")
    return {"username": user.username, "password": password}


def test_signing_in_leads_to_the_page_that_was_asked_for(client, account):
    asked = client.get("/history/")
    assert asked["Location"] == "/sign-in/?next=/history/"
    response = client.post("/sign-in/?next=/history/", account | {"next": "/history/"})
    assert response["Location"] == "/history/"
    assert client.get("/sign-in/")["Location"] == "/"
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/history/").status_code == 302


def test_a_wrong_password_is_said_and_the_name_stays(client, account):
    response = client.post("/sign-in/", account | {"password": "wrong"})
    page = response.content.decode()
    assert "Wrong username or password" in page
    assert 'value="rossi"' in page


def test_the_panel_has_no_sign_in_of_its_own(client, client_of):
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0] == "/sign-in/?next=/admin/"
    refused = client_of("Inspector").get("/admin/", follow=True)
    assert refused.status_code == 403
    assert "Your role does not allow this" in refused.content.decode()
    assert client_of("Admin").get("/admin/").status_code == 200


def test_nobody_is_sent_to_another_site(client, account):
    response = client.post("/sign-in/", account | {"next": "https://elsewhere.example/"})
    assert response["Location"] == "/"


def test_a_fragment_asked_for_after_the_session_ended_moves_the_whole_page(client):
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/history/?verdict=OK"}
    response = client.get("/history/", follow=True, **headers)
    assert response["HX-Redirect"] == "/sign-in/?next=%2Fhistory%2F%3Fverdict%3DOK"


def test_a_page_left_open_learns_who_is_signed_in_and_a_fresh_token(account):
    browser = Client(enforce_csrf_checks=True)
    nobody = browser.get("/session/")
    assert (nobody.json()["person"], nobody.json()["name"]) == ("", "")
    assert "no-store" in nobody["Cache-Control"]
    stale = nobody.json()["token"]
    answer = browser.post("/sign-in/", account, headers={"X-CSRFToken": stale})
    assert answer.status_code == 302
    refused = browser.post("/sign-out/", headers={"X-CSRFToken": stale, "HX-Request": "true"})
    assert refused.status_code == 403
    assert 'data-code="csrf"' in refused.content.decode()
    assert "reload the page" in browser.post("/sign-out/").content.decode()
    somebody = browser.get("/session/").json()
    assert somebody["name"] == "rossi"
    assert somebody["person"] == str(User.objects.get(username="rossi").pk)
    signed_out = browser.post("/sign-out/", headers={"X-CSRFToken": somebody["token"]})
    assert signed_out.status_code == 302


def test_times_are_in_the_zone_of_the_account_or_else_of_the_browser(client_of, person):
    created = datetime(2025, 1, 1, 23, 30, tzinfo=UTC)
    address = InspectionFactory.create(created=created).get_absolute_url()
    browser = client_of("Inspector")
    for zone, shown in (("Asia/Tokyo", "2 Jan 2025 08:30"), ("../../etc/passwd", "1 Jan 2025 23:30")):
        browser.cookies["time_zone"] = zone
        assert shown in browser.get(address).content.decode()
    User.objects.update(time_zone="America/New_York")
    assert "1 Jan 2025 18:30" in browser.get(address).content.decode()
