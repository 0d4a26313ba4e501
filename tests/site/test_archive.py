"""Archiving a category, taking it back, deleting one: by page, panel and API."""

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient

from inspector.categories.models import Category
from inspector.core import files
from inspector.core.errors import Conflict
from inspector.core.events import SAY_WHY
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.inspections.models import Inspection
from inspector.inspections.submit import submit as inspect
from inspector.registry.models import ModelVersion
from inspector.samples.add_samples import add_samples
from inspector.samples.exploration.ask import ask
from inspector.samples.models import DatasetSnapshot, Exploration, Sample
from inspector.site.archive import archive, unarchive
from inspector.site.delete import delete
from inspector.training.models import TrainingRun
from inspector.training.retry import retry
from inspector.training.submit import submit
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    ExplorationFactory,
    InspectionFactory,
    ModelVersionFactory,
    TrainingRunFactory,
)
from tests.photos import photo, upload
from tests.role_table import ADMIN_ONLY, answers

pytestmark = pytest.mark.django_db
WHY = "The part is no longer made."


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.RUNS_DIR, settings.VAR_DIR = tmp_path / "runs", tmp_path / "var"


@pytest.fixture
def category():
    """With four good photos to learn from, and a good and a bad one to judge."""
    category = CategoryFactory.create(slug="nut", name="Nut")
    for split, label, seeds in (("train", "good", range(4)), ("test", "good", [10]), ("test", "blot", [20])):
        photos = [upload(photo(seed, broken=label != "good"), f"{seed:03}.png") for seed in seeds]
        add_samples(category, photos, split=split, label=label, by=None)
    return category


@pytest.fixture
def version(category):
    return ModelVersionFactory.create(category=category, number=1)


@pytest.fixture
def archived(category, version):
    return archive(category, by=None, reason=WHY)


def body(response, status=200):
    assert response.status_code == status
    return " ".join(response.content.decode().split())


# --- Archiving -------------------------------------------------------------------------------
def test_an_archived_category_takes_nothing_new(archived, person):
    failed = TrainingRunFactory.create(category=archived, state=State.FAILED)
    for verb in (
        lambda: inspect(category=archived, uploads=[upload(photo())], by=person(), source="web"),
        lambda: submit(category=archived, by=None),
        lambda: retry(failed, by=None),
    ):
        with pytest.raises(Conflict, match="Nut has been archived since") as refused:
            verb()
        assert refused.value.code == "archived"
    assert not Inspection.objects.exists()


def test_it_is_in_no_list_and_its_history_stays(client_of, api_of, archived, version):
    row = InspectionFactory.create(judged=True, version=version, batch__category=archived)
    browser = client_of(Role.ADMIN)
    assert [choice.category for choice in browser.get("/inspect/").context["choices"]] == []
    assert [found.category for found in browser.get("/").context["categories"]] == []
    assert "/categories/nut/" not in body(browser.get("/categories/"))
    assert "1 archived category" in body(browser.get("/categories/"))
    assert "/categories/nut/" in body(browser.get("/categories/?archived"))
    assert browser.get("/history/?category=nut").context["page"].rows == [row]
    page = body(browser.get("/categories/nut/"))
    assert "<strong>Archived</strong>" in page
    assert "/inspect/?category=nut" not in page
    assert "/categories/nut/retrain/" not in page
    api = api_of()
    assert api.get("/api/categories/").json() == []
    (told,) = api.get("/api/categories/?archived=true").json()
    assert told["archived"] is not None
    assert api.get("/api/categories/nut/").json()["archived"] == told["archived"]


