"""One photo as the models of several categories see it."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from inspector.core import work
from inspector.core.errors import Conflict
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.inspections.models import Inspection
from inspector.registry.models import Deployment, ModelVersion
from inspector.registry.set_limits import set_limits
from inspector.trials import ask as ask_module
from inspector.trials import judge
from inspector.trials.ask import MOST_OPEN, ask, forget_old
from inspector.trials.models import KEPT, Trial
from tests.factories import ModelVersionFactory
from tests.photos import encoded, photo, ring, upload
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
PAGE = "/compare/photo/"
METRICS = ALL | {"Inspector": 403}


@pytest.fixture
def versions(active_version):
    """One that can judge, and one whose files are gone."""
    return [active_version(), ModelVersionFactory.create()]


@pytest.fixture
def tried(client_of, versions):
    """A photo that was sent in the browser, and judged."""
    sent = {"photo": upload(photo(1, broken=True), "nut 1.png"), "version": [one.pk for one in versions]}
    answer = client_of("QA manager").post(PAGE, sent)
    assert answer.status_code == 302, answer.content.decode()
    trial = Trial.objects.get()
    assert answer["Location"] == trial.get_absolute_url()
    work.run(Trial, trial.pk)
    trial.refresh_from_db()
    return trial


def test_every_model_says_what_it_thinks_and_the_record_is_left_alone(client_of, tried):
    assert tried.state == State.DONE
    judged, gone = tried.judgements.all()
    assert judged.verdict == "ANOMALY" and judged.score >= judged.threshold
    assert not gone.verdict and "missing from storage" in gone.problem
    page = client_of("QA manager").get(tried.get_absolute_url()).content.decode()
    assert "nut 1.png" in page and "missing from storage" in page
    assert f'hx-get="{tried.get_absolute_url()}"' not in page, "it polls no more"
    picture = client_of("QA manager").get(f"{tried.get_absolute_url()}{judged.version_id}/heatmap/")
    assert picture["Content-Type"] == "image/png"
    assert (
        client_of("QA manager").get(f"{tried.get_absolute_url()}{gone.version_id}/heatmap/").status_code
        == 404
    )
    assert not Inspection.objects.exists()
    assert Event.objects.filter(kind="trial.asked").count() == 1


def test_limits_are_those_at_work(active_version, person):
    version = active_version()
    by = person(Role.QA_MANAGER)
    before = version.deployments.get(until=None)
    changed = {"threshold": 1e6, "review_from": None, "replaces": before.pk}
    set_limits(version.category, **changed, by=by, reason="Fewer calls")
    trial = ask(photo=upload(photo(1, broken=True), "a.png"), versions=[version], by=by)
    work.run(Trial, trial.pk)
    assert trial.judgements.get().verdict == "OK"


def test_a_model_of_another_part_gives_no_verdict(known, person, client_of):
    parts = [known(name).versions.get() for name in ("Part", "Ring")]
    trial = ask(photo=upload(encoded(ring(99)), "a.png"), versions=parts, by=person(Role.QA_MANAGER))
    work.run(Trial, trial.pk)
    of_part, of_ring = trial.judgements.all()
    assert of_part.other_part and of_part.verdict == "" and of_part.score is not None
    assert of_ring.verdict and not of_ring.other_part
    page = client_of("QA manager").get(trial.get_absolute_url()).content.decode()
    assert page.count("Not this part") == 1 and "does not look like photos of Part" in page


def test_a_version_that_is_deleted_meanwhile_stops_no_other(active_version, person, monkeypatch):
    versions = [active_version(), ModelVersionFactory.create(standing="candidate"), active_version()]
    trial = ask(photo=upload(photo(1), "a.png"), versions=versions, by=person(Role.QA_MANAGER))
    real, loaded = judge.detector, []

    def load(version):
        loaded.append(version)
        if version == versions[0]:
            ModelVersion.objects.filter(pk=versions[1].pk).delete()
        if version == versions[2]:
            Deployment.objects.filter(version=version).delete()
            ModelVersion.objects.filter(pk=version.pk).delete()
        return real(versions[0])

    monkeypatch.setattr(judge, "detector", load)
    trial = work.run(Trial, trial.pk)
    assert (trial.state, trial.error_message) == (State.DONE, "")
    assert trial.judgements.get().verdict and len(loaded) == 3


def test_one_that_was_deleted_before_it_was_sent_is_not_left_out_in_silence(client_of, versions):
    gone = versions[1].pk
    page = client_of("QA manager").get(PAGE).text
    assert f'value="{gone}"' in page
    versions[1].deployments.all().delete()
    versions[1].delete()
    sent = {"photo": upload(photo(1), "a.png"), "version": [versions[0].pk, gone]}
    answer = client_of("QA manager").post(PAGE, sent)
    assert answer.status_code == 400 and "deleted meanwhile. Choose again." in answer.text
    assert not Trial.objects.exists()


def test_a_score_that_is_no_number_is_no_verdict(active_version, person, monkeypatch):
    version = active_version()
    real = judge.detector(version)

    def broken(prepared):
        return [replace(one, score=float("nan")) for one in real.predict(prepared)]

    stand_in = SimpleNamespace(prepare=real.prepare, levels=real.levels, predict=broken)
    monkeypatch.setattr(judge, "detector", lambda version: stand_in)
    trial = ask(photo=upload(photo(1), "a.png"), versions=[version], by=person(Role.QA_MANAGER))
    work.run(Trial, trial.pk)
    row = trial.judgements.get()
    assert (row.score, row.verdict) == (None, "")
    assert "no valid score" in row.problem


def test_loading_a_model_is_no_part_of_the_time_of_its_verdict(active_version, person, monkeypatch):
    version, seconds = active_version(), [0.0]
    model = judge.detector(version)

    def load(version):
        seconds[0] += 60
        return model

    monkeypatch.setattr(judge, "detector", load)
    monkeypatch.setattr(judge, "time", SimpleNamespace(perf_counter=lambda: seconds[0]))
    trial = ask(photo=upload(photo(1), "a.png"), versions=[version], by=person(Role.QA_MANAGER))
    work.run(Trial, trial.pk)
    assert trial.judgements.get().milliseconds == 0


def test_those_who_see_metrics_may_try(client_of, tried):
    assert answers(client_of, PAGE) == METRICS
    assert answers(client_of, tried.get_absolute_url()) == METRICS


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({}, "Choose a photo."),
        ({"photo": SimpleUploadedFile("a.png", b"no photo")}, "not an image"),
        ({"photo": "text"}, "Choose a photo."),
    ],
)
def test_what_cannot_be_judged_is_said(client_of, versions, sent, words):
    answer = client_of("QA manager").post(PAGE, {**sent, "version": versions[0].pk})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Trial.objects.exists()


def test_a_photo_without_a_version_is_refused(client_of):
    ModelVersionFactory.create()
    answer = client_of("QA manager").post(PAGE, {"photo": upload(photo(1), "a.png"), "version": "77"})
    assert answer.status_code == 400
    assert "Choose at least one version." in answer.content.decode()


def test_nobody_fills_the_queue_and_one_may_cancel(client_of, person, versions):
    by = person(Role.QA_MANAGER, "quinn")
    trials = [ask(photo=upload(photo(n), "a.png"), versions=versions, by=by) for n in range(MOST_OPEN)]
    with pytest.raises(Conflict):
        ask(photo=upload(photo(9), "a.png"), versions=versions, by=by)
    client_of("QA manager").post(f"{trials[0].get_absolute_url()}cancel/")
    trials[0].refresh_from_db()
    assert trials[0].state == State.CANCELLED


def test_nobody_fills_the_queue_by_sending_several_at_once(person, versions, monkeypatch, media):
    """While one photo is stored, the others are written down."""
    by, real = person(Role.QA_MANAGER, "quinn"), ask_module.files.store
    others = iter(range(MOST_OPEN))

    def slow(name, content):
        for n in others:
            ask(photo=upload(photo(n), "a.png"), versions=versions, by=by)
        return real(name, content)

    monkeypatch.setattr(ask_module.files, "store", slow)
    with pytest.raises(Conflict, match="under way"):
        ask(photo=upload(photo(9), "a.png"), versions=versions, by=by)
    assert Trial.objects.count() == MOST_OPEN == len(list(media.rglob("original.png")))


def test_photos_are_removed_after_a_week(tried):
    name = str(tried.photo)
    assert default_storage.exists(name)
    assert forget_old() == 0
    Trial.objects.update(finished=timezone.now() - KEPT - timedelta(minutes=1))
    assert forget_old() == 1
    assert not default_storage.exists(name)


def test_a_program_tries_a_photo_and_reads_the_verdicts(api_of, versions):
    program = api_of("QA manager")
    sent = {"photo": upload(photo(1, broken=True), "nut 1.png"), "version": [one.pk for one in versions]}
    answer = program.post("/api/trials/", sent)
    assert answer.status_code == 202, answer.content.decode()
    address = f"/api/trials/{answer.json()['id']}/"
    assert answer.json()["judgements"][0]["heatmap"] is None
    work.run(Trial, answer.json()["id"])
    trial = program.get(address).json()
    judged, gone = trial["judgements"]
    assert (trial["state"], judged["verdict"], gone["verdict"]) == ("done", "ANOMALY", "")
    assert judged["score"] >= judged["threshold"] and "missing from storage" in gone["problem"]
    assert program.get(judged["heatmap"])["Content-Type"] == "image/png"
    assert program.get("/api/trials/").json()["results"][0]["id"] == trial["id"]
    assert program.post(f"{address}cancel/").status_code == 409
    assert api_of("Inspector").get(address).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"version": "77"},
        {"photo": SimpleUploadedFile("a.png", b"no photo")},
        {"photo": SimpleUploadedFile("a.png", b"")},
        {"photo": "text", "version": "x"},
    ],
)
def test_a_program_is_told_what_cannot_be_judged(api_of, versions, sent):
    answer = api_of("QA manager").post("/api/trials/", {"version": versions[0].pk, **sent})
    assert answer.status_code == 400 and answer.json()["error"]["fields"]
    assert not Trial.objects.exists()
