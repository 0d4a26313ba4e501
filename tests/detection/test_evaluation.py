"""Judging a finished run on any folder, without letting an image judge itself."""

import json
import shutil
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PIL import Image

import detection
from detection import BadDataset, Threshold, TrainOptions, datasets
from detection.judging.assessment import assess, doubts
from detection.judging.calibration import HashedPhoto, Pixels, Scored, judge_all
from detection.methods.unet import UNetModel
from detection.results import Confusion, InReview
from detection.verdicts import cutoffs
from detection.verdicts.crossfit import cross_fit
from detection.verdicts.cutoffs import maximise_f1
from detection.verdicts.thresholds import GoodScores, choose
from tests.detection.parts import TINY, category, part

GOOD_SCORES = tuple(n / 50 for n in range(50))


def test_on_its_own_test_images_it_says_what_training_said(result, plates):
    again = detection.evaluate(result.run_dir, datasets.scan(plates))
    first = result.evaluation
    assert again.judged_by == first.judged_by
    assert (again.image_auroc, again.f1, again.confusion) == (first.image_auroc, first.f1, first.confusion)
    assert again.by_defect == first.by_defect
    assert (again.pixel, again.intervals, again.rates) == (first.pixel, first.intervals, first.rates)
    assert again.policies == first.policies


def test_images_that_did_not_help_are_judged_by_the_models_own_threshold(run_dir, tmp_path):
    fresh = tmp_path / "plates"
    for n in range(3):
        part(fresh / f"test/good/{n}.png", 900 + n)
        part(fresh / f"test/red/{n}.png", 950 + n, (250, 20, 20))
    part(fresh / "train/good/0.png", 999)
    evaluation = detection.evaluate(run_dir, datasets.scan(fresh))
    assert "All 6 photos were judged by the model's own threshold" in evaluation.judged_by
    assert evaluation.recall == 1.0


def test_helpers_are_known_by_their_content_and_judged_by_their_own_folds(run_dir, plates, tmp_path):
    mixed = tmp_path / "plates"
    part(mixed / "train/good/0.png", 999)
    part(mixed / "test/red/new.png", 960, (250, 20, 20))
    (mixed / "test/good").mkdir()
    shutil.copy(plates / "test/good/01.png", mixed / "test/good/renamed.png")
    evaluation = detection.evaluate(run_dir, datasets.scan(mixed))
    assert "the 1 photos used to choose" in evaluation.judged_by
    assert "the other 1 were judged by the model's own threshold" in evaluation.judged_by


def test_a_helpers_own_fold_decides_and_not_the_deployed_threshold(result, plates):
    detector = detection.load(result.run_dir)
    for helper in detector.dataset["calibration"]:
        helper["threshold"] = float("inf")
    evaluation = detection.evaluate(detector, datasets.scan(plates))
    assert evaluation.confusion == Confusion(tp=0, fp=0, tn=6, fn=7)


def test_training_images_among_the_test_images_are_left_out_and_said_so(run_dir, plates, tmp_path):
    copied = shutil.copytree(plates, tmp_path / "plates")
    shutil.copy(plates / "train/good/00.png", copied / "test/good/sneaked_in.png")
    evaluation = detection.evaluate(run_dir, datasets.scan(copied))
    assert evaluation.n_good == 6
    assert "1 of the test photos were excluded" in evaluation.warnings[0]


def test_without_any_test_image_it_says_what_is_missing(run_dir, tmp_path):
    folder = category(tmp_path / "plates", train=1)
    with pytest.raises(BadDataset, match="test/good and test/<kind of defect>"):
        detection.evaluate(run_dir, datasets.scan(folder))


def test_progress_is_told(run_dir, plates):
    reports = []
    detection.evaluate(run_dir, datasets.scan(plates), on_progress=reports.append)
    assert reports[-1].done == reports[-1].total == 13


def test_pixels_are_judged_where_masks_are_and_nowhere_else(result):
    evaluation = result.evaluation
    assert evaluation.pixel.n_masks == 3
    assert evaluation.pixel.auroc > 0.95
    assert evaluation.pixel.aupro > 0.8
    dark, red = evaluation.by_defect
    assert (dark.name, red.name) == ("dark", "red")
    assert red.aupro == evaluation.pixel.aupro
    assert dark.pixel_auroc is None


