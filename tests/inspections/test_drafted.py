"""Photos that a quick draft decides: judged by it, kept, shown as estimates; the model where it cannot."""

import logging
import shutil
from dataclasses import replace
from datetime import UTC

import pytest

import detection
from detection.files import artifact
from inspector.core.roles import Role
from inspector.exports.documents.one import _how_sure
from inspector.exports.records import records
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.claimed_batch import warm_up
from inspector.inspections.models import Inspection
from inspector.inspections.submit import submit
from inspector.inspections.templatetags.scores import scored
from inspector.registry import detectors, draft
from inspector.registry.models import Deployment
from inspector.registry.promote import promote
from inspector.registry.register import register
from tests.factories import DRAFT, CategoryFactory
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def run(trained_run, tmp_path_factory):
    """The trained run, with a draft that decides all that is OK by it."""
    folder = shutil.copytree(trained_run[0], tmp_path_factory.mktemp("fast") / "part" / "run")
    artifact.write_cascade(folder, {"limit": -1e-9, "half": False, "made": DRAFT})
    return folder


@pytest.fixture
def version(db, run, trained_run, settings, tmp_path):
    settings.VAR_DIR = tmp_path / "var"
    detectors.forget()
    result = replace(trained_run[1], config=trained_run[1].config | {"draft": DRAFT})
    yield promote(register(CategoryFactory.create(slug="nut", name="Nut"), run, "unet", result), by=None)
    detectors.forget()


@pytest.fixture
def judged(version, person):
    """Send a good photo, which was learned from, and a broken one; gives both, judged."""

    def send():
        photos = [upload(photo(), "good.png"), upload(photo(200, broken=True), "broken.png")]
        sent = submit(category=version.category, uploads=photos, by=person(), source="api").inspections
        analyse_waiting(version.category_id)
        return [Inspection.objects.get(pk=row.pk) for row in sent]

    return send


def test_it_decides_clear_oks_alone_and_the_model_all_others(version, judged, monkeypatch):
    asked = []
    predict = detection.Detector.predict
    monkeypatch.setattr(
        detection.Detector, "predict", lambda self, photos: asked.append(len(photos)) or predict(self, photos)
    )
    good, broken = judged()
    assert (good.state, good.verdict, good.drafted, good.version) == ("done", "OK", True, version)
    assert good.p_value is good.p_low is good.stable is good.spread is None
    assert good.heatmap and not good.reconstruction
    assert (broken.verdict != "OK", broken.drafted) == (True, False)
    assert asked[0] == 1, "the broken one"


def test_its_score_is_marked_wherever_it_is_shown(judged, client_of, api_of):
    good, broken = judged()
    assert scored(good).text.startswith("~") and scored(good).score.startswith("~")
    assert "~" not in scored(broken).text
    client = client_of(Role.QA_MANAGER)
    page = client.get(good.get_absolute_url()).content.decode()
    assert "Decided by a quick draft." in page and scored(good).score in page
    assert "quick draft" not in client.get(broken.get_absolute_url()).content.decode()
    for address in ("/history/", good.batch.get_absolute_url()):
        assert scored(good).text in client.get(address).content.decode()
    answer = {
        row["id"]: row["drafted"]
        for row in api_of(Role.QA_MANAGER).get("/api/inspections/").json()["results"]
    }
    assert answer == {good.pk: True, broken.pk: False}
    assert {row["id"]: row["drafted"] for row in records({}, UTC)} == answer
    assert "Decided by a quick draft: score and anomaly map are estimates." in _how_sure(good)


def _unreadable(version, monkeypatch):
    detectors.detector(version)
    (detectors._folder(version) / artifact.CASCADE).write_text("{")


def _on_a_gpu(version, monkeypatch):
    def refuse(folder, **more):
        raise detection.BadOptions("A cascade runs on a CPU only, and the model is on cuda.")

    monkeypatch.setitem(vars(detection), "load_cascade", refuse)


def _failing(version, monkeypatch):
    monkeypatch.setattr(detection.Cascade, "predict", lambda self, photos: 1 / 0)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_unreadable, "the model judges all photos, its quick draft cannot be used"),
        (_on_a_gpu, "the model judges all photos, its quick draft cannot be used"),
        (_failing, "a quick draft failed, the model judges"),
    ],
)
def test_where_it_cannot_the_model_judges_and_no_photo_is_lost(
    version, judged, monkeypatch, caplog, spoil, says
):
    spoil(version, monkeypatch)
    with caplog.at_level(logging.WARNING):
        rows = judged() + judged()
    assert [(row.state, row.drafted, row.verdict == "OK") for row in rows] == [
        ("done", False, True),
        ("done", False, False),
    ] * 2
    assert caplog.text.count(says) == (2 if spoil is _failing else 1)


def test_some_are_judged_by_the_model_too_and_say_whether_the_draft_was_right(
    version, judged, monkeypatch, client_of, api_of
):
    page = client_of(Role.QA_MANAGER).get(version.get_absolute_url()).text
    assert "None was so far." in page
    monkeypatch.setattr(draft, "COMPARED_ONE_IN", 1)
    good, broken = judged()
    assert (good.verdict, good.drafted, good.draft_agrees) == ("OK", False, True)
    assert (broken.drafted, broken.draft_agrees) == (False, None), "the draft said nothing of it"
    answers = api_of(Role.QA_MANAGER).get("/api/inspections/").json()["results"]
    assert {row["id"]: row["draft_agrees"] for row in answers} == {good.pk: True, broken.pk: None}
    page = client_of(Role.QA_MANAGER).get(version.get_absolute_url()).text
    assert "judged 1 of the photos" in page and "called each of them OK: at most 97.5" in page


def test_whether_a_draft_is_right_is_said_by_the_limits_at_work(version, judged, monkeypatch):
    """They may be higher than those of the training, which the model and its draft were loaded with."""
    monkeypatch.setattr(draft, "COMPARED_ONE_IN", 1)
    cascade = detectors.cascade(version)
    limits = replace(cascade.detector.threshold, value=1e-6, review_from=None)
    monkeypatch.setattr(cascade.detector, "threshold", limits)
    good, _ = judged()
    assert (good.verdict, good.draft_agrees) == ("OK", True)


def test_without_it_the_model_judges_all(version, judged):
    Deployment.objects.update(fast=False)
    assert [row.drafted for row in judged()] == [False, False]
    assert detectors._cascades == {}


def test_a_worker_loads_it_as_it_starts_and_lets_it_go_with_its_model(version, trained_run, settings):
    warm_up()
    assert detectors._cascades[version.sha256].detector is detectors.detector(version)
    settings.DETECTOR_CACHE = 1
    detectors.detector(register(CategoryFactory.create(), trained_run[0], "unet", trained_run[1]))
    assert detectors._cascades == {}
