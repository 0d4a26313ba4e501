import logging
import threading
from functools import partial
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

import detection
from detection.options.catalogue import METHODS
from inspector.core import files, heartbeat, jobs, work
from inspector.core.attempt import Attempt
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.registry.models import ModelVersion, Standing
from inspector.registry.register import register_all
from inspector.training.cancel import cancel
from inspector.training.models import TrainingRun
from inspector.training.submit import submit
from tests.factories import ModelVersionFactory

pytestmark = pytest.mark.django_db
train = partial(work.run, TrainingRun)
OPEN = Path("/proc/self/fd")


@pytest.fixture
def run(category):
    return submit(category=category, by=None, method="unet", options={"size": 32, "epochs": 3})


def reloaded(run):
    return TrainingRun.objects.get(pk=run.pk)


def test_a_run_makes_a_candidate(run, training, runs_dir):
    done = train(run.pk)
    assert (done.state, done.error_code, done.version.standing) == (State.DONE, "", Standing.CANDIDATE)
    assert (done.claim, done.lease_until, done.attempts) == (None, None, 1)
    call = training.calls[0]
    assert (call.options.size, call.options.epochs, call.options.method) == (32, 3, "unet")
    assert call.run_dir.parent == runs_dir / "nut"
    assert call.run_dir.exists()
    assert Event.objects.get(kind="version.trained").subject_name == "Nut v1"


def test_it_learns_from_the_snapshot_and_judges_on_it(run, training, category):
    category.samples.all().delete()
    train(run.pk)
    dataset = training.calls[0].dataset
    assert len(dataset.train) == 4
    assert [image.label for image in dataset.test] == ["good", "blot"]
    assert all(path.exists() for path in dataset.train)


def test_samples_in_a_bucket_are_copied_and_none_stays_open(run, training, monkeypatch):
    """A file held open for each sample ends at some thousand of them."""
    monkeypatch.setattr(files, "_local_path", lambda name: None)  # as of storage that has no paths
    before, during = len(list(OPEN.iterdir())), []
    training.between = lambda progress: during.append(len(list(OPEN.iterdir())))
    assert train(run.pk).state == State.DONE
    assert max(during) < before + len(run.snapshot.items)
    learned = training.calls[0].dataset.train
    stored = {Path(item["image"]).name for item in run.snapshot.items}
    assert {path.name for path in learned} <= stored
    assert [path for path in learned if path.exists()] == [], "gone with the training"


def test_its_lease_is_held_while_the_version_is_packed_and_stored(run, training, settings, monkeypatch):
    renewed, pack = threading.Event(), register_all
    settings.LEASE_SECONDS = 0.03
    monkeypatch.setattr(heartbeat.jobs, "renew", lambda model, token: renewed.set())

    def slow(*args, **kwargs):
        settings.LEASE_SECONDS = 60
        assert renewed.wait(30)
        return pack(*args, **kwargs)

    monkeypatch.setattr("inspector.training.train.register_all", slow)
    # What the training itself renews is not what is asked for here.
    monkeypatch.setattr(Attempt, "_write", lambda self: None)
    assert train(run.pk).state == State.DONE


def test_progress_is_told_while_it_runs(run, training):
    seen = []
    training.between = lambda progress: seen.append(reloaded(run).progress)
    train(run.pk)
    assert (seen[0], seen[2]["epoch"], seen[2]["fraction"]) == ({}, 2, pytest.approx(2 / 3))
    final = reloaded(run).progress
    assert final["history"] == [[1, 1.0, 2.0], [2, 0.5, 1.0], [3, pytest.approx(1 / 3), pytest.approx(2 / 3)]]
    assert final["phase"] == "training"


def test_the_last_of_the_progress_is_kept_however_fast_it_came(run, training, monkeypatch):
    """The run's page plots it; between two writes to the database it is only in the worker's memory."""
    monkeypatch.setattr("inspector.core.attempt.WRITE_SECONDS", 3600.0)
    train(run.pk)
    assert [epoch for epoch, *_ in reloaded(run).progress["history"]] == [1, 2, 3]


def test_the_terminal_shows_a_line_in_plain_words(run, training, caplog):
    with caplog.at_level(logging.INFO):
        train(run.pk)
    assert f"nut run {run.pk}: epoch 1 of 3, loss 1.0000, about 2 s left" in caplog.text


def test_the_first_version_of_a_category_may_be_promoted_by_itself(category, training):
    run = submit(category=category, by=None, promote_when_done=True)
    assert train(run.pk).version.is_active
    assert Event.objects.filter(kind="version.promoted").exists()


def test_an_active_version_is_never_replaced_unasked(category, training):
    active = ModelVersionFactory.create(category=category, number=1)
    run = submit(category=category, by=None, promote_when_done=True)
    assert train(run.pk).version.standing == Standing.CANDIDATE
    active.refresh_from_db()
    assert active.is_active


def test_a_cancelled_run_ends_without_a_version(run, training):
    training.between = lambda progress: progress.epoch == 2 and cancel(reloaded(run), by=None)
    done = train(run.pk)
    assert (done.state, done.version) == (State.CANCELLED, None)
    assert not ModelVersion.objects.exists()


