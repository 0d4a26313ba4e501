"""Which category photos show, asked by small copies of them."""

import base64

import pytest
from PIL import Image

from detection.photos import view
from inspector.inspections import find_category
from tests.factories import CategoryFactory
from tests.photos import picture, ring

pytestmark = pytest.mark.django_db
ADDRESS = "/api/find-category/"


def copy_of(photo):
    small = view.of_photo(photo)
    return {"pixels": base64.b64encode(small.pixels.tobytes()).decode(), "aspect": small.aspect}


def test_each_photo_gets_its_category_and_what_fits_none_gets_none(known, api_of):
    known("Part"), known("Ring"), CategoryFactory.create()
    photos = [ring(99), picture(98, broken=True), Image.new("RGB", (64, 48))]
    answer = api_of("Inspector").post(ADDRESS, {"photos": [copy_of(one) for one in photos]}, format="json")
    assert [one["categories"] for one in answer.json()["photos"]] == [["ring"], ["part"], []]


def test_categories_that_are_alike_are_both_named(known, api_of):
    known("Ring"), known("Ring", "Twin"), known("Part")
    answer = api_of("Inspector").post(ADDRESS, {"photos": [copy_of(ring(99))]}, format="json")
    assert sorted(answer.json()["photos"][0]["categories"]) == ["ring", "twin"]


def test_a_category_that_is_deleted_meanwhile_is_not_named(known, api_of, monkeypatch):
    known("Part")
    parts = find_category.known_parts()
    monkeypatch.setattr(find_category, "known_parts", lambda: {pk + 1000: one for pk, one in parts.items()})
    answer = api_of("Inspector").post(ADDRESS, {"photos": [copy_of(picture())]}, format="json")
    assert answer.json() == {"photos": [{"categories": []}]}


@pytest.mark.parametrize(
    "change, words",
    [
        ({"pixels": "AAAA"}, "27648"),
        ({"pixels": "not base64!"}, "base64"),
        ({"pixels": "übel"}, "base64"),
        ({"pixels": "A" * 40_000}, "characters"),
        ({"aspect": 0}, "greater than"),
        ({"aspect": "wide"}, "number"),
        (None, "may not be empty"),
    ],
)
def test_what_is_no_small_copy_is_refused(known, api_of, change, words):
    known("Part")
    photos = [] if change is None else [copy_of(picture()) | change]
    answer = api_of("Inspector").post(ADDRESS, {"photos": photos}, format="json")
    assert answer.status_code == 400 and words in answer.content.decode()


def test_where_no_category_knows_its_part_a_person_is_told_to_choose(active_version, api_of):
    active_version()
    answer = api_of("Inspector").post(ADDRESS, {"photos": [copy_of(picture())]}, format="json")
    assert answer.status_code == 409 and "Choose the category yourself" in answer.json()["error"]["message"]


def test_who_may_not_send_photos_may_not_ask(api_of, client):
    assert client.post(ADDRESS).status_code in (401, 403)
