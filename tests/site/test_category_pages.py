"""The table of categories, the page of one, making and describing it."""

import pytest

from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.core.roles import Role
from inspector.registry.models import Standing
from tests.factories import (
    CategoryFactory,
    InspectionFactory,
    ModelVersionFactory,
    SampleFactory,
    TrainingRunFactory,
)
from tests.role_table import ADMIN_ONLY, ALL, answers

pytestmark = pytest.mark.django_db
METRICS = {
    "n_good": 10,
    "n_defect": 12,
    "judged_by": "Five folds: no photo was judged by a threshold it helped to choose.",
    "confusion": {"tp": 11, "fp": 2, "tn": 8, "fn": 1},
    "by_defect": {
        "scratch": {"n": 8, "flagged": 7, "recall": 0.875, "image_auroc": 0.96},
        "rust": {"n": 4, "flagged": 4, "recall": 1.0, "image_auroc": 1.0},
    },
    "warnings": ["Only 10 good test photos."],
    "ms_per_image": 12.5,
}


@pytest.fixture
def category():
    return CategoryFactory.create(slug="nut", name="Nut", description="A steel nut.")


@pytest.fixture
def active(category):
    config = {"options": {"size": 128, "minutes": 0}, "threshold": {"chosen_on": "The best F1 on 22 photos."}}
    return ModelVersionFactory.create(category=category, number=1, metrics=METRICS, config=config)


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- Who sees what ---------------------------------------------------------------------------
def test_who_sees_what(client_of, active):
    for address in ("/categories/", "/categories/nut/"):
        assert answers(client_of, address) == ALL
    for address in ("/new-category/", "/categories/nut/describe/"):
        assert answers(client_of, address) == ADMIN_ONLY


def test_what_is_not_there(client_of, active):
    assert client_of(Role.ADMIN).get("/categories/bolt/").status_code == 404


# --- The table -------------------------------------------------------------------------------
def test_the_table_says_how_every_category_does(client_of, active):
    InspectionFactory.create(judged=True, version=active, batch__category=active.category)
    CategoryFactory.create(slug="bolt", name="Bolt")
    page = body(client_of(Role.QA_MANAGER).get("/categories/"))
    assert page.index("Bolt") < page.index("Nut")
    assert "0.970" in page
    assert "Today" in page
    assert "none yet" in page


def test_only_admins_get_buttons(client_of, category):
    SampleFactory.create(category=category)
    assert "/categories/nut/retrain/" in body(client_of(Role.ADMIN).get("/categories/"))
    assert "/categories/nut/retrain/" not in body(client_of(Role.QA_MANAGER).get("/categories/"))


def test_a_training_shows_and_the_table_waits_for_its_end(client_of, category):
    run = TrainingRunFactory.create(category=category, state=State.RUNNING)
    page = body(client_of("Admin").get("/categories/"))
    assert f"watching={run.pk}" in page
    # Who cannot train has no use for it.
    assert "watching=" not in body(client_of("Inspector").get("/categories/"))
    assert "run-ended from:body" in page
    run.state = State.DONE
    run.save()
    assert "watching=" not in body(client_of().get("/categories/"))


def test_an_empty_table_says_whom_to_ask(client_of, person):
    person(Role.ADMIN, "grace")
    assert "Ask an admin (grace)" in body(client_of(Role.INSPECTOR).get("/categories/"))
    assert "/new-category/" in body(client_of(Role.ADMIN).get("/categories/"))


def test_queries_do_not_grow(client_of, django_assert_max_num_queries):
    for _ in range(6):
        version = ModelVersionFactory.create()
        SampleFactory.create(category=version.category)
        TrainingRunFactory.create(category=version.category)
    browser = client_of(Role.ADMIN)
    with django_assert_max_num_queries(12):
        browser.get("/categories/")


# --- A category ------------------------------------------------------------------------------
def test_a_category_says_how_its_version_was_judged(client_of, active):
    page = body(client_of(Role.QA_MANAGER).get("/categories/nut/"))
    for words in ("A steel nut.", "Five folds", "The best F1 on 22 photos.", "Only 10 good test photos."):
        assert words in page
    for figures in ("7 of 8", "0.875", "1 <small>missed", "2 <small>false alarms"):
        assert figures in page
    assert "/history/?category=nut" in page
    assert "/categories/nut/promote" not in page


