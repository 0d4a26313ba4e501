"""A quick draft that is made with a training: asked for at every door, kept, refused in words, cancelled."""

import json
import zipfile
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command

import detection
from inspector.core import work
from inspector.core.jobs import State
from inspector.core.roles import Role
from inspector.core.trail import detail_in_words
from inspector.registry.models import ModelVersion
from inspector.training.cancel import cancel
from inspector.training.events import TrainingEvent
from inspector.training.models import TrainingRun
from inspector.training.panels import phase
from inspector.training.submit import submit, submit_family
from tests.factories import DRAFT, CategoryFactory, TrainingRunFactory
from tests.training.conftest import add

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(monkeypatch, training):
    """Stands in for detection.make_cascade: two steps, `between` called at the first, `error` raised after
    them."""
    draft = SimpleNamespace(between=lambda: None, error=None, asked=[])

    def make(run_dir, dataset, *, runtime, on_step):
        draft.asked.append((run_dir, len(dataset.train), runtime))
        on_step(180, 360)
        draft.between()
        on_step(360, 360)
        if draft.error:
            raise draft.error
        (run_dir / "cascade.json").write_text(json.dumps({"limit": -0.1}))
        return SimpleNamespace(as_dict=lambda: DRAFT | {"run_dir": str(run_dir)})

    monkeypatch.setitem(vars(detection), "make_cascade", make)
    return draft


@pytest.fixture
def run(category, draft):
    return submit(category=category, by=None, method="filterbank", options={}, fast=True)


def train(run):
    return work.run(TrainingRun, run.pk)


def test_it_is_made_from_the_snapshots_photos_and_is_part_of_the_artifact(run, training, draft):
    seen = []
    draft.between = lambda: seen.append(TrainingRun.objects.get(pk=run.pk))
    done = train(run)
    assert draft.asked == [(training.calls[0].run_dir, 4, "torch")]
    version = done.version
    assert version.making.draft.per_thousand == pytest.approx(0.975)
    assert "run_dir" not in version.config["draft"], "no path of a machine"
    with default_storage.open(version.artifact.name) as file:
        assert "cascade.json" in zipfile.ZipFile(file).namelist()
    [midway] = seen
    assert phase(midway) == "Trying the quick draft"
    assert (midway.how_far.fraction, midway.how_far.seconds_left) == (pytest.approx(0.95), 30.0)
    assert len(midway.how_far.history) == 3, "the losses are still there to plot"


def test_until_then_the_training_is_not_the_whole(run, training):
    seen = []
    training.between = lambda progress: seen.append(TrainingRun.objects.get(pk=run.pk).how_far)
    train(run)
    assert (seen[2].fraction, seen[2].seconds_left) == (pytest.approx(0.6), 61.0)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (detection.BadDataset("A cascade needs 10 of the good photos."), "A cascade needs 10"),
        (RuntimeError("some library"), "A fault in the program or the machine"),
        (MemoryError(), "A fault in the program or the machine"),
    ],
)
def test_without_it_the_training_succeeds_and_the_page_says_why(run, draft, error, says, client_of):
    draft.error = error
    done = train(run)
    assert done.state == State.DONE
    assert done.version.making.draft.why_not.startswith(says)
    assert not done.version.making.has_draft
    for address in (done.version.get_absolute_url(), run.get_absolute_url()):
        page = client_of(Role.ADMIN).get(address).content.decode()
        assert "no quick draft" in page and says in page


def test_it_is_cancelled_as_the_training_is(run, draft):
    draft.between = lambda: cancel(TrainingRun.objects.get(pk=run.pk), by=None)
    assert train(run).state == State.CANCELLED
    assert not ModelVersion.objects.exists()


def test_only_where_it_is_asked_for(category, draft):
    run = submit(category=category, by=None, method="filterbank", options={})
    assert train(run).version.making.draft is None
    assert draft.asked == []


def test_each_category_of_a_family_gets_one(category, training, draft, monkeypatch):
    def several(datasets, options, **watched):
        return [training(dataset, folder, options, **watched) for folder, dataset in datasets.items()]

    monkeypatch.setitem(vars(detection), "train_family", several)
    bolt = CategoryFactory.create(slug="bolt", name="Bolt")
    add(bolt, "train", "good", range(30, 34))
    seen = []
    lead, along = submit_family([category, bolt], by=None, method="transformer", fast=True)
    draft.between = lambda: seen.append(TrainingRun.objects.get(pk=lead.pk).how_far.fraction)
    assert train(lead).version.making.has_draft
    along.refresh_from_db()
    assert along.fast and along.version.making.has_draft
    assert [run_dir.parent.name for run_dir, *_ in draft.asked] == ["nut", "bolt"]
    assert seen == [pytest.approx(0.925), pytest.approx(0.975)]


def _site(client_of, api_of, fast):
    client_of(Role.ADMIN).post("/categories/nut/retrain/", {"method": "filterbank"} | fast)


def _panel(client_of, api_of, fast):
    pk = str(TrainingRun._meta.get_field("category").related_model.objects.get().pk)
    client_of(Role.ADMIN).post(
        f"/admin/categories/category/retrain/?ids={pk}", {"method": "filterbank"} | fast
    )


def _api(client_of, api_of, fast):
    api_of(Role.ADMIN).post("/api/categories/nut/retrain/", {"fast": bool(fast)}, format="json")


def _command(client_of, api_of, fast):
    call_command("train", "nut", "--fast" if fast else "--no-fast", "--method=filterbank", verbosity=0)


@pytest.mark.parametrize("door", [_site, _panel, _api, _command])
@pytest.mark.parametrize("fast", [{"fast": "on"}, {}])
def test_every_door_asks_for_it(category, draft, client_of, api_of, door, fast):
    TrainingRunFactory.create(category=category, fast=not fast, state=State.DONE)
    door(client_of, api_of, fast)
    assert TrainingRun.objects.latest("pk").fast == bool(fast)


def test_it_is_asked_for_as_last_time_and_the_trail_knows(run, category, client_of, api_of):
    train(run)
    page = client_of(Role.ADMIN).get("/categories/nut/retrain/").content.decode()
    assert "A quick draft decides clear OKs, as last time." in page
    api_of(Role.ADMIN).post("/api/categories/nut/retrain/", {"method": "filterbank"})  # as a form
    again = TrainingRun.objects.latest("pk")
    assert again != run and again.fast
    assert api_of(Role.ADMIN).get(f"/api/runs/{again.pk}/").json()["fast"] is True
    assert "Quick draft" in client_of(Role.ADMIN).get(again.get_absolute_url()).content.decode()
    words = detail_in_words(TrainingEvent.REQUESTED, {"method": "filterbank", "fast": True})
    assert words.endswith("with a quick draft")
