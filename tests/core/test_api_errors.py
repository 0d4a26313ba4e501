"""Every request, however malformed, is answered in words that people can read."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework import exceptions
from rest_framework.test import APIClient

from inspector.core.api_errors import exception_handler
from inspector.core.roles import Role
from tests.factories import CategoryFactory, ModelVersionFactory, UserFactory

REPR = ("ErrorDetail", "['", "{'", "Traceback", "<class", "None")
ODD = [[1], {"a": [{"b": "c"}]}, "x", 10**30, -1, None, "\0", [["x"]]]


@pytest.fixture
def api(api_of):
    ModelVersionFactory.create(category=CategoryFactory.create(slug="nut"))
    return api_of(Role.ADMIN)


def told(response):
    assert response.status_code < 500, response.content
    if response.status_code < 400:
        return {}
    error = response.json()["error"]
    said = " ".join([error["code"], error["message"], *map(" ".join, error.get("fields", {}).values())])
    assert not any(word in said for word in REPR), said
    return error


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/api/categories/nut/retrain/", ("method", "options", "epochs", "minutes", "promote", "note")),
        ("/api/token/", ("username", "password")),
    ],
)
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_json_of_any_shape(api, address, names, value):
    told(api.post(address, value, format="json"))
    told(api.post(address, dict.fromkeys(names, value), format="json"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent",
    [
        {"category": "nut", "images": ["words", "more words"]},
        {"category": "nut", "images": ["words", SimpleUploadedFile("a.png", b"x")]},
        {"category": "nut", "images": [SimpleUploadedFile("a.png", b"x")], "batch": ["1", "x"]},
        {"category": ["a", "b"], "images": "x"},
        {"images[0]": "x", "category[a]": "y"},
        {},
    ],
    ids=str,
)
def test_forms_of_any_shape(api, sent):
    assert told(api.post("/api/inspections/", sent))["fields"]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["inspections", "runs", "versions", "categories"])
@pytest.mark.parametrize(
    "query",
    ["since=x&until=[]", "verdict=x", "state=x", "cursor=x", "page_size=x", "category=%00", "category=a%FF"],
)
def test_questions_of_any_shape(api, address, query):
    told(api.get(f"/api/{address}/?{query}"))


def test_errors_within_errors_say_what_they_are_about():
    detail = {"images": {0: ["Bad."], 2: ["Worse."]}, "options": {"size": ["Odd.", "Small."]}}
    error = exception_handler(exceptions.ValidationError(detail), {}).data["error"]
    assert error["fields"] == {
        "images": ["no. 1: Bad.", "no. 3: Worse."],
        "options": ["size: Odd.", "size: Small."],
    }
    listed = exception_handler(exceptions.ValidationError(["Bad."]), {}).data["error"]
    assert listed == {"code": "invalid", "message": "Bad."}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["json", "multipart"])
def test_a_field_that_nobody_reads_was_meant_as_something(api, kind):
    error = told(api.post("/api/categories/nut/retrain/", {"metod": "padim"}, format=kind))
    assert error["fields"]["metod"] == [
        "There is no such field. The fields are: method, options, fast, joins."
    ]


@pytest.mark.django_db
def test_of_a_name_that_is_there_twice_neither_value_is_taken(api):
    twice = '{"method": "padim", "method": "unet"}'
    error = told(api.post("/api/categories/nut/retrain/", twice, content_type="application/json"))
    assert "“method” is given twice" in error["message"]


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["get", "head", "options"])
def test_who_has_no_role_learns_nothing_by_any_verb(verb):
    stranger = APIClient()
    stranger.force_authenticate(UserFactory.create())
    version = ModelVersionFactory.create()
    for address in ("versions/", f"versions/{version.pk}/", "inspections/", "runs/"):
        assert getattr(stranger, verb)(f"/api/{address}").status_code == 403


@pytest.mark.django_db
def test_a_filter_that_there_is_not_does_not_leave_all_rows(api):
    error = told(api.get("/api/versions/", {"catgory": "nut"}))
    assert error["fields"]["catgory"] == ["There is no such filter. The filters are: category, standing."]
    told(api.get("/api/versions/", {"category": "nut", "page_size": 1, "format": "json"}))
