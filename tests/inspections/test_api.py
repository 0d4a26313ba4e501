"""The API of inspections: shapes that programs rely on, and refusals that are always JSON."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from inspector.core import files
from inspector.core.jobs import State
from inspector.inspections.models import Inspection, Verdict
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import REFUSED, photo, upload

pytestmark = pytest.mark.django_db
URL = "/api/inspections/"


@pytest.fixture
def category():
    return ModelVersionFactory.create(category=CategoryFactory.create(slug="nut")).category


@pytest.fixture
def api(api_of):
    return api_of("Inspector")


def judged(**values: object) -> Inspection:
    return InspectionFactory.create(judged=True, **values)


def found(response) -> list[int]:
    assert response.status_code == 200, response.json()
    return [row["id"] for row in response.json()["results"]]


# --- Sending ---------------------------------------------------------------------------------
def test_photos_are_taken_and_bad_ones_listed(api, category):
    images = [upload(), upload(b"", "empty.png"), upload(photo(1), "b.png")]
    response = api.post(URL, {"category": "nut", "images": images})
    assert response.status_code == 202
    first, second = Inspection.objects.order_by("pk")
    body = response.json()
    assert body["batch"] == first.batch_id
    assert body["inspections"] == [
        {"id": first.pk, "state": "waiting", "filename": "part.png"},
        {"id": second.pk, "state": "waiting", "filename": "b.png"},
    ]
    (rejected,) = body["rejected"]
    assert (rejected["filename"], rejected["code"]) == ("empty.png", "empty")
    assert rejected["message"]
    assert first.batch.source == "api"


def test_a_batch_can_be_sent_in_pieces(api, category):
    batch = api.post(URL, {"category": "nut", "images": [upload()]}).json()["batch"]
    again = api.post(URL, {"category": "nut", "images": [upload()], "batch": batch})
    assert again.json()["batch"] == batch


def test_only_bad_files_is_a_400_with_the_same_list(api, category):
    images = [upload(content, name) for name, content, _ in REFUSED.values()]
    response = api.post(URL, {"category": "nut", "images": images})
    assert response.status_code == 400
    body = response.json()
    assert body["error"]["code"] == "all_rejected"
    assert (body["batch"], body["inspections"]) == (None, [])
    assert [r["code"] for r in body["rejected"]] == [code for *_, code in REFUSED.values()]


def test_a_category_without_an_active_version_is_a_409(api):
    CategoryFactory.create(slug="new")
    response = api.post(URL, {"category": "new", "images": [upload()]})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "no_active_version"


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"category": "nut"}, "images"),
        ({"images": [upload()]}, "category"),
        ({"category": "unheard-of", "images": [upload()]}, "category"),
        ({"category": "a\x00b", "images": [upload()]}, "category"),
        ({"category": "nut", "images": "words"}, "images"),
        ({"category": "nut", "images": [upload()], "batch": "first"}, "batch"),
        ({"category": "nut", "images": [upload()], "batch": -1}, "batch"),
    ],
)
def test_a_bad_request_says_which_field(api, category, sent, field):
    response = api.post(URL, sent)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "invalid" and field in error["fields"] and field in error["message"]
    assert not Inspection.objects.exists()


def test_somebody_elses_batch_is_refused(api, category):
    batch = BatchFactory.create(category=category)
    response = api.post(URL, {"category": "nut", "images": [upload()], "batch": batch.pk})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "wrong_batch")


def test_more_files_than_the_limit_and_bodies_of_no_form(api, category, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    response = api.post(URL, {"category": "nut", "images": [upload(), upload(), upload()]})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "too_many_files")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = api.post(URL, {"category": "nut" * 100, "images": [upload()]})
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_much_data")
    response = api.post(URL, {"category": "nut"}, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_media_type")
    response = api.generic("POST", URL, b"garbage", content_type="multipart/form-data")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "parse_error")


# --- Who may ---------------------------------------------------------------------------------
@pytest.mark.parametrize("address", [URL, f"{URL}1/", f"{URL}1/images/original/"])
def test_nobody_in_particular_gets_a_401(client, address):
    response = client.get(address)
    assert response.status_code == 401
    assert response.json()["error"]["code"] == "not_authenticated"


def test_a_wrong_token_is_a_401(client):
    response = client.get(URL, headers={"Authorization": "Token nonsense"})
    assert response.status_code == 401


def test_a_person_without_a_role_gets_a_403(client, person):
    someone = person()
    someone.groups.clear()
    client.force_login(someone)
    assert client.get(URL).status_code == 403


@pytest.mark.parametrize(
    ("method", "address"), [("delete", URL), ("put", f"{URL}1/"), ("get", f"{URL}1/retry/")]
)
def test_a_wrong_method_is_a_405(api, method, address):
    response = getattr(api, method)(address)
    assert (response.status_code, response.json()["error"]["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("address", [f"{URL}77/", f"{URL}{10**30}/", f"{URL}77/images/heatmap/"])
def test_what_is_not_there_is_a_404(api, address):
    response = api.get(address)
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


# --- Reading ---------------------------------------------------------------------------------
def test_a_judged_one(api):
    row = judged(created=timezone.now() - timedelta(seconds=2), finished=timezone.now())
    body = api.get(f"{URL}{row.pk}/").json()
    assert body == body | {
        "id": row.pk,
        "category": row.category.slug,
        "state": "done",
        "verdict": "ANOMALY",
        "score": 0.7,
        "threshold": 0.5,
        "version": row.version_id,
        "milliseconds": 120,
        "error": None,
    }
    assert datetime.fromisoformat(body["finished"]) > datetime.fromisoformat(body["created"])
    base = f"http://testserver{URL}{row.pk}/images"
    kinds = ("original", "reconstruction", "heatmap", "contours")
    assert body["images"] == {kind: f"{base}/{kind}/" for kind in kinds}


def test_a_waiting_and_a_failed_one(api):
    waiting = InspectionFactory.create()
    failed = InspectionFactory.create(state=State.FAILED, error_code="truncated", error_message="Cut off.")
    body = api.get(f"{URL}{waiting.pk}/").json()
    unknown = ("verdict", "score", "threshold", "version", "finished", "milliseconds", "error")
    assert [body[name] for name in unknown] == [None] * 7
    assert body["images"]["original"] and body["images"]["heatmap"] is None
    body = api.get(f"{URL}{failed.pk}/").json()
    assert body["state"] == "failed" and body["verdict"] is None
    assert body["error"] == {"code": "truncated", "message": "Cut off."}


def test_a_method_that_draws_no_reconstruction(api):
    body = api.get(f"{URL}{judged(reconstruction='').pk}/").json()
    assert body["images"]["reconstruction"] is None
    assert body["images"]["contours"]


def test_contours_are_an_svg_and_nothing_else(api):
    row = judged(contours="a/contours.svg", filename="part.png")
    files.store("a/contours.svg", b"<svg/>")
    response = api.get(f"{URL}{row.pk}/images/contours/")
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/svg+xml", "nosniff")
    assert 'filename="part contours.svg"' in response["Content-Disposition"]


def test_pictures_need_a_token_and_nothing_else(api, client):
    row = judged(original="a/original.png", heatmap="a/heatmap.png", filename="Teil Ü.png")
    files.store("a/original.png", photo())
    address = api.get(f"{URL}{row.pk}/").json()["images"]["original"]
    response = api.get(address, headers={"Accept": "image/avif,image/webp"})
    assert b"".join(response.streaming_content) == photo()
    assert response["Content-Type"] == "image/png"
    assert client.get(address).status_code == 401
    assert api.get(f"{URL}{row.pk}/images/heatmap/").status_code == 404, "no longer in storage"
    os.mkfifo(default_storage.path("a/heatmap.png"))
    assert api.get(f"{URL}{row.pk}/images/heatmap/").status_code == 404, "a pipe, on which reading would wait"
    assert api.get(f"{URL}{row.pk}/images/filename/").status_code == 404


# --- Lists -----------------------------------------------------------------------------------
def test_the_list_is_newest_first_and_in_pages(api, django_assert_max_num_queries):
    rows = InspectionFactory.create_batch(5, batch=BatchFactory.create())
    ids = [row.pk for row in rows[::-1]]
    api.get(URL)  # notes that the token is in use, which is done once a minute
    with django_assert_max_num_queries(7):
        response = api.get(URL, {"page_size": 3})
    assert found(response) == ids[:3]
    assert found(api.get(response.json()["next"])) == ids[3:]


def test_filters(api):
    ok, failed = judged(verdict=Verdict.OK), InspectionFactory.create(state=State.FAILED)
    anomaly = judged(batch=ok.batch, version=ok.version)
    assert found(api.get(URL, {"category": ok.category.slug})) == [anomaly.pk, ok.pk]
    assert found(api.get(URL, {"verdict": "ANOMALY"})) == [anomaly.pk]
    assert found(api.get(URL, {"state": "failed"})) == [failed.pk]
    assert found(api.get(URL, {"category": ok.category.slug, "verdict": "OK"})) == [ok.pk]


@pytest.mark.parametrize(
    ("query", "hours"),
    [
        ({"since": "2026-03-02T00:00:00Z"}, [48, 24]),
        ({"since": "2026-03-02"}, [48, 24]),
        ({"until": "2026-03-02"}, [24, 0]),
        ({"since": "2026-03-02", "until": "2026-03-02"}, [24]),
        ({"since": "2026-03-02T02:00:00+02:00", "until": "2026-03-02T00:00:00Z"}, [24]),
        ({"until": "2026-03-01T23:59:59.999Z"}, [0]),
    ],
)
def test_since_and_until_are_included(api, query, hours):
    made = {
        InspectionFactory.create(created=datetime(2026, 3, 1 + day, tzinfo=UTC)).pk: 24 * day
        for day in range(3)
    }
    assert [made[pk] for pk in found(api.get(URL, query))] == hours


def test_a_plus_in_an_address_means_a_space_and_is_understood(api):
    row = InspectionFactory.create(created=datetime(2026, 3, 1, tzinfo=UTC))
    assert found(api.get(f"{URL}?since=2026-03-01T02:00:00+02:00")) == [row.pk]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("since", "yesterday"),
        ("until", "2026-02-30"),
        ("until", "9999-12-31"),
        ("since", "0001-01-01T00:00:00+14:00"),
        ("verdict", "maybe"),
        ("state", "lost"),
        ("category", "unheard-of"),
        ("category", "a\x00b"),
    ],
)
def test_a_filter_that_means_nothing_is_a_400_that_says_which(api, field, value):
    response = api.get(URL, {field: value})
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == [field]


# --- Once more -------------------------------------------------------------------------------
def test_a_failed_one_can_be_sent_round_again(api, category, nudges, django_capture_on_commit_callbacks):
    row = InspectionFactory.create(
        batch=BatchFactory.create(category=category), state=State.FAILED, error_code="worker_lost", attempts=3
    )
    with django_capture_on_commit_callbacks(execute=True):
        response = api.post(f"{URL}{row.pk}/retry/")
    assert response.status_code == 202
    assert response.json()["state"] == "waiting" and response.json()["error"] is None
    assert nudges == [("inspector.inspections.tasks.analyse", (category.pk,))]
    assert api.post(f"{URL}{row.pk}/retry/").json()["error"]["code"] == "not_failed"


def test_the_same_on_a_category_without_a_model_is_refused(api):
    row = InspectionFactory.create(state=State.FAILED, error_code="no_active_version")
    response = api.post(f"{URL}{row.pk}/retry/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "no_active_version")
