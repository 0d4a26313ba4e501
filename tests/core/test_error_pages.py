"""Pages for what went wrong: they say what to do, and none of them goes wrong itself."""

import pytest
from django.http import HttpResponseServerError
from django.test import Client
from django.views.defaults import server_error

from inspector.accounts.models import User


def test_500_needs_neither_database_nor_person(rf):
    response = server_error(rf.get("/"))
    assert isinstance(response, HttpResponseServerError)
    assert "Something went wrong on our side" in response.content.decode()


@pytest.mark.django_db
def test_403_says_who_can_help():
    browser = Client()
    browser.force_login(User.objects.create(username="new"))
    response = browser.get("/history/")
    assert response.status_code == 403
    assert "ask an admin" in response.content.decode()


@pytest.mark.django_db
def test_a_form_from_before_signing_in_says_reload():
    response = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "x", "password": "y"})
    assert response.status_code == 403
    assert "reload the page" in response.content.decode()


@pytest.mark.django_db
def test_htmx_finds_the_part_to_show_at_the_top_of_the_page(client_of):
    response = client_of("Inspector").get("/inspections/7/", HTTP_HX_REQUEST="true")
    assert response.status_code == 404
    assert "data-problem" in response.content.decode()
