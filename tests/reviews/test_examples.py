"""The example photo of a defect type: who chooses it, which photos can be one, where it is shown."""

import pytest

from inspector.core.models import Event
from inspector.reviews.decide import Finding, decide
from inspector.reviews.defect_types import named
from inspector.reviews.examples import choose_example
from inspector.reviews.withdraw import withdraw
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def nut():
    return CategoryFactory.create(slug="nut", name="Nut")


@pytest.fixture
def scratch(nut, person):
    return named(nut, "Scratch", by=person("QA manager"))


@pytest.fixture
def row(nut, scratch, person):
    made = InspectionFactory.create(judged=True, batch=BatchFactory.create(category=nut))
    decide(made, Finding("defective", scratch), by=person("QA manager"))
    return made


def test_it_is_chosen_on_its_page_or_on_the_photos_and_shown_to_reviewers(row, scratch, client_of):
    browser, address = client_of("QA manager"), f"/defect-types/{scratch.pk}/example/"
    assert f'value="{row.pk}"' in browser.get(f"/defect-types/{scratch.pk}/").content.decode()
    part = f"/inspections/{row.pk}/reviews/"
    assert "Use as the example of Scratch" in browser.get(part).content.decode()
    answer = browser.post(address, {"inspection": row.pk, "from": "inspection"}, follow=True)
    assert answer.redirect_chain[-1][0] == row.get_absolute_url()
    assert "shows what “Scratch” looks like" in answer.content.decode()
    scratch.refresh_from_db()
    assert scratch.example == row
    shown = browser.get(part).content.decode()
    assert "The example photo of Scratch" in shown and 'alt="Example of Scratch"' in shown
    assert 'alt="Example of Scratch"' in browser.get("/categories/nut/review-rules/").content.decode()
    browser.post(address, {"inspection": ""})
    scratch.refresh_from_db()
    assert scratch.example is None
    told = Event.objects.filter(kind="defect_type.example").order_by("pk")
    assert [event.detail.get("photo") for event in told] == [row.filename, None]


def test_what_is_decided_otherwise_is_no_example(row, scratch, nut, client_of, api_of, person):
    row.refresh_from_db()
    choose_example(scratch, row, by=person("QA manager"))
    types, shown = "/api/categories/nut/defect-types/", 'alt="Example of Scratch"'
    page = f"/inspections/{row.pk}/reviews/"
    good = decide(row, Finding("good"), by=person("QA manager"))
    assert shown not in client_of("QA manager").get(page).content.decode()
    assert api_of("QA manager").get(types).json()["results"][0]["example"] is None
    withdraw(good, by=person("QA manager"))
    assert shown in client_of("QA manager").get(page).content.decode()


def test_only_a_photo_with_this_defect_can_be_one(row, scratch, nut, client_of):
    other = InspectionFactory.create(judged=True, batch=row.batch, version=row.version)
    address = f"/defect-types/{scratch.pk}/example/"
    answer = client_of("QA manager").post(address, {"inspection": other.pk}, follow=True)
    assert "Only a photo that was decided" in answer.content.decode()
    scratch.refresh_from_db()
    assert scratch.example is None
    assert client_of("QA manager").post(address, {"inspection": 999_999}).status_code == 404
    assert client_of("Inspector").post(address, {"inspection": row.pk}).status_code == 403


def test_a_program_chooses_it(row, scratch, nut, api_of):
    other = InspectionFactory.create(judged=True, batch=row.batch, version=row.version)
    address, program = f"/api/defect-types/{scratch.pk}/example/", api_of("QA manager")
    assert program.put(address, {"inspection": row.pk}, format="json").json()["example"] == row.pk
    for wrong in (other.pk, 999_999, 2**70, "x"):
        answer = program.put(address, {"inspection": wrong}, format="json")
        assert answer.status_code == 400 and answer.json()["error"]["fields"], wrong
    assert program.put(address, {}, format="json").status_code == 400
    assert program.put(address, {"inspection": None}, format="json").json()["example"] is None
    assert api_of("Inspector").put(address, {"inspection": row.pk}, format="json").status_code == 403


def test_without_a_photo_its_page_says_what_to_do(scratch, client_of):
    address = f"/defect-types/{scratch.pk}/"
    assert "Decide about one as “Scratch”" in client_of("QA manager").get(address).content.decode()
    assert answers(client_of, address) == ALL | {"Inspector": 403}
