"""Requests that Django refuses before a view sees them are answered like any other refusal."""

import pytest
from django.test import Client

from inspector.core.roles import Role
from tests.photos import upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(person) -> Client:
    client = Client(enforce_csrf_checks=True)  # the first to read a request's body
    client.cookies["csrftoken"] = "a" * 32
    client.force_login(person(Role.INSPECTOR))
    return client


def test_more_files_than_the_limit(browser, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    sent = {"category": "nut", "images": [upload(), upload(), upload()]}
    response = browser.post("/inspect/", sent)
    assert response.status_code == 400
    assert "at most 2 files at once" in response.content.decode()


def test_a_fragment_was_asked_for(browser, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    response = browser.post("/inspect/", {"category": "nut" * 10}, headers={"HX-Request": "true"})
    assert response.status_code == 413
    assert "fields" in response.content.decode() and "<html" not in response.content.decode()


def test_a_body_that_is_no_form(browser):
    response = browser.post("/inspect/", b"garbage", content_type="multipart/form-data")
    assert response.status_code == 400
    assert "cannot be understood" in response.content.decode()


def test_a_host_of_another_name(browser):
    response = browser.get("/inspect/", headers={"Host": "elsewhere.example"})
    assert response.status_code == 400
