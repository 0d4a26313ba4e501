"""Numbers are bounded on both sides, text that cannot be stored is refused, and a fault says what is away."""

import io
import logging
from contextlib import contextmanager

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from inspector.core.numbers import BIGGEST, whole, wholes
from inspector.core.roles import Role
from inspector.wsgi import application
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory
from tests.photos import upload


@pytest.mark.parametrize("text", ["-1", "1.5", "1e9", "", " 1", "1\n", "٣", "9" * 19, "9" * 5000, None, "\0"])
def test_no_whole_number(text):
    assert whole(text) is None


def test_whole_numbers():
    assert whole("0") == 0
    assert whole(str(BIGGEST)) == BIGGEST
    assert wholes(["2", "", "x", str(BIGGEST + 1), "7"]) == [2, 7]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "batch", ["-1e9999999", "-1e99999", "1e5", "-1", "0", "9" * 20, "9" * 5000, "x", "NaN"]
)
def test_a_batch_that_cannot_be(api_of, batch):
    response = api_of(Role.INSPECTOR).get("/api/inspections/", {"batch": batch})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == ["batch"]


@pytest.mark.django_db
def test_a_batch(api_of):
    wanted = InspectionFactory.create()
    InspectionFactory.create()
    found = api_of(Role.INSPECTOR).get("/api/inspections/", {"batch": wanted.batch.pk}).json()["results"]
    assert [row["id"] for row in found] == [wanted.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cursor", ["cD1hYmM=", "cD0tMQ==", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "cD0lMDA=", "x"]
)
@pytest.mark.parametrize("rows", ["inspections", "runs", "versions"])
def test_a_cursor_of_nobody(api_of, rows, cursor):
    response = api_of(Role.INSPECTOR).get(f"/api/{rows}/", {"cursor": cursor})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize("since", ["-62135596800", "-1", "nan", "inf", "1e308", "253402300800", "x", ""])
def test_rows_since_before_there_were_any(client_of, since):
    batch = InspectionFactory.create().batch
    assert client_of().get(f"/inspect/batches/{batch.pk}/rows/", {"since": since}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["abc", "9" * 19, "9" * 5000, "-1"])
@pytest.mark.parametrize(
    "page",
    [
        "categories/category/{}/add-photos/",
        "registry/modelversion/{}/promote/",
        "training/trainingrun/{}/change/",
    ],
)
def test_no_row_of_the_panel(client_of, page, key):
    assert client_of(Role.ADMIN).get("/admin/" + page.format(key)).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("ticked", [["abc"], ["9" * 19], ["abc", "{}"]])
def test_ticked_rows_that_are_none(client_of, ticked):
    category = CategoryFactory.create()
    sent = {"action": "retrain_selected", "_selected_action": [key.format(category.pk) for key in ticked]}
    response = client_of(Role.ADMIN).post("/admin/categories/category/", sent)
    wanted = f"ids={category.pk}" if "{}" in ticked else "/admin/categories/category/"
    assert response.status_code == 302 and response["Location"].endswith(wanted)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/history/?verdict=%00", 400),
        ("/admin/inspections/inspection/?verdict__exact=%00", 400),
        ("/admin/categories/sample/?label=%00", 400),
        ("/account/tokens/%00/revoke/", 404),
        ("/api/categories/%00/", 404),
        ("/api/runs/?category=%00", 400),
    ],
)
def test_nul_characters(client_of, address, status):
    response = client_of(Role.ADMIN).get(address)
    assert response.status_code == status
    assert ("application/json" in response["Content-Type"]) == address.startswith("/api/")


@pytest.mark.django_db
def test_nul_characters_in_forms_and_cookies(client_of):
    browser = client_of(Role.ADMIN)
    assert browser.post("/new-category/", {"name": "a\0b"}).status_code == 400
    assert browser.get("/", headers={"Cookie": 'sessionid="\\000"'}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900, b'{"note": "\\u0000"}', b'{"note": "\\ud800"}'],
    ids=["deep", "rather deep", "NUL", "half"],
)
def test_json_that_is_no_request(api_of, body):
    CategoryFactory.create(slug="nut")
    for address in ("/api/token/", "/api/categories/nut/retrain/"):
        response = api_of(Role.ADMIN).post(address, body, content_type="application/json")
        assert (response.status_code, list(response.json())) == (400, ["error"])


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["rot13", "undefined", "idna", "x", '"zlib"', "utf-8"])
def test_any_charset(charset):
    """Django reads the query by it before there is a request."""
    environ = RequestFactory().generic("GET", "/sign-in/", QUERY_STRING="next=%41").environ
    environ["CONTENT_TYPE"] = f"text/plain; charset={charset}"
    told = []
    list(application(environ, lambda status, headers: told.append(status)))
    assert told == ["200 OK"]


@pytest.mark.django_db
def test_a_page_without_a_place():
    headers = {"HX-Request": "true", "HX-Current-URL": "http://["}
    response = Client().get("/sign-in/", headers=headers)
    assert response["HX-Redirect"] == "/sign-in/?next=%2F"


@pytest.mark.django_db
@pytest.mark.parametrize(("method", "status"), [("get", 404), ("post", 404)])
@pytest.mark.parametrize("address", ["/api/", "/api/nowhere/", "/api/runs/x/"])
def test_nothing_at_an_address_of_the_api(method, status, address):
    response = getattr(Client(), method)(address)
    assert (response.status_code, response.json()["error"]["code"]) == (status, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/api/docs/", "/api/schema/", "/api/runs/", "/api/inspections/1/images/preview/"]
)
def test_other_methods_of_the_api_are_refused_as_json(client_of, address):
    response = client_of(Role.ADMIN).put(address)
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")


# --- What is away ----------------------------------------------------------------------------
@contextmanager
def no_database():
    def refuse(*args):
        raise OperationalError("connection refused by 10.0.0.7")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/history/", "/admin/", "/api/runs/", "/api/categories/"])
def test_no_database(client_of, address):
    browser = client_of(Role.ADMIN)
    browser.raise_request_exception = False
    with no_database():
        response = browser.get(address)
        alive = browser.get("/healthz").status_code
    assert (response.status_code, response["Retry-After"], alive) == (503, "10", 200)
    said = response.json()["error"]["message"] if address.startswith("/api/") else response.content.decode()
    assert "The database or the storage cannot be reached" in said and "10.0.0.7" not in said


@pytest.mark.django_db
def test_no_temporary_folder(client_of, monkeypatch):
    def away(*args, **kwargs):
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", away)
    browser = client_of()
    browser.raise_request_exception = False
    for address in ("/inspect/", "/api/inspections/"):
        response = browser.post(
            address, {"category": BatchFactory.create().category.slug, "images": upload(b"x" * 2_000_000)}
        )
        assert response.status_code == 503


@pytest.mark.django_db
def test_a_fault_of_the_program_is_told_without_a_trace(client_of, monkeypatch):
    browser = client_of()
    browser.raise_request_exception = False
    monkeypatch.setattr("inspector.site.category_api.categories_overview", lambda **_: 1 / 0)
    response = browser.get("/api/categories/")
    assert (response.status_code, response.json()["error"]["code"]) == (500, "failed")
    assert "division" not in response.content.decode()


def test_the_log_has_a_line_for_what_is_away():
    from inspector.core.error_pages import WithoutTrace

    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(WithoutTrace())
    log = logging.Logger("test")
    log.addHandler(handler)
    try:
        raise OperationalError("no disk")
    except OperationalError:
        log.exception("Failed: %s", "/history/")
    assert out.getvalue() == "Failed: /history/: OperationalError('no disk')\n"
