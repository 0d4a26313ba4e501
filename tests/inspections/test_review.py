"""REVIEW, the verdict between OK and ANOMALY, through every door: worker, pages, API and command."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client

from detection import Prediction
from detection.photos.images import PLAIN
from inspector.core.templatetags.pages import verdict
from inspector.inspections import claimed_batch
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.legend import legend_of
from inspector.inspections.models import Inspection, Verdict
from inspector.inspections.selectors import batch_counts
from inspector.inspections.submit import submit
from inspector.inspections.templatetags.scores import place_of, score_scale, scored
from inspector.registry.models import ModelVersion
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import photo, upload

pytestmark = pytest.mark.django_db


class Unsure:
    """Stands in for a detector that is never sure."""

    score = 0.45
    levels = PLAIN
    threshold = SimpleNamespace(good_scores=())

    def prepare(self, image: object) -> object:
        return image

    def predict(self, images: list[object]) -> list[Prediction]:
        empty = np.zeros((8, 8), dtype=np.float32)
        return [Prediction(self.score, 0.5, empty, review_from=0.4, p_value=0.02) for _ in images]


@pytest.fixture
def version(monkeypatch) -> ModelVersion:
    monkeypatch.setattr(claimed_batch, "detector", lambda version: Unsure())
    config = {"threshold": {"good_scores": [0.1] * 99, "review_from": 0.4}}
    return ModelVersionFactory.create(category=CategoryFactory.create(slug="nut"), config=config)


@pytest.fixture
def unsure(version) -> Inspection:
    batch = BatchFactory.create(category=version.category)
    return InspectionFactory.create(
        judged=True,
        batch=batch,
        version=version,
        verdict=Verdict.REVIEW,
        score=0.45,
        review_from=0.4,
        p_value=0.02,
    )


@pytest.fixture
def browser(client_of: Callable[..., Client]) -> Client:
    return client_of("Inspector")


def body(response) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_a_worker_writes_what_the_detector_says(version, person):
    submit(category=version.category, uploads=[upload(photo())], by=person(), source="web")
    assert analyse_waiting(version.category_id) == 1
    row = Inspection.objects.get()
    assert (row.verdict, row.review_from, row.p_value) == (Verdict.REVIEW, 0.4, 0.02)


def test_its_page_says_it_in_a_word_and_where_it_begins(browser, unsure):
    page = body(browser.get(unsure.get_absolute_url()))
    assert 'data-verdict="REVIEW"' in page
    assert "REVIEW from 0.400 up to the threshold" in page
    assert "About 1 in 50 good parts look at least this unusual." in page
    assert "Based on 99 held-out good photos" in page


def test_a_photo_of_a_former_time_says_nothing_of_it(browser):
    page = body(browser.get(InspectionFactory.create(judged=True).get_absolute_url()))
    assert "good parts look" not in page
    assert "REVIEW from" not in page


def test_a_word_and_a_shape_of_its_own():
    shapes = {value: verdict(value) for value in Verdict}
    assert "#verdict-review" in shapes["REVIEW"] and "REVIEW</span>" in shapes["REVIEW"]
    assert len({shape.split("#verdict-")[1].split('"')[0] for shape in shapes.values()}) == 3


def test_the_scale_shows_the_band_and_only_where_there_is_one(unsure):
    found = scored(unsure)
    assert (found.review_from, found.band, found.width) == ("0.400", "28.0%", "22.0%")
    assert found.title == "Score 0.450, REVIEW from 0.400, threshold 0.500"
    assert ("28.0%", "REVIEW") in score_scale(unsure, large=True)["marks"]
    unsure.review_from = None
    assert scored(unsure).band == ""
    labels = [
        label.rstrip("\N{MULTIPLICATION SIGN}") for _, label in score_scale(unsure, large=True)["marks"]
    ]
    assert labels == ["½", "2", "5"]


@pytest.mark.parametrize("review_from", [0.499, 0.4, 0.05, 0.0005])
def test_scores_keep_to_their_side_of_both_limits_however_far_apart_these_are(unsure, review_from):
    unsure.review_from = review_from
    middle = (review_from * 0.5) ** 0.5
    scores = [0.0, review_from / 2, review_from, middle, 0.5, 1.0, 50.0]
    assert [place_of(score, 0.5, review_from) for score in scores] == pytest.approx(
        [0, 14, 28, 39, 50, 75, 99.5]
    )
    unsure.score = review_from / 2
    assert scored(unsure).place == "14.0%"


def test_a_photo_goes_by_the_limits_it_was_judged_by(unsure):
    """Its version has others meanwhile, or never knew of REVIEW."""
    unsure.version.config, unsure.version.threshold = {"threshold": {"review_from": 0.1}}, 9.0
    assert scored(unsure).title == "Score 0.450, REVIEW from 0.400, threshold 0.500"


def test_the_legend_says_that_colours_begin_at_review_only_where_they_do(unsure):
    vars(unsure.version).update(map_low=0.4, map_high=2.0)
    found = legend_of(unsure)
    assert found.from_review
    assert [(name, value) for name, value in found.levels[:2]] == [("REVIEW", 0.4), ("threshold", 0.5)]
    vars(unsure.version).update(map_low=0.5, map_high=2.0)
    assert not legend_of(unsure).from_review, "a version of before there were two limits"


def test_a_batch_counts_it_and_leads_to_it(browser, unsure):
    counts = batch_counts(unsure.batch_id)
    assert (counts.review, counts.done, counts.open, counts.newest_review) == (1, 1, 0, unsure.pk)
    page = body(browser.get(unsure.batch.get_absolute_url()))
    assert "1 REVIEW" in page
    assert "Open the first for review" in page
    InspectionFactory.create(judged=True, batch=unsure.batch, version=unsure.version)
    assert "Open the first anomaly" in body(browser.get(unsure.batch.get_absolute_url()))


def test_the_history_is_narrowed_to_it(browser, unsure):
    InspectionFactory.create(judged=True, version=unsure.version, batch=unsure.batch)
    assert browser.get("/history/", {"verdict": "REVIEW"}).context["page"].rows == [unsure]


def test_the_api_tells_it(api_of, unsure):
    api = api_of("Inspector")
    told = api.get(f"/api/inspections/{unsure.pk}/").json()
    assert (told["verdict"], told["p_value"], told["review_from"]) == ("REVIEW", 0.02, 0.4)
    other = InspectionFactory.create(judged=True)
    told = api.get(f"/api/inspections/{other.pk}/").json()
    assert (told["p_value"], told["review_from"]) == (None, None)
    found = api.get("/api/inspections/", {"verdict": "REVIEW"}).json()["results"]
    assert [row["id"] for row in found] == [unsure.pk]


def test_the_api_documents_the_three_verdicts(api_of):
    document = api_of("Inspector").get("/api/schema/?format=json").json()
    fields = document["components"]["schemas"]["InspectionDetail"]["properties"]
    assert {"p_value", "review_from"} <= set(fields)
    assert document["components"]["schemas"]["VerdictEnum"]["enum"] == ["OK", "REVIEW", "ANOMALY"]


def test_the_command_has_a_status_of_its_own_for_it(version, person, tmp_path, capsys):
    person("Inspector")
    path = tmp_path / "part.png"
    path.write_bytes(photo())
    with pytest.raises(SystemExit) as ended:
        call_command("inspect", "nut", str(path))
    assert ended.value.code == 5
    assert capsys.readouterr().out.splitlines()[1].split()[:3] == ["part.png", "REVIEW", "0.45"]


def test_the_panel_finds_it(client_of, unsure):
    found = client_of("Admin").get("/admin/inspections/inspection/", {"verdict__exact": "REVIEW"})
    assert [row.pk for row in found.context["cl"].result_list] == [unsure.pk]


def test_lists_leave_a_version_s_curves_where_they_are(browser, unsure):
    """48 rows of the history would fetch the same kilobytes 48 times."""
    row = browser.get("/history/").context["page"].rows[0]
    assert {"metrics", "config", "plots"} <= row.version.get_deferred_fields()
