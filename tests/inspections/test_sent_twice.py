"""A client that is cut off sends again under the same key, and the photos are taken once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from inspector.core.errors import Refused
from inspector.inspections.earlier import with_earlier
from inspector.inspections.keys import KEPT
from inspector.inspections.models import Batch, Inspection, SentKey, Source
from inspector.inspections.submit import Submission, submit
from inspector.inspections.sweep import sweep
from tests.at_once import at_once
from tests.factories import InspectionFactory, ModelVersionFactory
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db
ADDRESS = "/api/inspections/"


@pytest.fixture
def category(db):
    return ModelVersionFactory.create().category


@pytest.fixture
def send(category, person) -> Callable[..., Submission]:
    def these(*contents: bytes, key: str = "one", by=None, to=None) -> Submission:
        uploads = [upload(content, f"{n}.png") for n, content in enumerate(contents or (photo(),))]
        return submit(category=to or category, uploads=uploads, by=by or person(), source=Source.API, key=key)

    return these


def test_the_same_under_the_same_key_is_taken_once(send, media):
    first = send(photo(), photo(1), b"no photo")
    again = send(photo(), photo(1), b"no photo")
    assert (first.again, again.again) == (False, True)
    assert again.batch == first.batch and again.inspections == first.inspections
    assert again.rejected == first.rejected
    assert (Batch.objects.count(), Inspection.objects.count()) == (1, 2)
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2


def test_other_photos_or_another_category_under_the_same_key_are_refused(send):
    send(photo())
    for other in ({"to": ModelVersionFactory.create().category}, {}):
        with pytest.raises(Refused) as refused:
            send(photo(2) if not other else photo(), **other)
        assert (refused.value.code, refused.value.status) == ("key_reused", 422)
    assert Inspection.objects.count() == 1


def test_keys_are_a_persons_own(send, person):
    send()
    assert not send(by=person("QA manager")).again
    assert not send(key="two").again
    assert not send(key="").again and not send(key="").again, "without a key everything is new"
    assert SentKey.objects.count() == 3


@pytest.mark.parametrize("key", ["x" * 201, "caf\xe9", "a\nb"])
def test_a_key_that_cannot_be(send, key):
    with pytest.raises(Refused) as refused:
        send(key=key)
    assert refused.value.code == "bad_key"
    assert not Inspection.objects.exists()


def test_keys_are_forgotten_after_two_days(send):
    send()
    sweep()
    assert SentKey.objects.exists()
    SentKey.objects.update(created=timezone.now() - KEPT - timedelta(minutes=1))
    sweep()
    assert not SentKey.objects.exists() and Inspection.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_one_wins_and_both_get_the_same(send, person, media):
    by, answers = person(), []
    assert at_once(*2 * [lambda: answers.append(send(photo(), photo(1), by=by))]) == []
    assert {answer.batch.pk for answer in answers} == {Batch.objects.get().pk}
    assert sorted(answer.again for answer in answers) == [False, True]
    assert Inspection.objects.count() == 2
    assert len([path for path in media.rglob("*") if path.is_file()]) == 2


def test_the_api_answers_alike(category, api_of):
    def post():
        body = {"category": category.slug, "images": upload()}
        return api_of().post(ADDRESS, body, headers={"Idempotency-Key": "line-3-0001"})

    first, again = post(), post()
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert (first.get("Idempotent-Replay"), again["Idempotent-Replay"]) == (None, "true")
    other = api_of().post(
        ADDRESS,
        {"category": category.slug, "images": upload(photo(5))},
        headers={"Idempotency-Key": "line-3-0001"},
    )
    assert other.status_code == 422 and other.json()["error"]["code"] == "key_reused"


def test_cut_off_after_the_photos_were_written_down(category, client_of, monkeypatch):
    """The answer never reaches the page: it sends again, and has the rows it missed."""
    client: Client = client_of()
    client.raise_request_exception = False

    def post():
        headers = {"HX-Request": "true", "Idempotency-Key": "of-the-page"}
        return client.post("/inspect/", {"category": category.slug, "images": upload()}, headers=headers)

    with monkeypatch.context() as cut:
        cut.setattr("inspector.inspections.inspect_views._taken_rows", lambda *args: 1 / 0)
        assert post().status_code == 500
    (row,) = Inspection.objects.all()
    again = post()
    assert again.status_code == 200 and again["Idempotent-Replay"] == "true"
    assert f'id="inspection-{row.pk}"' in again.text
    assert Inspection.objects.count() == 1


# --- Judged before ---------------------------------------------------------------------------
def test_the_same_file_in_the_same_category_was_judged_before(django_assert_num_queries):
    first = InspectionFactory.create(judged=True, verdict="OK", sha256="a" * 64)
    same = {"batch": first.batch, "sha256": first.sha256}
    newest = InspectionFactory.create(judged=True, version=first.version, **same)
    InspectionFactory.create(**same)
    row = InspectionFactory.create(**same)
    elsewhere = InspectionFactory.create(sha256=first.sha256)
    other = InspectionFactory.create()
    rows = Inspection.objects.order_by("pk")
    with django_assert_num_queries(2):
        found = {one.pk: one.earlier for one in with_earlier(rows)}
    assert (found[row.pk], found[newest.pk]) == (newest, first)
    assert (found[first.pk], found[elsewhere.pk], found[other.pk]) == (None, None, None)


def test_pages_and_api_tell_of_it(category, client_of, api_of, send):
    (first,) = send(key="").inspections
    judged = InspectionFactory.create(
        judged=True, batch=first.batch, sha256=first.sha256, version=category.versions.get()
    )
    (row,) = send(key="").inspections
    link = f'href="/inspections/{judged.pk}/"'
    for address in (f"/inspections/{row.pk}/", f"/inspect/batches/{row.batch_id}/"):
        page = client_of().get(address).text
        assert "The same file was judged" in page and link in page
    told = api_of().get(f"{ADDRESS}{row.pk}/").json()["earlier"]
    assert (told["id"], told["verdict"]) == (judged.pk, "ANOMALY")
    assert api_of().get(ADDRESS).json()["results"][0]["earlier"] == told
    assert "The same file was judged" not in client_of().get(f"/inspections/{first.pk}/").text