def test_an_unusable_mask_costs_the_pixels_of_its_image_alone(run_dir, tmp_path):
    folder = category(tmp_path / "plates", train=1, good=2, red=4, masks=4)
    masks = folder / "ground_truth/red"
    Image.new("L", (40, 40)).save(masks / "00_mask.png")
    (masks / "01_mask.png").write_bytes(b"no mask")
    Image.new("L", (40, 80), "white").save(masks / "02_mask.png")
    evaluation = detection.evaluate(run_dir, datasets.scan(folder))
    assert (evaluation.n_defect, evaluation.pixel.n_masks) == (4, 1)
    whys = {"marks nothing": "00", "cannot be read": "01", "does not have the proportions of": "02"}
    for what, name in whys.items():
        assert any(f"1 mask {what}" in w and name in w for w in evaluation.warnings)


def test_without_masks_no_pixel_is_counted(run_dir, tmp_path):
    folder = category(tmp_path / "plates", train=1, good=2, red=2)
    assert detection.evaluate(run_dir, datasets.scan(folder)).pixel is None


def test_test_images_are_judged_once_for_scores_and_maps(plates, tmp_path, monkeypatch):
    seen = []
    judge = UNetModel.judge
    monkeypatch.setattr(
        UNetModel, "judge", lambda self, images: seen.append(len(images)) or judge(self, images)
    )
    monkeypatch.setattr("detection.runs.training.milliseconds", lambda *rest: 1.0)
    monkeypatch.setattr("detection.runs.examples.write", lambda *rest: None)  # a few are judged for pictures
    detection.train(datasets.scan(plates), tmp_path / "run", replace(TINY, epochs=2))
    assert sum(seen) == 2 + 13


def judged(scores, labels, value=0.5, policy="conformal", review_from=None, good_scores=GOOD_SCORES):
    threshold = Threshold(value, policy, "", 9, 0, 0.1, review_from, good_scores)
    scored = [
        Scored(HashedPhoto(f"{n}.png", label, str(n)), score, value, None, review_from)
        for n, (score, label) in enumerate(zip(scores, labels, strict=True))
    ]
    return assess(
        scored,
        category="plates",
        method="unet",
        threshold=threshold,
        options=TrainOptions(threshold=policy, target=0.1),
        ms_per_image=1.0,
        pixels=Pixels([one.photo for one in scored]),
    )


def test_review_is_counted_apart_and_is_not_flagged():
    evaluation = judged([0.1, 0.4, 0.6, 0.45, 0.9], ["good"] * 3 + ["crack"] * 2, review_from=0.4)
    assert evaluation.review == InReview(good=1, defect=1)
    assert evaluation.confusion == Confusion(tp=1, fp=1, tn=2, fn=1)
    assert judged([0.1, 0.9], ["good", "crack"]).review is None


def test_every_policy_is_shown_with_what_it_would_have_done():
    random = np.random.default_rng(0)
    scores = [*random.normal(0.3, 0.1, 20), *random.normal(0.7, 0.1, 30)]
    evaluation = judged(scores, ["good"] * 20 + ["crack"] * 30)
    rows = {row.policy: row for row in evaluation.policies}
    assert set(rows) == {"limits", "f1", "recall", "conformal", "percentile"}
    assert [name for name, row in rows.items() if row.in_use] == ["conformal"]
    in_use = rows["conformal"]
    assert in_use.rates == evaluation.rates
    assert in_use.threshold == evaluation.threshold
    for row in rows.values():
        alarms, misses = row.rates.false_alarm, row.rates.miss
        assert alarms.n == 20
        assert misses.low <= misses.rate <= misses.high
        assert row.review.good <= 20 - alarms.count
    assert rows["recall"].rates.miss.rate < 0.15
    json.dumps(evaluation.as_dict(), allow_nan=False)