def test_photos_by_page_and_api_are_refused_with_a_sentence(client_of, api_of, archived):
    sent = {"category": "nut", "images": [upload(photo())]}
    assert "Nut has been archived since" in body(client_of().post("/inspect/", sent), 409)
    answer = api_of().post("/api/inspections/", {"category": "nut", "images": [upload(photo())]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "archived")


def test_unarchived_it_is_as_before(archived, version, person):
    category = unarchive(archived, by=person(Role.ADMIN))
    assert inspect(category=category, uploads=[upload(photo())], by=person(), source="web").inspections
    assert set(Event.objects.filter(subject_name="Nut").values_list("kind", flat=True)) >= {
        "category.archived",
        "category.unarchived",
    }
    with pytest.raises(Conflict, match="not archived"):
        unarchive(category, by=None)


@pytest.mark.parametrize("verb", [archive, delete])
@pytest.mark.parametrize("state", [State.WAITING, State.RUNNING])
def test_a_training_under_way_forbids_it(category, verb, state):
    run = TrainingRunFactory.create(category=category, state=state)
    with pytest.raises(Conflict, match="cancel it, then") as refused:
        verb(category, by=None, reason=WHY)
    assert (refused.value.code, refused.value.see) == ("run_open", run)
    assert not Category.objects.get().archived


def test_a_training_that_began_meanwhile_is_seen(category):
    """Archived between the look and the write of `submit`: the row is looked at once more, held."""
    Category.objects.update(archived=timezone.now())
    with pytest.raises(Conflict):
        submit(category=category, by=None)  # what the caller holds says nothing of it
    assert not TrainingRun.objects.exists()


# --- Deleting --------------------------------------------------------------------------------
@pytest.fixture
def whole(category, version, settings):
    """With all that can belong to a category, in the database and in storage."""
    run = TrainingRunFactory.create(category=category, state=State.DONE, version=version)
    ExplorationFactory.create(category=category, state=State.DONE)
    for name in ("versions/nut/1/artifact.zip", "samples/nut/thumbnails/a.jpg"):
        files.store(name, b"x")
    runs, copies = settings.RUNS_DIR, settings.VAR_DIR
    folders = [runs / "nut/run-1", copies / "artifacts" / version.sha256]
    folders += [runs / "_export/nut/run-1", copies / "_export/artifacts" / version.sha256]
    for folder in folders:
        folder.mkdir(parents=True)
    return run, folders


def test_all_that_belongs_to_it_goes(category, whole, person, media, django_capture_on_commit_callbacks):
    _, folders = whole
    other = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut-2"))
    files.store("samples/nut-2/a.png", b"x")
    with django_capture_on_commit_callbacks() as waiting:
        delete(category, by=person(Role.ADMIN), reason=WHY)
        assert default_storage.exists("versions/nut/1/artifact.zip"), "not before it is committed"
    for callback in waiting:
        callback()
    assert list(Category.objects.all()) == [other.category]
    assert list(ModelVersion.objects.all()) == [other]
    for model in (Sample, Exploration, TrainingRun, DatasetSnapshot):
        assert not model.objects.exists(), model
    assert {path.name for path in media.rglob("*") if path.is_file()} == {"a.png"}
    assert not any(folder.exists() for folder in folders)
    event = Event.objects.get(kind="category.deleted")
    assert (event.actor, event.subject_name) == (person(Role.ADMIN), "Nut")
    assert event.detail == {"slug": "nut", "samples": 6, "versions": 1, "runs": 1, "reason": WHY}


@pytest.mark.parametrize("make", [BatchFactory, InspectionFactory])
def test_what_has_judged_photos_stays(category, whole, make):
    make.create(**({"category": category} if make is BatchFactory else {"batch__category": category}))
    with pytest.raises(Conflict, match="Archive it instead") as refused:
        delete(category, by=None, reason=WHY)
    assert refused.value.code == "has_inspections"
    assert ModelVersion.objects.exists()
    assert not Event.objects.filter(kind="category.deleted").exists()


def test_photos_that_come_in_meanwhile_are_not_lost(category, whole, monkeypatch):
    InspectionFactory.create(batch__category=category)
    monkeypatch.setattr("inspector.site.delete.refuse_inspected", lambda category: None)
    with pytest.raises(Conflict) as refused:
        delete(category, by=None, reason=WHY)
    assert refused.value.code == "has_inspections"
    assert ModelVersion.objects.exists() and Sample.objects.exists()


@pytest.fixture
def at_the_last_moment(monkeypatch, version):
    """at_the_last_moment(what): the first photo that is stored finds it done."""

    def when(what):
        whole = files.store

        def store(*about):
            monkeypatch.setattr(files, "store", whole)
            what()
            return whole(*about)

        monkeypatch.setattr(files, "store", store)

    return when


@pytest.mark.parametrize("kind", ["deleted", "archived"])
@pytest.mark.parametrize("way", ["page", "api", "samples"])
def test_photos_sent_in_the_instant_it_goes_are_refused_with_a_sentence(
    client_of, api_of, category, media, at_the_last_moment, way, kind
):
    done = {"deleted": delete, "archived": archive}[kind]
    at_the_last_moment(lambda: done(Category.objects.get(), by=None, reason=WHY))
    before = {path for path in media.rglob("*") if path.is_file()}
    images = [upload(photo(90)), upload(photo(91))]
    if way == "page":
        answer = client_of().post("/inspect/", {"category": "nut", "images": images})
    elif way == "api":
        answer = api_of().post("/api/inspections/", {"category": "nut", "images": images})
        assert answer.json()["error"]["code"] == kind
    else:
        sent = {"split": "train", "label": "good", "images": images}
        answer = client_of(Role.ADMIN).post("/categories/nut/samples/add/", sent)
    said = {
        "deleted": "Nut has just been deleted, so nothing was saved.",
        "archived": "Nut has been archived",
    }
    assert said[kind] in body(answer, 409)
    assert not Inspection.objects.exists()
    if way != "samples" or kind == "deleted":
        assert {path for path in media.rglob("*") if path.is_file()} == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["inspect", "add", "explore"])