def test_a_version_without_test_photos_says_what_to_add(client_of, category):
    ModelVersionFactory.create(category=category, number=1, metrics={}, image_auroc=None)
    assert "Add good and defective test photos" in body(client_of().get("/categories/nut/"))


def test_a_category_without_a_version_says_what_to_do_by_role(client_of, category):
    assert "Add photos" in body(client_of(Role.ADMIN).get("/categories/nut/"))
    assert "Ask an admin" in body(client_of(Role.INSPECTOR).get("/categories/nut/"))
    SampleFactory.create(category=category)
    assert "Train it" in body(client_of(Role.ADMIN).get("/categories/nut/"))
    TrainingRunFactory.create(category=category)
    assert "being trained" in body(client_of(Role.ADMIN).get("/categories/nut/"))


def test_queries_of_a_category_do_not_grow(client_of, category, active, django_assert_max_num_queries):
    for label in ("scratch", "rust", "dent"):
        SampleFactory.create_batch(8, category=category, split="test", label=label)
    for number in range(2, 8):
        version = ModelVersionFactory.create(category=category, number=number, standing=Standing.RETIRED)
        TrainingRunFactory.create(category=category, state=State.DONE, version=version)
    browser = client_of(Role.ADMIN)
    with django_assert_max_num_queries(14):
        browser.get("/categories/nut/")


# --- Words -----------------------------------------------------------------------------------
def test_a_new_category_leads_to_adding_photos(client_of):
    admin = client_of(Role.ADMIN)
    response = admin.post("/new-category/", {"name": "Hex nut", "description": "Steel."})
    assert response["Location"] == "/categories/hex-nut/samples/"
    assert "about 50 is a start" in body(admin.get("/categories/hex-nut/samples/"))


@pytest.mark.parametrize("address", ["/new-category/", "/admin/categories/category/add/"])
def test_a_name_in_other_letters_takes_an_address(client_of, category, address):
    """It was asked for, and there was no field for it."""
    admin, form = client_of(Role.ADMIN), {"name": "螺母", "description": "kept"}
    assert 'name="slug"' not in admin.get(address).text
    asked = admin.post(address, form).text
    assert "give one, too" in asked and 'name="slug"' in asked and "kept" in asked
    taken = admin.post(address, form | {"slug": "nut"}).text
    assert "already" in taken and 'value="nut"' in taken
    assert admin.post(address, form | {"slug": "luomu-m8"}).status_code == 302
    assert Category.objects.get(slug="luomu-m8").name == "螺母"


@pytest.mark.parametrize(("name", "words"), [("Nut", "already"), ("", "required"), ("!!", "Latin letter")])
def test_a_bad_name_is_told_beside_the_field(client_of, category, name, words):
    response = client_of(Role.ADMIN).post("/new-category/", {"name": name, "description": "kept"})
    assert response.status_code == 400
    assert words in response.content.decode()
    assert "kept" in response.content.decode()


@pytest.mark.parametrize("address", ["/new-category/", "/categories/bolt/describe/"])
def test_the_category_that_has_the_name_can_be_opened_from_there(client_of, category, address):
    CategoryFactory.create(slug="bolt", name="Bolt")
    response = client_of(Role.ADMIN).post(address, {"name": " nUT", "description": ""})
    assert response.status_code == 400
    page = " ".join(response.content.decode().split())
    assert "“nUT” looks like “Nut”" in page
    assert '<a href="/categories/nut/">Open Nut</a>' in page


def test_describing_keeps_the_address(client_of, category):
    data = {"name": "Steel nut", "description": "From above."}
    assert client_of(Role.ADMIN).post("/categories/nut/describe/", data)["Location"] == "/categories/nut/"
    assert Category.objects.get(slug="nut").name == "Steel nut"
    response = client_of(Role.ADMIN).post("/categories/nut/describe/", {"name": ""})
    assert response.status_code == 400
