"""Categories that are trained as one network, and one that joins it without a training."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

import detection
from inspector.core import work
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.registry.models import ModelVersion
from inspector.registry.promote import promote
from inspector.training.cancel import cancel
from inspector.training.family import in_step, joinable
from inspector.training.models import TrainingRun
from inspector.training.panel_retrain import retrain_address
from inspector.training.retry import retry
from inspector.training.submit import join, submit, submit_family, usual_method
from tests.factories import CategoryFactory, ModelVersionFactory
from tests.training.conftest import add

pytestmark = pytest.mark.django_db
METHOD = "transformer-filterbank"
SMALL = {"size": 64, "width": 16, "epochs": 1, "batch_size": 16}


@pytest.fixture
def others(category):
    """A second and a third category; the third has no photos yet."""
    bolt = CategoryFactory.create(slug="bolt", name="Bolt")
    add(bolt, "train", "good", range(30, 34))
    return bolt, CategoryFactory.create(slug="washer", name="Washer")


@pytest.fixture
def together(training, monkeypatch):
    """Stands in for detection.train_family, and for detection.join."""

    def several(datasets, options, **watched):
        return [training(dataset, folder, options, **watched) for folder, dataset in datasets.items()]

    def joined(dataset, folder, network, *, device, **watched):
        training.config = {"method": METHOD, "network": network}
        return training(dataset, folder, SimpleNamespace(device=device), **watched)

    monkeypatch.setitem(vars(detection), "train_family", several)
    monkeypatch.setitem(vars(detection), "join", joined)
    return training


def family(*categories, by=None):
    return submit_family(categories, by=by, method=METHOD, options=SMALL)


def states():
    return set(TrainingRun.objects.values_list("state", flat=True))


def test_a_family_and_a_category_that_joins_it_for_real(category, others, runs_dir):
    bolt, washer = others
    lead, along = family(category, bolt)
    assert work.run(TrainingRun, lead.pk).state == State.DONE
    versions = {version.category.slug: version for version in ModelVersion.objects.all()}
    assert set(versions) == {"nut", "bolt"}
    along.refresh_from_db()
    assert (along.state, along.version) == (State.DONE, versions["bolt"])
    shared = [version.making.family for version in versions.values()]
    assert shared[0] == shared[1] and set(shared[0].categories) == {"nut", "bolt"}

    add(washer, "train", "good", range(40, 44))
    assert not joinable(washer), "a candidate's network is not proven yet"
    for version in versions.values():
        promote(version, by=None)
    offered = joinable(washer)
    assert [set(one.categories) for one in offered] == [{"Nut", "Bolt"}], "the same network is offered once"
    assert not joinable(category), "it has learned from this one"
    run = join(washer, offered[0].version, by=None)
    done = work.run(TrainingRun, run.pk)
    assert (done.state, done.error_message) == (State.DONE, "")
    assert done.version.making.family.joined and done.version.method == METHOD
    assert usual_method(washer) != METHOD, "a later training is not by the method of what was joined"
    promote(done.version, by=None)
    assert joinable(CategoryFactory.create()) == offered, "not by the one that joined it"


def test_no_worker_takes_a_run_that_is_trained_along(category, others, together):
    lead, along = family(category, others[0])
    assert work.run(TrainingRun, along.pk) is None and states() == {State.WAITING}
    assert work.sweep() == 1
    work.run(TrainingRun, lead.pk)
    assert states() == {State.DONE} and len(together.calls) == 2


def test_those_trained_along_show_how_far_it_is(category, others, together, client_of):
    lead, along = family(category, others[0])
    seen = []

    def look(progress):
        page = client_of("Admin").get(f"/runs/{along.pk}/").content.decode()
        listed = client_of("Admin").get("/api/categories/bolt/").json()["open_run"]
        state = TrainingRun.objects.get(pk=along.pk).state
        seen.append(("Epoch" in page, state, "epoch" in listed["progress"]))

    together.between = look
    work.run(TrainingRun, lead.pk)
    assert seen[-1] == (True, State.RUNNING, True)
    page = client_of("Admin").get(f"/runs/{along.pk}/").content.decode()
    assert "One model with" in page and "Nut" in page


@pytest.mark.parametrize("which", [0, 1])
def test_one_is_cancelled_and_all_are(category, others, together, person, which):
    runs = family(category, others[0])
    cancelled = cancel(runs[which], by=person("Admin"))
    assert cancelled.state == State.CANCELLED and states() == {State.CANCELLED}
    assert Event.objects.filter(kind="run.cancelled").count() == 2
    with pytest.raises(Conflict):
        cancel(runs[which], by=None)


@pytest.mark.parametrize("which", [0, 1])
def test_a_running_family_stops_as_a_whole(category, others, together, which):
    runs = family(category, others[0])
    together.between = lambda progress: cancel(runs[which], by=None) if progress.epoch == 1 else None
    work.run(TrainingRun, runs[0].pk)
    assert states() == {State.CANCELLED} and not ModelVersion.objects.exists()


@pytest.mark.parametrize("which", [0, 1])
def test_a_family_that_failed_is_retried_as_a_whole(category, others, together, which):
    runs = family(category, others[0])
    together.error = detection.BadDataset("Too dark.")
    work.run(TrainingRun, runs[0].pk)
    along = TrainingRun.objects.get(pk=runs[1].pk)
    assert (along.state, along.error_message) == (State.FAILED, "Too dark.")
    together.error = None
    assert retry(TrainingRun.objects.get(pk=runs[which].pk), by=None).state == State.WAITING
    assert states() == {State.WAITING}
    work.run(TrainingRun, runs[0].pk)
    assert states() == {State.DONE} and ModelVersion.objects.count() == 2


def test_a_photo_that_cannot_be_read_is_named_with_its_category(category, others, together):
    """Also one that two of them have: it is stored twice under its hash."""
    add(others[0], "train", "good", range(3, 4))
    runs = family(category, others[0])
    shared = {run.category.name: Path(run.snapshot.items[-1]["image"]) for run in runs}["Bolt"]
    assert shared.name in {Path(item["image"]).name for item in runs[0].snapshot.items}
    own = Path(runs[1].snapshot.items[0]["image"])
    bad = [detection.UnreadableImage("truncated", "It ends too early.", path) for path in (own, shared)]
    together.error = detection.UnreadablePhotos(bad, 9)
    said = work.run(TrainingRun, runs[0].pk).error_message
    assert "Bolt: good/030.png: It ends" in said and "Bolt: good/003.png: It ends" in said

    default_storage.delete(str(own))
    run = retry(runs[1], by=None)
    work.run(TrainingRun, runs[0].pk)
    run.refresh_from_db()
    assert "train/good/030.png of Bolt is missing" in run.error_message


def test_a_worker_that_dies_leaves_all_of_them_waiting(category, others, together):
    lead, _ = family(category, others[0])
    TrainingRun.objects.filter(pk=lead.pk).update(state=State.RUNNING, started=lead.created)
    in_step()
    assert states() == {State.RUNNING}
    TrainingRun.objects.filter(pk=lead.pk).update(state=State.WAITING)
    work.sweep()
    assert states() == {State.WAITING}


def test_all_or_none(category, others, together):
    bolt, washer = others
    with pytest.raises(Refused, match="Washer has no training samples"):
        family(category, bolt, washer)
    submit(category=bolt, by=None, method="unet")
    with pytest.raises(Conflict, match="a training of Bolt"):
        family(category, bolt)
    assert TrainingRun.objects.count() == 1


def test_a_category_with_an_open_run_of_a_family_is_being_trained(category, others, together):
    family(category, others[0])
    with pytest.raises(Conflict, match="a training of Bolt"):
        submit(category=others[0], by=None)


@pytest.mark.parametrize("method", ["transformer", "unet"])
def test_what_cannot_be_joined(category, others, method):
    own = ModelVersionFactory.create(method=method, category=category)
    taught = ModelVersionFactory.create(method=method, config={"family": {"categories": ["x", "nut"]}})
    for version in (own, taught):
        with pytest.raises(Refused) as refused:
            join(category, version, by=None)
        assert refused.value.code == "cannot_join"
    assert not TrainingRun.objects.exists()


def test_a_network_that_was_deleted_meanwhile(category, others, together):
    run = join(category, ModelVersionFactory.create(method=METHOD, stored=True), by=None)
    name = str(run.joins)
    TrainingRun.objects.update(joins=None)
    done = work.run(TrainingRun, run.pk)
    assert (done.state, done.error_code) == (State.FAILED, "network_gone") and name in done.error_message


def test_joining_on_the_pages(category, others, client_of, together):
    version = ModelVersionFactory.create(method=METHOD, category=others[0], stored=True)
    site, page = client_of("Admin"), "/categories/nut/retrain/"
    assert "Join another category" in site.get(page).content.decode()
    for address in (page, retrain_address(category.pk)):
        answer = site.post(address, {"joins": version.pk, "fast": "on"})
        run = TrainingRun.objects.get()
        assert answer.status_code == 302 and run.joins == version and run.fast
        assert f"{version}" in site.get(f"/runs/{run.pk}/").content.decode()
        run.delete()
        assert (
            "Choose the version that the category joins"
            in site.post(address, {"joins": "x"}).content.decode()
        )
        assert not TrainingRun.objects.exists()


def test_a_family_in_the_panel(category, others, client_of, together):
    bolt, _ = others
    site, address = client_of("Admin"), retrain_address(category.pk, bolt.pk)
    assert "One model for all of them" in site.get(address).content.decode()
    page = site.post(address, {"method": "unet", "together": "on"})
    assert "as the method, or train each category by itself" in page.content.decode()
    site.post(address, {"method": METHOD, "together": "on"})
    lead, along = TrainingRun.objects.order_by("pk")
    assert along.lead == lead
    page = f"/admin/training/trainingrun/{along.pk}"
    assert "One model with" in site.get(f"{page}/change/").content.decode()
    assert "Bolt ends with it." in site.get(f"{page}/cancel/").content.decode()
    TrainingRun.objects.update(state=State.FAILED)
    assert "Bolt is trained with it." in site.get(f"{page}/retry/").content.decode()


def test_families_by_the_api(category, others, api_of, together):
    api = api_of("Admin")
    asked = {"categories": ["nut", "bolt"], "method": METHOD, "options": SMALL}
    for wrong in ({"method": "unet"}, {"categories": ["nut"]}, {"categories": ["nut", "none"]}):
        assert api.post("/api/families/", asked | wrong, format="json").status_code == 400
    assert api_of("QA manager").post("/api/families/", asked, format="json").status_code == 403
    answer = api.post("/api/families/", asked, format="json")
    assert answer.status_code == 202
    lead, along = answer.json()["runs"]
    assert (lead["category"], along["category"], along["lead"]) == ("nut", "bolt", lead["id"])
    assert api.post("/api/families/", asked, format="json").status_code == 409


def test_a_list_that_is_too_long_is_refused_before_its_items_are_looked_up(
    category, api_of, django_assert_max_num_queries
):
    """20,000 names took more than a minute of the database."""
    api, asked = api_of("Admin"), {"categories": ["nut"] * 1000, "method": METHOD}
    with django_assert_max_num_queries(20):
        answer = api.post("/api/families/", asked, format="json")
    assert answer.status_code == 400 and "no more than 100" in answer.json()["error"]["message"]


def test_joining_by_the_api(category, others, api_of, together):
    version = ModelVersionFactory.create(method=METHOD, stored=True)
    api, address = api_of("Admin"), "/api/categories/nut/retrain/"
    wrongs = ({"joins": 999}, {"joins": version.pk + 0.5}, {"joins": version.pk, "method": "unet"})
    for wrong in wrongs:
        assert api.post(address, wrong, format="json").status_code == 400
    for kind in ("json", "multipart"):
        answer = api.post(address, {"joins": version.pk}, format=kind)
        assert answer.status_code == 202 and answer.json()["run"]["joins"] == version.pk
        assert not answer.json()["run"]["fast"]
        TrainingRun.objects.all().delete()
    answer = api.post(address, {"joins": version.pk, "fast": True}, format="json")
    assert answer.json()["run"]["fast"]


def test_the_command_trains_a_family(category, others, together, capsys):
    call_command("train", "nut", "bolt", method=METHOD, verbosity=0)
    assert "Nut v1" in (said := capsys.readouterr().out) and "Bolt v1" in said
    for wrong in ({"method": "unet"}, {"join": "nut"}):
        with pytest.raises(CommandError):
            call_command("train", "nut", "bolt", verbosity=0, **wrong)
    with pytest.raises(CommandError, match="no active version"):
        call_command("train", "bolt", join="nut", verbosity=0)


def test_a_category_that_joins_gets_a_quick_draft_where_it_is_asked_for(
    category, others, together, monkeypatch
):
    version = ModelVersionFactory.create(method=METHOD, category=others[0], stored=True)
    drafted: list = []
    monkeypatch.setattr("inspector.training.train.unpacked", lambda version: "network")
    monkeypatch.setattr("inspector.training.train.add_draft", lambda *given: drafted.append(given))
    call_command("train", "nut", join="bolt", verbosity=0)
    assert not drafted
    call_command("train", "nut", join="bolt", fast=True, verbosity=0)
    assert len(drafted) == 1 and TrainingRun.objects.get(fast=True).joins == version
