"""How sure a verdict is: stored with it, said on its page, in the API and in exports; REVIEW on request."""

from dataclasses import replace
from datetime import UTC
from types import SimpleNamespace

import numpy as np
import pytest

from detection import Prediction, Stability
from detection.photos.images import PLAIN
from inspector.core.roles import Role
from inspector.exports.records import records
from inspector.inspections import claimed_batch
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.how_sure import interval_in_words
from inspector.inspections.models import Inspection, Verdict
from inspector.inspections.submit import submit
from inspector.registry.models import Deployment
from tests.factories import CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db
BY_DOUBT = "REVIEW because it is unstable, not because of its score: only 12 of 20 slight changes"


class Detector:
    """Stands in for one that is unsure of what it takes for a defect."""

    levels = PLAIN
    threshold = SimpleNamespace(good_scores=(0.1,) * 30)

    def prepare(self, image):
        return image

    def predict(self, images):
        empty = np.zeros((8, 8), dtype=np.float32)
        sure = {"p_interval": (0.0, 0.1157), "spread": 0.0204}
        return [Prediction(0.51, 0.5, empty, None, 0.4, 1 / 31, **sure) for _ in images]


@pytest.fixture
def examine(monkeypatch):
    """What `detection.examine` answers; an exception is raised."""
    answer = SimpleNamespace(value=Stability(12, 20))

    def examined(detector, photos, predictions, *, least_stable):
        if isinstance(answer.value, Exception):
            raise answer.value
        return [replace(one, stability=answer.value, least_stable=least_stable) for one in predictions]

    monkeypatch.setattr("detection.examine", examined, raising=False)
    return answer


@pytest.fixture
def judged(monkeypatch, person, examine):
    """A photo sent and judged by a new version."""
    monkeypatch.setattr(claimed_batch, "detector", lambda version: Detector())

    def send(**deployment) -> Inspection:
        config = {"threshold": {"good_scores": [0.1] * 30, "review_from": 0.4}}
        version = ModelVersionFactory.create(category=CategoryFactory.create(), config=config)
        Deployment.objects.filter(version=version).update(**deployment)
        sent = submit(
            category=version.category, uploads=[upload(photo(), "a.png")], by=person(), source="api"
        )
        analyse_waiting(version.category_id)
        return Inspection.objects.get(pk=sent.inspections[0].pk)

    return send


def page(client_of, row):
    return " ".join(client_of(Role.INSPECTOR).get(row.get_absolute_url()).content.decode().split())


def test_it_is_stored_and_shown(judged, client_of, api_of):
    row = judged()
    assert (row.verdict, row.p_low, row.p_high, row.stable, row.stable_of) == ("ANOMALY", 0.0, 0.1157, 12, 20)
    shown = page(client_of, row)
    assert "Near a limit: stable in 12 of 20 slight changes of the photo." in shown
    assert "The true share may be up to 1 in 8.6 (95 % sure)." in shown
    assert "Redrawn from other noise, the score would mostly stay within 4 %." in shown
    answer = api_of(Role.INSPECTOR).get(f"/api/inspections/{row.pk}/").json()
    assert (answer["stability"], answer["p_interval"]) == ({"same": 12, "of": 20}, [0.0, 0.1157])
    assert answer["spread"] == 0.0204
    [record] = records({}, UTC)
    assert (record["p_low"], record["p_high"], record["stable"], record["stable_of"]) == (0.0, 0.1157, 12, 20)


def test_on_request_an_unstable_verdict_is_review(judged, client_of):
    row = judged(review_unstable=True)
    assert (row.verdict, row.outcome) == (Verdict.REVIEW, "open")
    assert BY_DOUBT in page(client_of, row)


def test_without_memory_for_it_a_verdict_is_a_verdict(judged, examine):
    examine.value = MemoryError()
    row = judged(review_unstable=True)
    assert (row.state, row.verdict, row.stable) == ("done", "ANOMALY", None)


def test_what_was_judged_before_says_nothing_of_it(client_of, api_of):
    row = InspectionFactory.create(judged=True, p_value=0.02, verdict=Verdict.REVIEW, score=0.45)
    shown = page(client_of, row)
    assert "look at least this unusual" in shown
    assert not any(word in shown for word in ("95 % sure", "slight changes", "other noise", "None"))
    answer = api_of(Role.INSPECTOR).get(f"/api/inspections/{row.pk}/").json()
    assert (answer["stability"], answer["p_interval"]) == (None, None)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.0, 0.1157, "The true share may be up to 1 in 8.6 (95 % sure)."),
        (0.004, 0.05, "The true share may be 1 in 250 to 1 in 20 (95 % sure)."),
        (0.7, 1.0, "The true share may be 70 % or more (95 % sure)."),
        (0.71, 0.91, "The true share may be 71 to 91 % (95 % sure)."),
        (0.004, 0.35, "The true share may be 0.4 to 35 % (95 % sure)."),
        (0.0, 0.5, "The true share may be up to 50 % (95 % sure)."),
        (None, None, ""),
    ],
)
def test_the_interval_in_words(low, high, words):
    assert interval_in_words(Inspection(p_low=low, p_high=high)) == words