def test_what_is_written_while_it_goes_is_refused_by_the_database(
    category, version, person, monkeypatch, way
):
    """Deleted after the last look: the rows refer to a category that is gone."""
    gone = Category(pk=category.pk + 1000, slug="gone", name="Gone")
    for module in ("inspections.submit.refuse_closed", "samples.sample_store.locked"):
        monkeypatch.setattr(f"inspector.{module}", lambda category: category)
    monkeypatch.setattr("inspector.inspections.submit.require_active_version", lambda category: None)
    monkeypatch.setattr("inspector.samples.exploration.ask.samples_digest", lambda category: "x")
    sample = Sample.objects.filter(category=category)
    monkeypatch.setattr(Category, "samples", sample, raising=False)
    ways = {
        "inspect": lambda: inspect(category=gone, uploads=[upload(photo())], by=person(), source="web"),
        "add": lambda: add_samples(gone, [upload(photo())], split="train", label="good", by=None),
        "explore": lambda: ask(gone, by=None),
    }
    with pytest.raises(Conflict) as refused:
        ways[way]()
    assert refused.value.code == "deleted"


def test_the_page_wants_the_name_typed(client_of, category, whole):
    admin = client_of(Role.ADMIN)
    page = body(admin.get("/categories/nut/delete/"))
    assert "Type “Nut” to confirm." in page
    assert "This is not “Nut”" in body(admin.post("/categories/nut/delete/", {"name": "nut!"}), 400)
    assert Category.objects.exists()
    assert "Nut was deleted." in body(
        admin.post("/categories/nut/delete/", {"name": " Nut ", "reason": WHY}, follow=True)
    )
    assert not Category.objects.exists()


def test_the_page_offers_to_archive_what_cannot_go(client_of, category, whole):
    InspectionFactory.create(batch__category=category)
    page = body(client_of(Role.ADMIN).get("/categories/nut/delete/"))
    assert "Nut has 1 inspection" in page
    assert "/categories/nut/archive/" in page
    assert 'name="name"' not in page


# --- Who may ---------------------------------------------------------------------------------
def test_who_may_by_page(client_of, category, version):
    assert answers(client_of, "/categories/nut/delete/") == ADMIN_ONLY
    done = ADMIN_ONLY | {"Admin": 302}
    for verb in ("archive", "unarchive"):
        if verb == "unarchive":
            archive(category, by=None, reason=WHY)
        assert answers(client_of, f"/categories/nut/{verb}/", "post") == done
        assert client_of(Role.ADMIN).get(f"/categories/nut/{verb}/").status_code == 405
    assert "/categories/nut/archive/" in body(client_of(Role.ADMIN).get("/categories/nut/"))
    assert "/categories/nut/archive/" not in body(client_of(Role.QA_MANAGER).get("/categories/nut/"))


@pytest.mark.parametrize(
    ("role", "may", "deletes"),
    [(None, 401, 401), (Role.INSPECTOR, 403, 403), (Role.QA_MANAGER, 403, 403), (Role.ADMIN, 200, 204)],
)
def test_who_may_by_api(api_of, category, role, may, deletes):
    api = api_of(role) if role else APIClient()
    for verb in ("archive", "unarchive"):
        answer = api.post(f"/api/categories/nut/{verb}/", {"reason": WHY})
        assert answer.status_code == may
        if may == 200:
            assert (answer.json()["archived"] is not None) == (verb == "archive")
    assert api.delete("/api/categories/nut/", {"reason": WHY}, format="json").status_code == deletes
    assert Category.objects.exists() == (deletes != 204)


def test_what_the_api_refuses_it_refuses_with_a_code(api_of, category):
    api = api_of(Role.ADMIN)
    assert api.post("/api/categories/nut/unarchive/").json()["error"]["code"] == "not_archived"
    InspectionFactory.create(batch__category=category)
    for act in (api.delete, lambda address: api.post(f"{address}archive/", {"reason": " "})):
        refused = act("/api/categories/nut/")
        assert (refused.status_code, refused.json()["error"]["fields"]["reason"]) == (400, [SAY_WHY])
    answer = api.delete("/api/categories/nut/?reason=A+trial")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "has_inspections")
    assert api.delete("/api/categories/none/").status_code == 404


def test_by_the_panel(client_of, category):
    admin = client_of(Role.ADMIN)
    here = f"/admin/categories/category/{category.pk}"
    assert f"{here}/archive/" in body(admin.get(f"{here}/change/"))
    assert "appears in no list" in body(admin.get(f"{here}/archive/"))
    admin.post(f"{here}/archive/", {"reason": WHY})
    assert Category.objects.get().archived
    page = body(admin.get(f"{here}/change/"))
    assert f"{here}/unarchive" in page and f"{here}/retrain/" not in page
    admin.post(f"{here}/unarchive/")
    assert not Category.objects.get().archived
    assert admin.get(f"{here}/delete-category/")["Location"] == "/categories/nut/delete/"
    assert client_of(Role.QA_MANAGER).post(f"{here}/archive/").status_code == 302
    assert not Category.objects.get().archived
