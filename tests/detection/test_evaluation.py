"""Judging a finished run on any folder, without letting an image judge itself."""

import shutil

import pytest

import detection
from detection import BadDataset, datasets
from tests.detection.parts import category, part


def test_on_its_own_test_images_it_says_what_training_said(result, plates):
    again = detection.evaluate(result.run_dir, datasets.scan(plates))
    first = result.evaluation
    assert again.judged_by == first.judged_by
    assert (again.image_auroc, again.f1, again.confusion) == (first.image_auroc, first.f1, first.confusion)
    assert again.by_defect == first.by_defect


def test_images_that_did_not_help_are_judged_by_the_models_own_threshold(run_dir, tmp_path):
    fresh = tmp_path / "plates"
    for n in range(3):
        part(fresh / f"test/good/{n}.png", 900 + n)
        part(fresh / f"test/red/{n}.png", 950 + n, (250, 20, 20))
    part(fresh / "train/good/0.png", 999)
    found = detection.evaluate(run_dir, datasets.scan(fresh))
    assert "All 6 images by the model's own threshold" in found.judged_by
    assert found.recall == 1.0


def test_helpers_are_known_by_their_content_and_judged_by_their_own_folds(run_dir, plates, tmp_path):
    mixed = tmp_path / "plates"
    part(mixed / "train/good/0.png", 999)
    part(mixed / "test/red/new.png", 960, (250, 20, 20))
    (mixed / "test/good").mkdir()
    shutil.copy(plates / "test/good/01.png", mixed / "test/good/renamed.png")
    found = detection.evaluate(run_dir, datasets.scan(mixed))
    assert "the 1 images that helped" in found.judged_by
    assert "the other 1 by the model's own threshold" in found.judged_by


def test_a_helpers_own_fold_decides_and_not_the_deployed_threshold(result, plates):
    detector = detection.load(result.run_dir)
    for helper in detector.dataset["calibration"]:
        helper["threshold"] = float("inf")
    found = detection.evaluate(detector, datasets.scan(plates))
    assert found.confusion == {"tp": 0, "fp": 0, "tn": 6, "fn": 7}


def test_training_images_among_the_test_images_are_left_out_and_said_so(run_dir, plates, tmp_path):
    copied = shutil.copytree(plates, tmp_path / "plates")
    shutil.copy(plates / "train/good/00.png", copied / "test/good/sneaked_in.png")
    found = detection.evaluate(run_dir, datasets.scan(copied))
    assert found.n_good == 6
    assert "1 of the test images were left out" in found.warnings[0]


def test_without_any_test_image_it_says_what_is_missing(run_dir, tmp_path):
    folder = category(tmp_path / "plates", train=1)
    with pytest.raises(BadDataset, match="test/good and test/<kind of defect>"):
        detection.evaluate(run_dir, datasets.scan(folder))


def test_progress_is_told(run_dir, plates):
    told = []
    detection.evaluate(run_dir, datasets.scan(plates), on_progress=told.append)
    assert told[-1].done == told[-1].total == 13