def test_what_labels_would_choose_is_cross_fitted_in_that_table_too():
    # one defect scores below all good images: chosen on all, F1 would never be found out
    scores, labels = [1.0, 1.1, 1.2, 1.3, 0.1, 2.0], ["good"] * 4 + ["crack"] * 2
    rows = {row.policy: row for row in judged(scores, labels).policies}
    limit = cutoffs.limit(GOOD_SCORES, 0.01)[0]
    rule = partial(maximise_f1, limit=limit)
    folds, chosen = cross_fit(scores, labels, [str(n) for n in range(6)], rule)
    missed = sum(score < value for score, value in list(zip(scores, chosen, strict=True))[4:])
    assert len(set(folds)) == 2
    assert rows["f1"].rates.miss.count == missed


def test_where_review_begins_is_cross_fitted_too():
    """The one weak defect sets the REVIEW limit of all, but not its own: else none could be missed."""
    scores, labels = [*np.linspace(0.1, 0.4, 8), 0.05, 2.0, 2.1], ["good"] * 8 + ["crack"] * 3
    photos = [HashedPhoto(f"{n}.png", label, str(n)) for n, label in enumerate(labels)]
    reference = GoodScores(tuple(np.geomspace(0.1, 0.5, 400)), "good images")
    options = TrainOptions()
    pairs = list(zip(photos, scores, strict=True))
    threshold = choose(scores[:8], scores[8:], reference, options)
    weak = judge_all(pairs, threshold, reference, options)[8]
    assert threshold.review_from == 0.05
    assert weak.review_from > 0.4
    assert weak.verdict == "OK"


@pytest.mark.parametrize(
    ("policy", "n_good", "value", "said"),
    [
        ("limits", 6, 0.5, "based on only 6 photos of good parts"),
        ("conformal", 1, 0.5, "based on only 1 photo of good parts"),
        ("limits", 60, 4.9e-324, "close to zero"),
        ("training", 3, 0.5, "is a guess"),
        ("f1", 3, 0.5, "based on only 3 good and 4 defective labelled photos"),
        ("limits", 60, 0.5, ""),
    ],
)
def test_a_threshold_that_stands_on_next_to_nothing_is_warned_of(policy, n_good, value, said):
    warnings = doubts(Threshold(value, policy, "", n_good, 4 if policy == "f1" else 0, 0.01))
    assert said in "".join(warnings)
    assert bool(warnings) == bool(said)


@pytest.mark.parametrize(("least", "warned"), [(1e-6, True), (0.05, False)])
def test_good_photos_that_score_next_to_nothing_are_copies_and_warned_of(least, warned):
    scores = (least, *np.linspace(0.2, 2, 30).tolist())
    warnings = doubts(Threshold(3.0, "limits", "", 31, 0, 0.01, good_scores=scores))
    assert any("Keep one photo of each part" in warning for warning in warnings) == warned


def test_where_little_is_known_the_table_holds_what_can_be_said():
    rows = judged([0.9, 0.1], ["crack", "crack"], policy="manual", good_scores=()).policies
    assert [row.policy for row in rows] == ["recall", "manual"]
    assert all(row.rates.false_alarm is None for row in rows)
    assert [row.in_use for row in rows] == [False, True]


def test_good_test_images_unlike_those_kept_are_warned_of():
    unlike = judged([1 + n / 1000 for n in range(20)] + [2.0], ["good"] * 20 + ["crack"])
    assert unlike.p_values[0].share == 1.0
    assert any("look more unusual than those" in said for said in unlike.warnings)
    alike = judged([n / 20 for n in range(20)] + [2.0], ["good"] * 20 + ["crack"])
    assert not any("unusual" in said for said in alike.warnings)
    assert judged([0.1, 0.9], ["good", "crack"], good_scores=()).p_values == ()


def test_scores_that_tell_nothing_apart_are_warned_of():
    def warned(value, *scores):
        return " ".join(judged(scores, ["good", "red"] * (len(scores) // 2), value).warnings)

    assert "All 4 test photos have the same score" in warned(0.5, 0.0, 0.0, 0.0, 0.0)
    assert "The threshold is close to zero" in warned(5e-324, 0.0, 1.0)
    assert "close to zero" not in warned(1e-6, 0.0, 1e-5)
