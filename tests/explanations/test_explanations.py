"""Explanations of a verdict: asked for, made by a worker, kept, shown; and all that may go wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

import detection
from detection.methods.setting import Sizes
from detection.options import for_method
from inspector.core import files, work
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.explanations import ask as asking
from inspector.explanations.models import KEPT, Explanation
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.submit import submit
from inspector.registry import detectors
from inspector.registry.promote import promote
from inspector.registry.register import register
from inspector.samples.add_samples import add_samples
from inspector.samples.remove_samples import remove_samples
from inspector.training.submit import freeze
from tests.factories import CategoryFactory, InspectionFactory, ModelVersionFactory, TrainingRunFactory
from tests.photos import photo, upload
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def bank_run(tmp_path_factory):
    """A tiny run with a bank of good patches."""
    folder = tmp_path_factory.mktemp("parts")
    train = []
    for n in range(6):
        train.append(folder / f"good{n}.png")
        train[-1].write_bytes(photo(n))
    options = for_method("filterbank", size=64, device="cpu", augment="off", crop="off")
    run_dir = tmp_path_factory.mktemp("runs") / "part" / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("detection.runs.plots.write", lambda folder, *rest: folder.mkdir() or [])
        result = detection.train(
            detection.Dataset("part", tuple(train)), run_dir, options, sizes=Sizes(fine=200, coarse=100)
        )
    return run_dir, result


@pytest.fixture
def nut(person, bank_run, settings, tmp_path):
    """A category with six samples, and a version that learned from them."""
    settings.VAR_DIR = tmp_path / "var"
    category = CategoryFactory.create(slug="nut", name="Nut")
    uploads = [upload(photo(n), f"good{n}.png") for n in range(6)]
    add_samples(category, uploads, split="train", label="good", by=person("Admin"))
    run = TrainingRunFactory.create(category=category, snapshot=freeze(category), state=State.DONE)
    run.version = promote(register(category, bank_run[0], "filterbank", bank_run[1]), by=None)
    run.save()
    yield category
    detectors.forget()


@pytest.fixture
def inspection(nut, person):
    """Judged by it: a broken one."""
    sent = submit(
        category=nut, uploads=[upload(photo(50, broken=True), "bad.png")], by=person(), source="web"
    )
    analyse_waiting(nut.pk)
    [row] = sent.inspections
    row.refresh_from_db()
    assert row.verdict
    return row


@pytest.fixture
def judged():
    """As if judged by a method with a bank; nothing is in storage."""
    version = ModelVersionFactory.create(method="filterbank")
    return InspectionFactory.create(judged=True, version=version, batch__category=version.category)


def made(inspection, by, kind="nearest"):
    row = asking.ask(inspection, kind, by=by)
    found = work.run(Explanation, row.pk)
    assert found and found.state == State.DONE, found and found.error_message
    return found


# --- Made and shown --------------------------------------------------------------------------
def test_a_broken_part_is_explained_by_the_good_photos_it_was_compared_with(inspection, client_of, person):
    client = client_of()
    page = client.get(inspection.get_absolute_url()).content.decode()
    assert f"/inspections/{inspection.pk}/explanations/" in page
    before = client.get(f"/inspections/{inspection.pk}/explanations/", HTTP_HX_REQUEST="true")
    assert "Nearest good" in before.content.decode() and "Explain" in before.content.decode()
    asked = client.post(f"/inspections/{inspection.pk}/explanations/nearest/", HTTP_HX_REQUEST="true")
    assert "Waiting for a worker" in asked.content.decode()
    row = Explanation.objects.get()
    assert f'hx-get="{row.get_absolute_url()}"' in asked.content.decode()
    work.run(Explanation, row.pk)
    done = client.get(row.get_absolute_url(), HTTP_HX_REQUEST="true").content.decode()
    assert "hx-trigger" not in done, "what is over polls no more"
    assert "unlike anything in 6 good photos" in done and "good" in done and "/samples/" in done
    row.refresh_from_db()
    assert row.facts["threshold"] == inspection.threshold
    for name in row.pictures:
        answer = client.get(f"/explanations/{row.pk}/pictures/{name}/")
        assert answer.status_code == 200 and answer["Content-Type"] == "image/jpeg"
    assert client.get(f"/explanations/{row.pk}/pictures/none/").status_code == 404
    assert all(name.startswith(str(inspection.original).rsplit("/", 1)[0]) for name in row.files)


def test_asked_for_again_it_is_the_same(inspection, person):
    first = made(inspection, person())
    assert asking.ask(inspection, "nearest", by=person("Admin")) == first
    waiting = asking.ask(
        InspectionFactory.create(judged=True, version=inspection.version), "nearest", by=person()
    )
    assert asking.ask(waiting.inspection, "nearest", by=person("Admin")) == waiting


def test_removed_samples_are_still_shown_and_said_to_be_removed(inspection, nut, person, client_of):
    remove_samples(nut, nut.samples.values_list("pk", flat=True), by=person("Admin"))
    row = made(inspection, person())
    good = row.facts["patches"][0]["goods"][0]
    assert good["about"] == "it was removed from the samples since" and good["picture"] in row.pictures
    page = client_of().get(row.get_absolute_url(), HTTP_HX_REQUEST="true").content.decode()
    assert "removed from the samples" in page and "/samples/" not in page


def test_a_good_photo_that_is_gone_leaves_the_distances(inspection, nut, person, client_of):
    files.delete([str(sample.image) for sample in nut.samples.all()])
    row = made(inspection, person())
    good = row.facts["patches"][0]["goods"][0]
    assert good["gone"] == "its file is missing from storage" and good["distance"] > 0
    assert (
        "missing from storage"
        in client_of().get(row.get_absolute_url(), HTTP_HX_REQUEST="true").content.decode()
    )


# --- Fails with a reason ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("gone", "code", "words"),
    [("original", "photo_missing", "missing from storage"), ("artifact", "bad_artifact", "are missing from")],
)
def test_files_that_are_gone_fail_it_in_words_and_it_can_be_retried(
    inspection, person, client_of, gone, code, words, settings, tmp_path
):
    name = str(inspection.original if gone == "original" else inspection.version.artifact)
    kept = files.read(name)
    files.delete([name])
    detectors.forget()
    settings.VAR_DIR = tmp_path / "another"
    row = asking.ask(inspection, "nearest", by=person())
    failed = work.run(Explanation, row.pk)
    assert (failed.state, failed.error_code) == (State.FAILED, code)
    assert words in failed.error_message
    client = client_of()
    page = client.get(row.get_absolute_url(), HTTP_HX_REQUEST="true").content.decode()
    assert words in page and "Retry" in page
    files.store(name, kept)
    client.post(f"/inspections/{inspection.pk}/explanations/nearest/")
    again = Explanation.objects.get()
    assert again.pk != row.pk and again.state == State.WAITING


def test_what_cannot_be_explained_is_refused(judged, person, client_of, api_of):
    waiting = InspectionFactory.create()
    with pytest.raises(Refused, match="no verdict yet"):
        asking.ask(waiting, "nearest", by=person())
    with pytest.raises(Refused, match="Choose one of"):
        asking.ask(judged, "nonsense", by=person())
    padim = InspectionFactory.create(judged=True, version=ModelVersionFactory.create(method="padim"))
    with pytest.raises(Refused, match="no good patches"):
        asking.ask(padim, "nearest", by=person())
    page = client_of().get(f"/inspections/{padim.pk}/explanations/")
    assert page.status_code == 200
    assert client_of().post(f"/inspections/{judged.pk}/explanations/nonsense/").status_code == 400
    answer = api_of().post(f"/api/inspections/{judged.pk}/explanations/", {"kind": "nonsense"}, format="json")
    assert answer.status_code == 400 and "kind" in answer.json()["error"]["fields"]


def test_a_person_has_a_few_at_once(person, judged, monkeypatch):
    monkeypatch.setattr(asking, "MOST_OPEN", 1)
    asking.ask(judged, "nearest", by=person())
    other = InspectionFactory.create(judged=True, version=judged.version)
    with pytest.raises(Conflict, match="under way"):
        asking.ask(other, "nearest", by=person())
    assert asking.ask(other, "nearest", by=person("Admin"))


# --- Cancelled, cut off, forgotten -----------------------------------------------------------
def test_cancelling_and_asking_again(judged, person, client_of):
    client = client_of()
    row = asking.ask(judged, "nearest", by=person())
    page = client.post(f"/explanations/{row.pk}/cancel/", HTTP_HX_REQUEST="true").content.decode()
    assert "It was cancelled." in page
    assert client.post(f"/explanations/{row.pk}/cancel/").status_code == 409
    again = asking.ask(judged, "nearest", by=person())
    assert again.state == State.WAITING and Explanation.objects.count() == 1


def test_one_that_is_cancelled_while_it_runs_stores_nothing(inspection, person, monkeypatch, media):
    monkeypatch.setattr("inspector.core.attempt.WRITE_SECONDS", 0.0)
    row = asking.ask(inspection, "nearest", by=person())
    found = detection.explanations.nearest.explain

    def cancelled(question):
        Explanation.objects.filter(pk=row.pk).update(cancel_requested=True)
        return found(question)

    monkeypatch.setitem(detection.explanations.EXPLAIN, "nearest", cancelled)
    assert work.run(Explanation, row.pk).state == State.CANCELLED
    assert not list(media.rglob("nearest-*"))


def test_a_worker_that_is_lost_in_the_middle_leaves_it_to_the_next(judged, person, nudges):
    row = asking.ask(judged, "nearest", by=person())
    past = timezone.now() - timedelta(minutes=5)
    Explanation.objects.filter(pk=row.pk).update(state=State.RUNNING, lease_until=past, attempts=1)
    nudges.clear()
    work.sweep()
    row.refresh_from_db()
    assert row.state == State.WAITING
    assert (work.TASK, ("explanation", row.pk)) in nudges


def test_it_waits_for_no_training(judged, person, monkeypatch, django_capture_on_commit_callbacks):
    queues = []
    monkeypatch.setattr("inspector.core.nudge.send", lambda name, args, queue: queues.append(queue))
    with django_capture_on_commit_callbacks(execute=True):
        asking.ask(judged, "nearest", by=person())
    work.sweep()
    assert queues == ["explain", "explain"]


def test_old_ones_are_forgotten_with_their_pictures(inspection, person):
    row = made(inspection, person())
    asking.forget_old()
    assert Explanation.objects.exists()
    Explanation.objects.update(finished=timezone.now() - KEPT - timedelta(hours=1))
    assert asking.forget_old() == 1
    assert not Explanation.objects.exists()
    with pytest.raises(FileNotFoundError):
        files.read(row.files[0])


# --- Who, and at what cost -------------------------------------------------------------------
def test_who_may_explain(judged, client_of, person, api_of):
    row = asking.ask(judged, "nearest", by=person())
    address = f"/inspections/{judged.pk}/explanations/"
    assert answers(client_of, address) == ALL
    people = ("Inspector", "QA manager", "Admin")
    asked = answers(client_of, f"{address}nearest/", "post")
    assert asked == ALL | dict.fromkeys(people, 302)
    assert answers(client_of, f"/explanations/{row.pk}/pictures/photo/") == ALL | dict.fromkeys(people, 404)


def test_pages_ask_few_queries(judged, person, client_of, django_assert_max_num_queries):
    asking.ask(judged, "nearest", by=person())
    goods = [
        {
            "method": "filterbank",
            "part": "fine",
            "distance": 1.0,
            "usual": 0.5,
            "times": 2.0,
            "sha256": str(n),
        }
        for n in range(5)
    ]
    patches = [{"number": n, "times": 2.0, "picture": str(n), "goods": goods} for n in (1, 2, 3)]
    Explanation.objects.update(state=State.DONE, facts={"says": ["So."], "patches": patches})
    client = client_of()
    with django_assert_max_num_queries(8):
        assert (
            client.get(f"/inspections/{judged.pk}/explanations/", HTTP_HX_REQUEST="true").status_code == 200
        )


def test_the_api_tells_the_same(inspection, api_of, person):
    api = api_of()
    address = f"/api/inspections/{inspection.pk}/explanations/"
    assert api.get(address).json() == []
    asked = api.post(address, {"kind": "nearest"}, format="json")
    assert asked.status_code == 202 and asked.json()["state"] == "waiting"
    work.run(Explanation, asked.json()["id"])
    one = api.get(f"/api/explanations/{asked.json()['id']}/").json()
    assert one["state"] == "done" and one["facts"]["says"] and one["error"] is None
    picture = api.get(one["pictures"]["photo"])
    assert picture.status_code == 200 and picture["Content-Type"] == "image/jpeg"
    assert [row["id"] for row in api.get(address).json()] == [one["id"]]
    assert api.post(f"/api/explanations/{one['id']}/cancel/").status_code == 409


@pytest.mark.parametrize("kind", ["shap", "grad-cam", "layers"])
def test_each_kind_of_a_bank_is_shown_over_the_photo(inspection, person, client_of, monkeypatch, kind):
    monkeypatch.setattr("detection.explanations.shap.PARTS", 9)
    monkeypatch.setattr("detection.explanations.shap._MOST", 4)
    row = made(inspection, person(), kind)
    assert len(row.pictures) == 2
    page = client_of().get(row.get_absolute_url(), HTTP_HX_REQUEST="true").content.decode()
    assert row.facts["says"][0][:20] in page
    for name in row.pictures:
        assert f"/explanations/{row.pk}/pictures/{name}/" in page


def test_a_repair_flickers_with_the_photo(active_version, person, client_of, settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    version = active_version()
    sent = submit(
        category=version.category, uploads=[upload(photo(50, broken=True))], by=person(), source="web"
    )
    analyse_waiting(version.category_id)
    [inspection] = sent.inspections
    inspection.refresh_from_db()
    row = made(inspection, person(), "counterfactual")
    page = client_of().get(row.get_absolute_url(), HTTP_HX_REQUEST="true").content.decode()
    assert "Flicker" in page and row.facts["says"][0][:15] in page
