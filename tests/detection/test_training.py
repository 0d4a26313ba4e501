"""From folders to run folders, with as few images as people may bring."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import detection
from detection import BadDataset, BadOptions, Cancelled, Dataset, datasets
from detection.drawing import heatmap
from detection.methods.setting import Sizes
from detection.options import for_method
from tests.detection.parts import TINY, category, part

pytestmark = pytest.mark.usefixtures("no_plots")
QUICK = replace(TINY, epochs=2)


def quick(folder, run, options=QUICK, **more):
    return detection.train(datasets.scan(folder), run, options, **more)


def test_defects_are_found_and_the_thresholds_judges_are_named(result):
    evaluation = result.evaluation
    assert evaluation.image_auroc == 1.0
    assert (evaluation.f1, evaluation.precision, evaluation.recall) == (1.0, 1.0, 1.0)
    assert (evaluation.n_good, evaluation.n_defect) == (6, 7)
    assert evaluation.threshold_policy == result.threshold.policy == "f1"
    assert "Cross-fitting: the 13 photos" in evaluation.judged_by
    assert {one.name: one.n for one in evaluation.by_defect} == {"dark": 3, "red": 4}
    assert evaluation.ms_per_image > 0
    json.dumps(evaluation.as_dict(), allow_nan=False)


def test_the_config_says_how_it_was_made_and_no_path(result, plates):
    config = result.config
    assert config["options"]["width"] == 4
    assert config["images"] == {"train": 8, "good": 6, "dark": 3, "red": 4, "learned": 6, "held_back": 2}
    assert config["learning"]["best_epoch"] >= 1
    assert config["versions"]["torch"] == torch.__version__.split("+")[0] or config["versions"]["torch"]
    for path in result.run_dir.rglob("*.*"):
        assert str(plates.parent).encode() not in path.read_bytes()


def test_good_parts_stay_calm_and_defects_are_coloured(result, plates):
    scale = result.map_scale
    assert (scale.low, scale.high) == (result.threshold.value, 4 * result.threshold.value)
    for prediction in detection.load(result.run_dir).predict(sorted(plates.glob("test/*/*.png"))):
        coloured = (heatmap.position(prediction.anomaly_map, scale) > 0).mean()
        if prediction.verdict == "OK":
            assert coloured < 0.01
        else:
            assert coloured > 0


def test_one_seed_gives_the_same_scores_and_another_does_not(plates, tmp_path):
    runs = {name: quick(plates, tmp_path / name) for name in ("one", "again")}
    runs["other"] = quick(plates, tmp_path / "other", replace(QUICK, seed=1))
    scores = {name: (run.run_dir / "scores.csv").read_text() for name, run in runs.items()}
    assert scores["one"] == scores["again"] != scores["other"]


def test_progress_goes_through_all_phases_to_one(plates, tmp_path):
    reports = []
    quick(plates, tmp_path / "run", on_progress=reports.append)
    assert list(dict.fromkeys(progress.phase for progress in reports)) == [
        "reading",
        "training",
        "calibrating",
        "writing",
    ]
    fractions = [progress.fraction for progress in reports]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("phase", ["reading", "training", "calibrating", "writing"])
def test_cancelled_in_any_phase_it_leaves_nothing_behind(plates, tmp_path, phase):
    now = []
    with pytest.raises(Cancelled):
        quick(
            plates,
            tmp_path / "runs/run",
            on_progress=lambda progress: now.append(progress.phase),
            should_stop=lambda: phase in now,
        )
    assert not list(tmp_path.rglob("*.*"))


def test_the_threshold_follows_the_policy_asked_for(plates, tmp_path):
    options = replace(QUICK, threshold="conformal", target=0.4, review=0.5)
    result = quick(plates, tmp_path / "run", options)
    chosen = result.threshold
    assert (chosen.policy, chosen.target, len(chosen.good_scores)) == ("conformal", 0.4, 2)
    assert "All 13 photos were judged by the model's own threshold" in result.evaluation.judged_by
    assert detection.load(tmp_path / "run").threshold == chosen


@pytest.mark.parametrize(
    ("policy", "target"),
    [
        *(("conformal", 0.6), ("recall", 1.5), ("sometimes", 0)),
        *(("auto", 2.0), ("f1", 0.02)),  # a target that is not used would be taken for a promise
    ],
)
def test_a_policy_or_target_that_makes_no_sense_is_refused(plates, tmp_path, policy, target):
    with pytest.raises(BadOptions, match=r"^(target|threshold) is"):
        quick(plates, tmp_path / "run", replace(QUICK, threshold=policy, target=target))


@pytest.mark.parametrize(
    ("images", "policy", "warns"),
    [
        ({"train": 1}, "training", None),
        ({"train": 1, "good": 1}, "training", "The threshold is a guess"),
        ({"train": 1, "good": 1, "red": 1}, "training", "metrics are rough"),
        ({"train": 2}, "percentile", None),
        ({"train": 2, "good": 3}, "percentile", "No defective test photos"),
        ({"train": 4, "red": 3}, "percentile", "No good test photos"),
        ({"train": 4, "good": 2, "red": 1}, "percentile", "metrics are rough"),
        ({"train": 2, "good": 2, "red": 2}, "f1", "metrics are rough"),
    ],
)
def test_with_few_images_nothing_collapses(tmp_path, images, policy, warns):
    folder = category(tmp_path / "few", **images)
    result = quick(folder, tmp_path / "run")
    assert result.threshold.policy == policy
    assert result.threshold.value > 0
    assert 0 < result.map_scale.low < result.map_scale.high
    detector = detection.load(tmp_path / "run")
    assert detector.predict([folder / "train/good/00.png"])[0].verdict == "OK"
    if warns is None:
        assert result.evaluation is None
        assert json.loads((tmp_path / "run/metrics.json").read_text()) is None
    else:
        assert any(warns in warning for warning in result.evaluation.warnings)
        assert detection.evaluate(detector, datasets.scan(folder)).confusion == result.evaluation.confusion


def test_held_back_may_be_switched_off(plates, tmp_path):
    result = quick(plates, tmp_path / "run", replace(QUICK, held_back=0.0))
    assert result.config["images"]["held_back"] == 0


def test_the_same_file_never_serves_two_purposes(tmp_path):
    folder = category(tmp_path / "mixed", train=4, good=3, red=3)
    shutil.copy(folder / "train/good/00.png", folder / "train/good/copy.png")
    shutil.copy(folder / "train/good/01.png", folder / "test/good/copy.png")
    result = quick(folder, tmp_path / "run")
    assert result.config["images"]["learned"] + result.config["images"]["held_back"] == 4
    assert result.evaluation.n_good == 3
    assert sum("were excluded" in warning for warning in result.evaluation.warnings) == 2


def test_a_defect_among_the_training_photos_is_told_and_so_are_two_labels(tmp_path):
    folder = category(tmp_path / "mixed", train=4, good=2, red=3)
    shutil.copy(folder / "test/red/00.png", folder / "train/good/copy.png")
    shutil.copy(folder / "test/good/01.png", folder / "test/red/copy.png")
    with Image.open(folder / "test/red/01.png") as image:
        image.save(folder / "train/good/again.bmp")
    run = quick(folder, tmp_path / "run", for_method("filterbank", size=32)).run_dir
    warnings = detection.load(run).config["warnings"]
    for name in ("red/00.png", "red/01.png"):
        assert any("1 photo of a defect is among the training photos" in w and name in w for w in warnings)
    assert any("1 test photo has two labels" in w and "good/01.png = red/copy.png" in w for w in warnings)
    again = detection.evaluate(run, datasets.scan(folder)).warnings
    assert any("2 photos of defects are among" in w and "red/00.png, red/01.png" in w for w in again)
    assert any("1 test photo has two labels" in w for w in again)


def test_a_photo_that_cannot_be_read_is_named_before_anything_is_learned(tmp_path):
    folder = category(tmp_path / "bad", train=2, good=1)
    (folder / "test/good/00.png").write_bytes(b"no photo")
    with pytest.raises(BadDataset, match=r"00\.png: The file is not an image"):
        quick(folder, tmp_path / "run")
    with pytest.raises(BadDataset, match="no training photos"):
        detection.train(Dataset("nothing", ()), tmp_path / "run")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("size", 100),
        ("size", 16),
        ("epochs", 0),
        ("epochs", 2.5),
        ("minutes", -1),
        ("learning_rate", float("nan")),
        ("held_back", 0.9),
        ("seed", True),
        ("device", "abacus"),
        ("method", "magic"),
    ],
)
def test_an_option_out_of_range_is_named(plates, tmp_path, option, value):
    with pytest.raises(BadOptions, match=f"^{option} is"):
        quick(plates, tmp_path / "run", replace(QUICK, **{option: value}))


def test_a_run_is_never_overwritten(run_dir, plates):
    with pytest.raises(BadOptions, match="is not empty"):
        quick(plates, run_dir)


def test_photos_of_any_shape_and_mode_train_together(tmp_path):
    folder = category(tmp_path / "mixed", train=3)
    from_grey = part(folder / "train/good/grey.png", 9)
    detection.photos.images.decode(from_grey).convert("L").resize((70, 33)).save(from_grey)
    assert quick(folder, tmp_path / "run").config["images"]["train"] == 4


def test_good_photos_that_do_not_look_like_the_rest_are_named(tmp_path, no_plots):
    folder = category(tmp_path / "plates", train=24, good=2, red=2)
    part(folder / "train/good/07.png", 7, (120, 180, 120))
    result = quick(folder, tmp_path / "run", for_method("filterbank", size=128), sizes=Sizes(turned=3))
    (strange,) = result.config["odd"]
    assert (strange["name"], strange["sha256"]) == ("07.png", datasets.sha256(folder / "train/good/07.png"))
    assert strange["score"] > 3 * strange["usual"]
    assert result.threshold.value < strange["score"], "it does not set the limit"
    assert any(
        "1 of 24 training photos does not look like the rest (07.png)" in w
        for w in result.evaluation.warnings
    )


def test_a_picture_that_was_saved_again_is_learned_from_once_and_never_tested_on(tmp_path):
    """Another hash, the same pixels: each copy would explain the other when good photos are scored."""
    folder = category(tmp_path / "plates", train=6, good=2, red=2)
    for photo in sorted((folder / "train/good").iterdir()):
        with Image.open(photo) as image:
            image.save(photo.with_suffix(".bmp"))
            image.save(folder / f"test/good/again-{photo.stem}.tif")
    result = quick(folder, tmp_path / "run", for_method("filterbank", size=32))
    assert result.config["images"]["learned"] == 6
    assert "6 of the training photos were excluded" in " ".join(result.config["warnings"])
    assert result.evaluation.n_good == 2
    again = detection.evaluate(tmp_path / "run", datasets.scan(folder))
    assert (again.n_good, again.image_auroc) == (2, result.evaluation.image_auroc)


def twice(folder):
    """Two shots of each part, a little lighter the second time."""
    for photo in sorted((folder / "train/good").iterdir()):
        with Image.open(photo) as image:
            image.point(lambda value: value + 2).save(photo.with_name(f"again-{photo.name}"))
    return folder


def test_limits_hold_where_each_part_was_photographed_twice(tmp_path):
    """Neither shot explains the other when good photos are scored: no new part has a second one."""
    folder = twice(category(tmp_path / "plates", train=14))
    result = quick(folder, tmp_path / "run", for_method("filterbank", size=64))
    new = sorted((category(tmp_path / "new", train=26) / "train/good").iterdir())[14:]
    scores = [one.score for one in detection.load(tmp_path / "run").predict(new)]
    assert np.median(scores) < result.threshold.value
    assert not any("near-duplicates" in warning for warning in result.config["warnings"])


def test_two_photos_of_each_part_are_warned_of_where_some_are_held_back(tmp_path):
    warnings = quick(twice(category(tmp_path / "plates", train=14)), tmp_path / "run").config["warnings"]
    assert any("28 of 28 training photos are near-duplicates" in warning for warning in warnings)
    assert any("again-" in warning for warning in warnings)
    single = quick(category(tmp_path / "other", train=14), tmp_path / "single", QUICK)
    assert not any("near-duplicates" in warning for warning in single.config["warnings"])
