"""Inspect, batch, inspection and History: who sees them, what they say, how many queries they ask."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from inspector.accounts.models import User
from inspector.core import files, paging
from inspector.core.jobs import State
from inspector.inspections.models import Batch, Inspection, Verdict
from inspector.inspections.selectors import categories_to_inspect
from inspector.registry.models import ModelVersion
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    InspectionFactory,
    ModelVersionFactory,
    SampleFactory,
    retire,
)
from tests.photos import REFUSED, photo, upload

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def version() -> ModelVersion:
    return ModelVersionFactory.create(category=CategoryFactory.create(slug="nut", name="Nut"))


@pytest.fixture
def browser(client_of: Callable[..., Client]) -> Client:
    return client_of("Inspector")


def judged(version: ModelVersion, **values: object) -> Inspection:
    batch = values.pop("batch", None) or BatchFactory.create(category=version.category)
    return InspectionFactory.create(judged=True, batch=batch, version=version, **values)


def body(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


# --- Who sees what ---------------------------------------------------------------------------
@pytest.fixture
def addresses(version: ModelVersion) -> list[str]:
    row = judged(version)
    files.store(row.thumbnail.name, photo())
    return [
        "/inspect/",
        "/inspect/station/",
        "/inspect/station/?category=nut",
        f"/inspect/batches/{row.batch_id}/",
        f"/inspect/batches/{row.batch_id}/rows/",
        f"/inspections/{row.pk}/",
        f"/inspections/{row.pk}/thumbnail/",
        "/history/",
    ]


@pytest.mark.parametrize("role", ["Inspector", "QA manager", "Admin"])
def test_every_role_sees_the_pages(client_of, addresses, role):
    browser = client_of(role)
    assert {address: browser.get(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 200
    )


def test_nobody_without_a_role_sees_the_pages(client, addresses):
    roleless = Client()
    roleless.force_login(User.objects.create(username="new"))
    for address in addresses:
        assert client.get(address)["Location"].startswith("/sign-in/?next=")
        assert roleless.get(address).status_code == 403


@pytest.mark.parametrize(
    "address", ["/inspect/batches/7/", "/inspections/7/", "/inspections/7/heatmap/", "/x/"]
)
def test_what_is_not_there_is_a_page_that_says_so(browser, address):
    response = browser.get(address)
    assert response.status_code == 404
    assert "does not exist" in response.content.decode()


# --- How many queries ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/inspect/", 9),
        ("/inspect/?batch={batch}", 12),
        ("/inspect/station/", 9),
        ("/inspect/station/?batch={batch}", 12),
        ("/inspect/batches/{batch}/", 10),
        ("/inspect/batches/{batch}/rows/", 10),
        ("/inspections/{inspection}/", 12),
        ("/history/", 9),
        ("/history/?category=nut&verdict=OK&state=done&since=2026-01-01&until=2036-01-01", 12),
        ("/inspections/{inspection}/thumbnail/", 5),
    ],
)
def test_queries_do_not_grow_with_rows(
    client_of, person, version, django_assert_max_num_queries, address, most
):
    batch = BatchFactory.create(category=version.category, submitted_by=person("Inspector"))
    for _ in range(5):
        SampleFactory.create(category=ModelVersionFactory.create().category)
    rows = [judged(version, batch=batch, verdict=Verdict.OK) for _ in range(30)]
    files.store("t.jpg", photo())
    browser = client_of("Inspector")
    with django_assert_max_num_queries(most):
        response = browser.get(address.format(batch=batch.pk, inspection=rows[3].pk))
        assert response.status_code == 200


# --- Inspect ---------------------------------------------------------------------------------
def test_without_a_model_the_page_says_who_does_what_next(client_of):
    CategoryFactory.create()
    assert "An admin trains and promotes it" in body(client_of("Inspector").get("/inspect/"))
    assert "Train one on its page" in body(client_of("Admin").get("/inspect/"))


def test_the_category_used_last_is_chosen_and_untrained_ones_cannot_be(browser, person, version):
    CategoryFactory.create(slug="aa", name="Aa")
    first = ModelVersionFactory.create(category=CategoryFactory.create(slug="bb", name="Bb"))
    BatchFactory.create(category=version.category, submitted_by=person("Inspector"))
    choices = browser.get("/inspect/").context
    assert [choice.category.slug for choice in choices["choices"]] == ["bb", "nut", "aa"]
    assert choices["chosen"].category == version.category
    chosen = browser.get("/inspect/", {"category": "bb"}).context["chosen"]
    assert chosen.category == first.category
    assert "not trained yet" in body(browser.get("/inspect/"))


@pytest.mark.parametrize("page", ["/inspect/", "/inspect/station/"])
@pytest.mark.parametrize("role", ["Inspector", "Admin"])
def test_a_category_in_the_address_that_cannot_be_inspected_is_named_with_what_to_do(
    client_of, person, version, page, role
):
    person("Admin")
    raw = CategoryFactory.create(slug="raw", name="Raw")
    BatchFactory.create(category=version.category, submitted_by=person(role))
    response = client_of(role).get(page, {"category": "raw"})
    # Nothing else is chosen in its place.
    assert response.context["chosen"] is None
    assert "no active model version" in body(response)
    told = raw.get_absolute_url() if role == "Admin" else "Ask an admin (admin) to train it."
    assert told in body(response)
    CategoryFactory.create(slug="old", name="Old", archived=timezone.now())
    assert "is archived" in body(client_of(role).get(page, {"category": "old"}))
    assert "There is no category “&lt;b&gt;gone" in body(client_of(role).get(page, {"category": "<b>gone"}))


def test_nobody_is_given_a_category_they_did_not_choose(browser, person, version):
    BatchFactory.create(category=version.category)  # somebody else's
    assert browser.get("/inspect/").context["chosen"] is None
    BatchFactory.create(category=version.category, submitted_by=person("Inspector"))
    assert browser.get("/inspect/").context["chosen"].category == version.category
    # Who took their choice back is not given it again by a page that looks for new categories.
    polled = browser.get("/inspect/", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="choices")
    assert polled.context["chosen"] is None
    retire()
    assert browser.get("/inspect/").context["chosen"] is None


def test_each_choice_shows_a_good_part(browser, version):
    SampleFactory.create(category=version.category, split="test", label="blot")
    test = SampleFactory.create(category=version.category, split="test")
    assert [choice.good_sample for choice in categories_to_inspect()] == [test.pk]
    train = SampleFactory.create(category=version.category)
    assert f"/samples/{train.pk}/thumbnail/" in body(browser.get("/inspect/"))


def test_photos_of_one_person_are_not_sent_as_anothers(browser, person, version):
    sent = {"category": "nut", "images": [upload()], "person": person("Admin").pk}
    response = browser.post("/inspect/", sent, **HTMX)
    assert response.status_code == 409
    assert 'data-code="other_person"' in response.content.decode()
    assert not Inspection.objects.exists()
    sent = {"category": "nut", "images": [upload()], "person": person("Inspector").pk}
    assert browser.post("/inspect/", sent, **HTMX).status_code == 200


def test_the_newest_verdict_is_the_one_that_came_last(browser, version):
    now = timezone.now()
    late = judged(version, finished=now)
    early = judged(version, finished=now - timedelta(seconds=5), batch=late.batch)
    InspectionFactory.create(batch=late.batch)
    shown = browser.get(f"/inspect/batches/{early.batch_id}/rows/").context
    assert shown["newest"] == late


def test_photos_become_rows_and_bad_ones_say_why(browser, version):
    sent = {"category": "nut", "images": [upload(), upload(b"", "empty.png")]}
    answer = body(browser.post("/inspect/", sent, **HTMX))
    row = Inspection.objects.get()
    assert row.batch.source == "web"
    assert f'id="inspection-{row.pk}"' in answer
    assert "empty.png" in answer
    assert "Not taken" in answer
    # The same batch goes on with the next request.
    again = {"category": "nut", "images": [upload(name="b.png")], "batch": row.batch_id}
    assert "2 photos" in body(browser.post("/inspect/", again, **HTMX))
    assert Batch.objects.count() == 1


def test_a_plain_form_ends_on_the_batch_with_the_refusals(browser, version):
    sent = {"category": "nut", "images": [upload(), upload(b"", "empty.png")]}
    response = browser.post("/inspect/", sent, follow=True)
    assert response.redirect_chain == [(f"/inspect/batches/{Batch.objects.get().pk}/", 302)]
    assert "empty.png:" in body(response)
    name, content, _ = REFUSED["not an image"]
    response = browser.post("/inspect/", {"category": "nut", "images": [upload(content, name)]}, follow=True)
    assert response.redirect_chain == [("/inspect/", 302)]
    assert "notes.txt:" in body(response)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"category": "nut"}, "No photo was received"),
        ({"images": [upload()]}, "Choose a category, then send"),
        ({"category": "gone", "images": [upload()]}, "no longer exists"),
        ({"category": "raw", "images": [upload()]}, "no active model version"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_written(browser, version, sent, told):
    CategoryFactory.create(slug="raw")
    for image in sent.get("images", []):
        image.seek(0)
    response = browser.post("/inspect/", sent, **HTMX)
    assert 400 <= response.status_code < 500
    assert told in response.content.decode()
    assert "data-problem" in response.content.decode()
    assert not Inspection.objects.exists()


def test_the_batch_in_the_address_comes_back_but_nobody_elses(browser, person, version):
    own = BatchFactory.create(category=version.category, submitted_by=person("Inspector"))
    row = judged(version, batch=own)
    assert f'id="inspection-{row.pk}"' in body(browser.get("/inspect/", {"batch": own.pk}))
    other = judged(version)
    assert f'id="inspection-{other.pk}"' not in body(browser.get("/inspect/", {"batch": other.batch_id}))


# --- Rows that update themselves -------------------------------------------------------------
def test_only_changed_rows_are_sent_and_a_final_fragment_does_not_poll(browser, version):
    old = judged(version, finished=timezone.now() - timedelta(hours=1))
    waiting = InspectionFactory.create(batch=old.batch)
    address = f"/inspect/batches/{old.batch_id}/rows/"
    since = timezone.now().timestamp()
    first = body(browser.get(address, {"since": since}))
    assert "hx-trigger" in first
    assert 'id="inspection-' not in first
    done = judged(version)
    fields = ("state", "verdict", "score", "threshold", "version", "milliseconds")
    Inspection.objects.filter(pk=waiting.pk).update(
        finished=timezone.now(), **{name: getattr(done, name) for name in fields}
    )
    second = body(browser.get(address, {"since": since}))
    assert f'id="inspection-{waiting.pk}"' in second
    assert f'id="inspection-{old.pk}"' not in second
    assert "hx-trigger" not in second
    assert "2 ANOMALY" in second


@pytest.mark.parametrize("since", ["", "soon", "-1e400", "nan", "1e300"])
def test_a_strange_since_gives_all_rows(browser, version, since):
    row = judged(version, finished=timezone.now())
    shown = body(browser.get(f"/inspect/batches/{row.batch_id}/rows/", {"since": since}))
    assert f'id="inspection-{row.pk}"' in shown


def test_retry_sends_the_row_back_waiting(browser, version):
    row = InspectionFactory.create(
        batch=BatchFactory.create(category=version.category), state=State.FAILED, error_message="Fell over."
    )
    assert "Fell over." in body(browser.get(f"/inspections/{row.pk}/"))
    answer = body(browser.post(f"/inspections/{row.pk}/retry/", **HTMX))
    assert 'data-state="waiting"' in answer
    assert 'hx-swap-oob="morph"' in answer
    again = browser.post(f"/inspections/{row.pk}/retry/", **HTMX)
    assert again.status_code == 409
    assert "data-problem" in again.content.decode()


# --- One inspection --------------------------------------------------------------------------
def test_score_and_threshold_compare_at_a_glance(browser, version):
    row = judged(version, score=0.01319, threshold=0.0098)
    page = body(browser.get(f"/inspections/{row.pk}/"))
    assert "0.01319" in page
    assert "0.00980" in page
    assert "1.35\N{MULTIPLICATION SIGN}" in page
    close = judged(version, score=0.0097999, threshold=0.0098, verdict=Verdict.OK)
    page = body(browser.get(f"/inspections/{close.pk}/"))
    assert "0.0097999" in page
    assert "just under 1\N{MULTIPLICATION SIGN}" in page


def test_lists_say_how_many_times_the_threshold(browser, version):
    """Raw scores of two categories have nothing in common; they are in the title."""
    row = judged(version, score=101.95, threshold=8.09)
    for address in ("/history/", f"/inspect/batches/{row.batch_id}/", "/"):
        page = body(browser.get(address))
        assert 'title="Score 101.95, threshold 8.09"' in page, address
        assert "12.6\N{MULTIPLICATION SIGN} threshold" in page, address
        assert "of 8.09" not in page and "</span> 101.95" not in page, address


def test_where_a_multiple_means_nothing_both_numbers_are_told(browser, version):
    judged(version, score=-0.5, threshold=-1.25)
    assert ">-0.50 of -1.25<" in body(browser.get("/history/"))


def test_neighbours_stay_within_the_filter(browser, version):
    rows = [judged(version, verdict=verdict) for verdict in ("ANOMALY", "OK", "ANOMALY", "OK", "ANOMALY")]
    context = browser.get(f"/inspections/{rows[2].pk}/?verdict=ANOMALY").context
    assert (context["newer"], context["older"]) == (rows[4], rows[0])
    context = browser.get(f"/inspections/{rows[2].pk}/").context
    assert (context["newer"], context["older"]) == (rows[3], rows[1])


def test_an_open_inspection_polls_and_a_final_one_does_not(browser, version):
    row = InspectionFactory.create(batch=BatchFactory.create(category=version.category))
    polls = 'hx-trigger="every 700ms"'
    assert polls in body(browser.get(f"/inspections/{row.pk}/"))
    assert polls not in body(browser.get(f"/inspections/{judged(version).pk}/"))


def test_pictures_are_kept_by_the_browser_and_the_photo_can_be_downloaded(browser, version):
    row = judged(version, filename="left side.png")
    files.store(row.original.name, photo())
    response = browser.get(f"/inspections/{row.pk}/original/?download")
    assert response["Content-Disposition"] == 'attachment; filename="left side.png"'
    assert response["Content-Type"] == "image/png"
    assert "immutable" in response["Cache-Control"]
    assert b"".join(response.streaming_content) == photo()


# --- History ---------------------------------------------------------------------------------
@pytest.mark.usefixtures("one_day")
def test_history_is_narrowed_by_the_address(browser, version):
    ok = judged(version, verdict=Verdict.OK, score=0.1)
    anomaly = judged(version)
    other = judged(ModelVersionFactory.create())
    old = judged(version, created=timezone.now() - timedelta(days=30))

    def shown(**filters: object) -> list[Inspection]:
        return browser.get("/history/", filters).context["page"].rows

    assert shown() == [other, anomaly, ok, old]
    assert shown(verdict="OK") == [ok]
    assert shown(category="nut") == [anomaly, ok, old]
    assert shown(category="nut", until=f"{timezone.localdate() - timedelta(days=1)}") == [old]
    assert shown(batch=anomaly.batch_id) == [anomaly]
    assert shown(state="failed") == []


def test_history_pages_are_found_by_id(browser, version, monkeypatch):
    monkeypatch.setitem(paging.page.__kwdefaults__, "size", 2)
    batch = BatchFactory.create(category=version.category)
    rows = [judged(version, batch=batch) for _ in range(5)][::-1]
    first = browser.get("/history/")
    assert first.context["page"].rows == rows[:2]
    assert f"before={rows[1].pk}" in body(first)
    second = browser.get("/history/", {"before": rows[1].pk, "category": "nut"})
    assert second.context["page"].rows == rows[2:4]
    assert f"category=nut&amp;after={rows[2].pk}" in body(second)


def test_an_empty_history_says_what_to_do_next(browser, version):
    assert "Inspect the first photo" in body(browser.get("/history/"))
    judged(version)
    assert "Clear filters" in body(browser.get("/history/", {"state": "failed"}))
    assert "Go to the newest" in body(browser.get("/history/", {"before": 1}))


@pytest.mark.parametrize(
    "query", ["before=x", "before=99999999999999999999", "since=yesterday", "category=gone"]
)
def test_history_bears_what_people_type_into_addresses(browser, version, query):
    judged(version)
    assert browser.get(f"/history/?{query}").status_code == 200
