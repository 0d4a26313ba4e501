"""From WAITING to a verdict, with a detector whose answers the test knows."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from django.db import OperationalError, transaction
from django.utils import timezone
from PIL import Image

from detection import BadArtifact, Prediction
from detection.photos.images import OLD, PLAIN, Levels
from inspector.core import files, jobs
from inspector.core.jobs import State
from inspector.inspections import claimed_batch
from inspector.inspections.analyse import TURN, analyse_waiting
from inspector.inspections.legend import legend_of
from inspector.inspections.models import Inspection, Source, Verdict
from inspector.inspections.submit import submit
from inspector.inspections.sweep import sweep
from inspector.registry.deploy import Limits, begin
from inspector.registry.detectors import detector
from inspector.registry.models import Change, Deployment, ModelVersion
from tests.factories import InspectionFactory, ModelVersionFactory, retire
from tests.photos import ODD, encoded, photo, sixteen_bit, truncated, upload

pytestmark = pytest.mark.django_db
ANALYSE = "inspector.inspections.tasks.analyse"
LIMITS = Limits(threshold=0.3, review_from=None, policy="manual", map_low=0.3, map_high=1.2)


class Judge:
    """Stands in for a detector: the score is the share of dark pixels."""

    levels = PLAIN
    threshold = SimpleNamespace(good_scores=())

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.before_answer: Callable[[], None] = lambda: None

    def prepare(self, image: Image.Image) -> Image.Image:
        return image

    def predict(self, images: list[Image.Image]) -> list[Prediction]:
        self.batches.append(len(images))
        self.before_answer()
        return [self._one(image) for image in images]

    def _one(self, image: Image.Image) -> Prediction:
        assert image.mode == "RGB"
        small = np.asarray(image.convert("L").resize((32, 32)), dtype=np.float32)
        dark = (small < 30).astype(np.float32)
        return Prediction(float(dark.mean()), 0.02, dark, np.asarray(image.resize((32, 32))))


@pytest.fixture
def judge(monkeypatch) -> Judge:
    stand_in = Judge()
    monkeypatch.setattr(claimed_batch, "detector", lambda version: stand_in)
    return stand_in


@pytest.fixture
def version() -> ModelVersion:
    return ModelVersionFactory.create(threshold=0.02)


@pytest.fixture
def send(version, person) -> Callable[..., list[Inspection]]:
    def these(*contents: bytes) -> list[Inspection]:
        uploads = [upload(content, "pasted") for content in contents or (photo(),)]
        return submit(category=version.category, uploads=uploads, by=person(), source=Source.API).inspections

    return these


def analyse(version: ModelVersion, **options) -> int:
    return analyse_waiting(version.category_id, **options)


def reload(rows: list[Inspection]) -> list[Inspection]:
    return list(Inspection.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))


def states(rows: list[Inspection]) -> list[tuple[str, str]]:
    return [(row.state, row.verdict or row.error_code) for row in reload(rows)]


def time_passes() -> None:
    """What has to wait for its next try has waited."""
    now = timezone.now() - timedelta(seconds=1)
    Inspection.objects.filter(wait_until__isnull=False).update(wait_until=now)


def picture_files(media) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file() and path.stem != "original")


# --- What is found ---------------------------------------------------------------------------
def test_a_good_and_a_broken_part(send, version, judge):
    rows = send(photo(), photo(1, broken=True))
    assert analyse(version) == 2
    good, broken = reload(rows)
    assert (good.state, good.verdict, good.score) == (State.DONE, "OK", 0.0)
    assert (broken.state, broken.verdict) == (State.DONE, "ANOMALY")
    assert broken.score > broken.threshold == 0.02
    for row in (good, broken):
        assert (row.version, row.attempts, row.claim, row.lease_until) == (version, 1, None, None)
        assert row.created <= row.started <= row.finished
        assert row.milliseconds >= 0
    assert judge.batches == [2]


def test_photos_of_12_bits_are_judged_and_shown_by_their_range(send, version, judge, media):
    def grey(high):
        values = np.linspace(0, high, 64 * 48).reshape(48, 64).astype(np.uint16)
        return encoded(Image.fromarray(values))

    judge.levels = Levels({"uint16": (0.0, 4095.0)})
    rows = send(grey(4095), grey(20000))
    analyse(version)
    usual, beyond = reload(rows)
    assert usual.note == "16-bit, scaled to 8-bit RGB"
    cut_off = "values outside the 12 bits that the model was trained on were clipped"
    assert beyond.note == f"{usual.note}; {cut_off}"
    assert usual.score < 0.2 and np.asarray(Image.open(media / usual.preview.name)).max() > 250
    # Once more, by a model from before: nearly black to it, but not to people.
    judge.levels = OLD
    again = send(grey(4095))
    analyse(version)
    row = reload(again)[0]
    assert row.score > 0.9
    assert "uses 12 of 16 bits" in row.note
    assert np.asarray(Image.open(media / row.preview.name)).max() > 250


def test_what_was_said_of_a_photo_is_said_once(send, version, judge):
    judge.levels = Levels({"uint16": (0.0, 255.0)})
    [row] = send(sixteen_bit())
    analyse(version)
    first = reload([row])[0].note
    Inspection.objects.filter(pk=row.pk).update(
        state=State.WAITING, verdict="", score=None, threshold=None, version=None
    )
    analyse(version)
    assert reload([row])[0].note == first
    assert first.count("8 bits") == 1


def test_pictures_for_people(send, version, judge, media):
    large = photo(size=(2000, 1500), image_format="JPEG", broken=True)
    rows = send(large)
    analyse(version)
    (row,) = reload(rows)
    sizes = {}
    for kind in ("preview", "thumbnail", "reconstruction", "heatmap"):
        with Image.open(media / getattr(row, kind).name) as image:
            sizes[kind] = (image.format, image.mode, image.size)
    assert sizes == {
        "preview": ("JPEG", "RGB", (1600, 1200)),
        "thumbnail": ("JPEG", "RGB", (240, 180)),
        "reconstruction": ("JPEG", "RGB", (640, 480)),
        "heatmap": ("PNG", "RGBA", (640, 480)),
    }
    assert 'width="640" height="480"' in (media / row.contours.name).read_text()
    with Image.open(media / row.heatmap.name) as heatmap:
        alpha = np.asarray(heatmap)[..., 3]
    assert alpha[:20].max() == 0, "transparent where nothing is wrong"
    assert alpha[200, 240] > 150, "and dense on the blot"


def test_odd_photos_are_judged_too(send, version, judge):
    rows = send(*(content for _, content in ODD.values()))
    assert analyse(version) == len(rows)
    assert {row.state for row in reload(rows)} == {State.DONE}


# --- How it goes -----------------------------------------------------------------------------
def test_many_photos_go_in_batches_and_none_is_claimed_again(send, version, judge, settings):
    settings.ANALYSE_BATCH_SIZE = 4
    rows = send(*(photo(n) for n in range(10)))
    assert analyse(version) == 10
    assert judge.batches == [4, 4, 2]
    assert analyse(version) == 0
    assert {(row.state, row.attempts) for row in reload(rows)} == {(State.DONE, 1)}


def test_only_this_category(send, version, judge):
    send()
    elsewhere = InspectionFactory.create()
    analyse(version)
    assert states([elsewhere]) == [(State.WAITING, "")]


def test_nothing_to_do_costs_one_query(version, judge, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert analyse(version) == 0


def test_queries_do_not_grow_with_the_photos_of_a_batch(send, version, judge, django_assert_max_num_queries):
    send(*(photo(n) for n in range(8)))
    # Eight of them end one row each, five put all of them into the review queue, one reads how photos say
    # which part they show, and one counts all by the hour.
    with django_assert_max_num_queries(22 + 5 + 2):
        analyse(version)


def test_a_long_queue_lets_other_categories_through(send, version, judge, settings, nudges):
    settings.ANALYSE_BATCH_SIZE = 1
    rows = send(*(photo(n) for n in range(TURN + 2)))
    assert analyse(version) == TURN
    assert nudges == [(ANALYSE, (version.category_id,))]
    assert analyse(version) == 2
    assert analyse(version) == 0 and len(nudges) == 2, "the queue is empty, and nobody is called any more"
    assert {row.state for row in reload(rows)} == {State.DONE}


def test_of_more_than_one_claim_other_workers_hear(send, version, judge, settings, nudges):
    settings.ANALYSE_BATCH_SIZE = 2
    send(photo(), photo(1))
    analyse(version)
    assert nudges == [], "what one claim holds needs no help"
    send(photo(), photo(1), photo(2))
    analyse(version)
    assert nudges == [(ANALYSE, (version.category_id,))]


def test_a_worker_told_to_stop_ends_what_it_holds(send, version, judge, settings):
    settings.ANALYSE_BATCH_SIZE = 2
    rows = send(*(photo(n) for n in range(10)))
    assert analyse(version, should_stop=lambda: bool(judge.batches)) == 4
    assert [state for state, _ in states(rows)].count(State.WAITING) == 6


def test_a_row_tried_before_goes_alone(send, version, judge):
    rows = send(*(photo(n) for n in range(5)))
    Inspection.objects.filter(pk__in=[row.pk for row in rows[:2]]).update(attempts=1)
    analyse(version)
    assert judge.batches == [1, 1, 3]


# --- What goes wrong -------------------------------------------------------------------------
def test_a_photo_that_cannot_be_decoded_fails_alone(send, version, judge):
    rows = send(photo(), truncated(), photo(1, broken=True))
    assert analyse(version) == 3
    assert states(rows) == [(State.DONE, "OK"), (State.FAILED, "truncated"), (State.DONE, "ANOMALY")]
    assert "cut off" in reload(rows)[1].error_message


def test_a_photo_gone_from_storage_fails_alone(send, version, judge):
    rows = send(photo(), photo(1))
    files.delete([rows[0].original.name])
    analyse(version)
    assert states(rows) == [(State.FAILED, "photo_missing"), (State.DONE, "OK")]


def test_without_an_active_version_photos_fail_and_say_so(send, version, judge):
    rows = send(photo(), photo(1))
    retire()
    assert analyse(version) == 2
    assert states(rows) == [(State.FAILED, "no_active_version")] * 2
    assert "Promote" in reload(rows)[0].error_message


def test_a_damaged_model_says_so(send, version, monkeypatch):
    def damaged(version):
        raise BadArtifact("weights.safetensors is not what its hash says. Retrain the category.")

    monkeypatch.setattr(claimed_batch, "detector", damaged)
    rows = send()
    assert analyse(version) == 1
    assert states(rows) == [(State.FAILED, "bad_artifact")]
    assert "hash" in reload(rows)[0].error_message


def test_a_score_that_is_no_number_fails(send, version, judge, monkeypatch):
    nothing = Prediction(float("nan"), 0.02, np.zeros((32, 32), np.float32))
    monkeypatch.setattr(judge, "predict", lambda images: [nothing])
    rows = send()
    analyse(version)
    assert states(rows) == [(State.FAILED, "no_score")]


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), OperationalError("gone")])
def test_a_passing_fault_gives_the_photos_back(send, version, judge, monkeypatch, fault, media):
    rows = send(photo(), photo(1))
    whole_store = files.store

    def broken(name, content):
        if name.endswith(".png"):
            raise fault
        return whole_store(name, content)

    monkeypatch.setattr(files, "store", broken)
    assert analyse(version) == 0
    assert states(rows) == [(State.WAITING, "")] * 2
    assert picture_files(media) == []
    monkeypatch.setattr(files, "store", whole_store)
    time_passes()
    assert analyse(version) == 2
    assert states(rows) == [(State.DONE, "OK")] * 2


def test_a_fault_of_the_program_that_does_not_pass_fails_at_last(send, version, judge, settings):
    def fault():
        raise ValueError("wrong shape")

    judge.before_answer = fault
    rows = send()
    for _ in range(settings.MAX_ATTEMPTS):
        assert states(rows) == [(State.WAITING, "")]
        time_passes()
        analyse(version)
        assert analyse(version) == 0 and len(judge.batches) == reload(rows)[0].attempts, "not at once"
    assert states(rows) == [(State.FAILED, "worker_fault")]
    assert "Retry" in reload(rows)[0].error_message


def test_when_the_last_write_fails_nothing_is_half_written(send, version, judge, monkeypatch, media):
    rows = send(photo(), photo(1))
    whole_finish = jobs.finish

    def half(model, pk, token, **values):
        if pk == rows[1].pk:
            raise OperationalError("gone")
        return whole_finish(model, pk, token, **values)

    monkeypatch.setattr(jobs, "finish", half)
    assert analyse(version) == 0
    assert states(rows) == [(State.WAITING, "")] * 2
    assert picture_files(media) == []


# --- Exactly one verdict ---------------------------------------------------------------------
def test_a_late_worker_writes_nothing(send, version, judge, media):
    """Its lease ran out while it predicted, another worker judged the photo by a newer version."""
    rows = send()
    newer = []

    def meanwhile() -> None:
        judge.before_answer = lambda: None
        Inspection.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep()
        retire()
        newer.append(ModelVersionFactory.create(category=version.category, threshold=0.02))
        assert analyse(version) == 1

    judge.before_answer = meanwhile
    assert analyse(version) == 0, "the late one ends nothing"
    (row,) = reload(rows)
    assert (row.state, row.version, row.attempts) == (State.DONE, newer[0], 2)
    kinds = ("preview", "thumbnail", "reconstruction", "heatmap", "contours")
    assert all((media / getattr(row, kind).name).exists() for kind in kinds)
    assert len(picture_files(media)) == len(kinds), "and leaves no pictures of its own"


@pytest.mark.django_db(transaction=True)
def test_a_model_that_thinks_for_longer_than_a_lease_keeps_its_photos(send, version, judge, settings):
    settings.LEASE_SECONDS = 3
    leases = set()

    def think() -> None:
        """Until the lease was renewed twice, however busy the machine is."""
        while len(leases) < 3:
            leases.update(Inspection.objects.values_list("lease_until", flat=True))
            time.sleep(0.05)

    judge.before_answer = think
    rows = send(photo(), photo(1))
    assert analyse(version) == 2
    assert {(row.state, row.attempts) for row in reload(rows)} == {(State.DONE, 1)}


def test_the_version_is_the_one_that_judged(send, version, judge):
    (first,) = send()
    analyse(version)
    retire()
    newer = ModelVersionFactory.create(category=version.category, threshold=0.02)
    (second,) = send()
    analyse(version)
    assert [row.version for row in reload([first, second])] == [version, newer]


# --- The sweep -------------------------------------------------------------------------------
def test_the_sweep_nudges_every_category_that_waits(nudges, django_assert_max_num_queries):
    rows = [InspectionFactory.create() for _ in range(2)]
    InspectionFactory.create(judged=True)
    with django_assert_max_num_queries(4):
        assert sweep() == 2
    assert sorted(nudges) == sorted((ANALYSE, (row.category_id,)) for row in rows)


def test_the_sweep_gives_back_what_a_dead_worker_held(nudges):
    row = InspectionFactory.create()
    jobs.claim(Inspection.objects.all(), 1)
    assert sweep() == 0 and nudges == [], "its lease still runs"
    Inspection.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sweep() == 1
    assert states([row]) == [(State.WAITING, "")]


# --- With a real model -----------------------------------------------------------------------
def test_a_real_model_judges_as_it_does_alone(active_version, person, media):
    version = active_version()
    photos = [photo(7, (300, 200)), photo(8, (300, 200), broken=True)]
    uploads = [upload(content) for content in photos]
    rows = submit(category=version.category, uploads=uploads, by=person(), source=Source.API).inspections
    assert analyse(version) == 2
    rows = reload(rows)
    alone = detector(version).predict([media / row.original.name for row in rows])
    assert [row.verdict for row in rows] == [one.verdict for one in alone] == ["OK", "ANOMALY"]
    assert [row.score for row in rows] == pytest.approx([one.score for one in alone])
    assert {row.threshold for row in rows} == {version.threshold}


# --- By the limits of the deployment ---------------------------------------------------------
def test_a_photo_is_judged_by_the_limits_in_force_and_not_by_those_of_the_training(send, version, judge):
    (first,) = send(photo(broken=True))
    analyse(version)
    score = reload([first])[0].score
    Deployment.objects.update(threshold=score * 2, review_from=score / 2, map_low=score / 2)
    (second,) = send(photo(broken=True))
    analyse(version)
    first, second = reload([first, second])
    assert (first.verdict, first.threshold, first.review_from) == (Verdict.ANOMALY, 0.02, None)
    assert (second.verdict, second.threshold, second.review_from) == (Verdict.REVIEW, score * 2, score / 2)
    assert first.score == second.score


def test_limits_that_change_while_photos_are_judged_are_not_mixed(send, version, judge):
    """What was claimed is judged to its end by the deployment it was claimed under."""
    rows, batch = send(*map(photo, range(3))), Deployment.objects.get()

    def meanwhile() -> None:
        judge.before_answer = lambda: None
        with transaction.atomic():
            begin(version.category, version, LIMITS, change=Change.LIMITS, by=None)

    judge.before_answer = meanwhile
    analyse(version)
    (after,) = send(photo(4))
    analyse(version)
    assert {(row.deployment, row.threshold) for row in reload(rows)} == {(batch, 0.02)}
    newer = Deployment.objects.get(until=None)
    assert [(row.deployment, row.threshold) for row in reload([after])] == [(newer, 0.3)]


def test_a_photo_in_a_wider_review_band_shows_colour(send, version, judge, media):
    """The limits of the training would leave its heatmap without any."""
    with transaction.atomic():
        begin(
            version.category,
            version,
            replace(LIMITS, review_from=1e-6, map_low=1e-6),
            change="limits",
            by=None,
        )
    (row,) = reload(send(photo(broken=True)))
    analyse(version)
    (row,) = reload([row])
    assert row.verdict == Verdict.REVIEW
    with Image.open(media / row.heatmap.name) as heat:
        assert np.asarray(heat)[..., 3].max() > 0
    assert legend_of(row).levels[0] == ("REVIEW", 1e-6)