def test_a_run_cancelled_while_its_version_is_stored_leaves_neither_version_nor_files(
    category, training, media, runs_dir, monkeypatch
):
    """Whoever pressed Cancel was told that it stops: it is not to be at work a moment later."""
    run = submit(category=category, by=None, promote_when_done=True)

    def cancelled_meanwhile(trained, *, then):
        cancel(reloaded(run), by=None)
        return register_all(trained, then=then)

    monkeypatch.setattr("inspector.training.train.register_all", cancelled_meanwhile)
    done = train(run.pk)
    assert (done.state, done.version) == (State.CANCELLED, None)
    assert not ModelVersion.objects.exists() and not list(runs_dir.rglob("run-*"))
    assert not [path for path in media.rglob("*") if path.is_file() and "versions" in path.parts]


def test_what_the_training_refuses_is_told_as_it_is(run, training):
    training.error = detection.BadDataset("All photos are black. Take better ones.")
    done = train(run.pk)
    assert (done.state, done.error_code) == (State.FAILED, "bad_dataset")
    assert done.error_message == "All photos are black. Take better ones."


def test_weights_that_are_not_here_end_the_run_with_what_to_do(run, training):
    class Missing(detection.DetectionError):
        code = "weights_missing"

    training.error = Missing("resnet18.pth is not here. Put it into INSPECTOR_WEIGHTS_DIR.")
    done = train(run.pk)
    assert (done.state, done.error_code) == (State.FAILED, "weights_missing")
    assert done.error_message == "resnet18.pth is not here. Put it into INSPECTOR_WEIGHTS_DIR."


def test_the_method_s_own_options_hold_where_nothing_was_asked_for(category, training):
    train(submit(category=category, by=None, method="filterbank", options={"review": 0.05}).pk)
    options = training.calls[0].options
    assert (options.size, options.review) == (METHODS["filterbank"].defaults["size"], 0.05)


def test_a_version_is_of_the_method_that_was_trained_in_the_end(category, training):
    training.config = {"method": "filterbank+unet"}
    run = submit(category=category, by=None, method="auto")
    assert train(run.pk).version.method == "filterbank+unet"
    assert training.calls[0].options.method == "auto"


def test_a_stored_file_is_told_by_the_name_it_came_with(run, training):
    stored = Path(run.snapshot.items[0]["image"])
    training.error = detection.UnreadableImage("truncated", "It ends too early.", stored)
    assert train(run.pk).error_message == "good/000.png: It ends too early."


def test_stored_files_are_told_by_the_names_they_came_with(run, training):
    stored = [Path("/tmp", item["image"]) for item in run.snapshot.items[:2]]
    bad = [detection.UnreadableImage("truncated", "It ends too early.", path) for path in stored]
    training.error = detection.UnreadablePhotos(bad, 6)
    done = train(run.pk)
    assert done.error_code == "bad_dataset"
    assert done.error_message.startswith("2 of 6 photos cannot be read; remove or replace them. ")
    assert "good/000.png: It ends too early." in done.error_message
    assert "good/001.png: It ends too early." in done.error_message


def test_an_odd_training_photo_is_told_by_the_name_it_came_with(run, training):
    train(run.pk)
    dataset = training.calls[0].dataset
    assert sorted(map(dataset.name_of, dataset.train)) == ["000.png", "001.png", "002.png", "003.png"]


@pytest.mark.parametrize(("spoil", "told"), [("delete", "is missing"), ("alter", "has changed")])
def test_a_sample_that_is_gone_or_altered_stops_it(run, training, spoil, told):
    name = run.snapshot.items[0]["image"]
    default_storage.delete(name)
    if spoil == "alter":
        with default_storage.open(name, "wb") as file:
            file.write(b"altered")
    done = train(run.pk)
    assert (done.state, done.error_code) == (State.FAILED, "sample_missing")
    assert f"train/good/000.png of Nut {told}" in done.error_message
    assert training.calls == []


def test_a_run_that_another_worker_took_is_dropped(run, training):
    """The lease ran out while this worker was away: what it made must not appear twice."""

    def lose(progress):
        TrainingRun.objects.filter(pk=run.pk).update(claim=None, state=State.WAITING, lease_until=None)

    training.between = lose
    assert train(run.pk).state == State.WAITING
    assert not ModelVersion.objects.exists()


def test_a_lease_lost_at_the_last_moment_leaves_no_version_and_no_files(
    run, training, media, runs_dir, monkeypatch
):
    monkeypatch.setattr(jobs, "finish", lambda *args, **values: False)
    train(run.pk)
    assert not list(runs_dir.rglob("run-*"))
    assert not ModelVersion.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file() and "versions" in path.parts]


def test_what_a_killed_worker_left_of_a_run_goes_with_the_next_attempt(run, training, runs_dir):
    left, of_another_run = runs_dir / f"nut/run-{run.pk}-0a1b2c", runs_dir / f"nut/run-{run.pk}9-0a1b2c"
    half_written = runs_dir / f"nut/.run-{run.pk}-0a1b2c-12345678"
    for folder in (left, half_written, of_another_run):
        folder.mkdir(parents=True)
        (folder / "weights.safetensors").write_bytes(b"half")
    assert train(run.pk).state == State.DONE
    assert not left.exists() and not half_written.exists() and of_another_run.exists()
    assert len(list(runs_dir.glob(f"nut/run-{run.pk}-*"))) == 1


def test_a_worker_that_is_told_to_end_gives_the_run_back_at_once(run, training, category):
    done = train(run.pk, shutting_down=lambda: len(training.calls) > 0)
    assert (done.state, done.attempts, done.claim) == (State.WAITING, 0, None)
    assert train(run.pk).state == State.DONE
    first, second = (call.run_dir for call in training.calls)
    assert first != second
