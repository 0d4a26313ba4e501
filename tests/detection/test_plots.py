"""Figures: repeatable, readable by machines, and only of numbers that there are."""

import re
from dataclasses import replace

import pytest

from detection.judging.assessment import assess
from detection.judging.calibration import Calibration, HashedPhoto, Pixels, Scored
from detection.learning.outcome import Epoch
from detection.runs import plots
from detection.types import MapScale, Threshold, TrainOptions
from detection.verdicts.cutoffs import WORST
from detection.verdicts.p_values import reliability

HISTORY = [Epoch(1, 0.3, None, 1e-4, 1.0), Epoch(2, 0.2, 0.25, 1e-4, 1.0)]
THRESHOLD = Threshold(0.5, "percentile", "", 2, 0, good_scores=(0.2, 0.3))


def scored(*scores, label="good"):
    return tuple(Scored(HashedPhoto("a.png", label, str(score)), score, 0.5) for score in scores)


def words(svg):
    return " ".join(re.findall(r"<text[^>]*>([^<]*)", svg.read_text()))


def test_the_same_run_gives_the_same_bytes(tmp_path, result):
    calibration = Calibration(THRESHOLD, MapScale(0, 1), scored(0.1, 0.9))
    for name in ("one", "other"):
        plots.write(tmp_path / name, HISTORY, calibration, result.evaluation)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
    assert len(list((tmp_path / "one").iterdir())) == 8


def test_losses_are_drawn_where_nothing_was_held_back():
    assert plots.losses([Epoch(1, 0.3, None, 1e-4, 1.0), Epoch(2, 0.2, None, 1e-4, 1.0)])


def test_text_stays_text_and_axes_say_what_they_measure(run_dir):
    assert "smallest: epoch" in words(run_dir / "plots/losses.svg")
    assert "image AUROC 1.000 (95 %: 0." in words(run_dir / "plots/roc.svg")
    curve = words(run_dir / "plots/pr.svg")
    assert "Average precision 1.000 (95 %: 0." in curve
    assert "as judged" in curve
    histogram = words(run_dir / "plots/score_histogram.svg")
    assert "good: 6" in histogram
    assert "defective: 7" in histogram
    assert "threshold" in histogram


def test_without_epochs_or_both_classes_those_figures_are_left_out(tmp_path):
    calibration = Calibration(THRESHOLD, MapScale(0, 1), ())
    plots.write(tmp_path / "plots", [], calibration, None)
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {
        "score_histogram.svg",
        "score_histogram.png",
    }
    assert "held out): 2" in words(tmp_path / "plots/score_histogram.svg")


def test_a_histogram_of_one_value_is_drawn(tmp_path):
    same = Calibration(Threshold(0.5, "f1", "", 1, 1), MapScale(0, 1), scored(0.5))
    assert plots.score_histogram(same).axes


def test_the_review_band_is_drawn_where_there_is_one(tmp_path):
    threshold = replace(THRESHOLD, review_from=0.3)
    for chosen in (THRESHOLD, threshold):
        calibration = Calibration(chosen, MapScale(0, 1), scored(0.1, 0.9))
        plots.write(tmp_path / str(chosen.review_from), [], calibration, None)
    assert "REVIEW" in words(tmp_path / "0.3/score_histogram.svg")
    assert "REVIEW" not in words(tmp_path / "None/score_histogram.svg")


def test_a_score_that_is_no_number_does_not_stretch_the_axis():
    odd = Calibration(THRESHOLD, MapScale(0, 1), scored(0.1, WORST))
    assert plots.score_histogram(odd).axes[0].get_xlim()[1] < 1


@pytest.mark.parametrize(
    ("scores", "scale"), [((0.1, 0.4), "linear"), ((0.1, 40.0), "log"), ((0.0, 40.0), "linear")]
)
def test_scores_that_lie_far_apart_are_drawn_in_ratios(scores, scale):
    axes = plots.score_histogram(Calibration(THRESHOLD, MapScale(0, 1), scored(*scores))).axes[0]
    assert axes.get_xscale() == scale
    assert sum(bar.get_height() for bar in axes.patches) == len(scores)


def test_p_values_are_drawn_where_there_are_enough_good_test_images(tmp_path, result):
    calibration = Calibration(THRESHOLD, MapScale(0, 1), scored(0.1))
    points = reliability([n / 40 for n in range(1, 41)], 99)
    for n_good in (19, 40):
        evaluation = replace(result.evaluation, n_good=n_good, p_values=points)
        plots.write(tmp_path / str(n_good), [], calibration, evaluation)
    assert not (tmp_path / "19/p_values.svg").exists()
    assert "p-values of 40 good test photos" in words(tmp_path / "40/p_values.svg")


ODD = {
    "all zero": ([0.0] * 5, [0.0] * 5),
    "constant": ([0.5] * 5, [0.5] * 5),
    "two values": ([0.0, 0.0, 1.0], [1.0, 1.0, 0.0]),
    "next to each other": ([1.0, 1.0000000000000002], [1.0000000000000004]),
    "tiny": ([1e-300, 2e-300], [3e-300]),
    "the smallest there are": ([5e-324] * 3, [0.0, 5e-324]),
    "huge": ([1e37, 1e38], [3e38]),
    "too huge for a score": ([1e300] * 3, [2e300, 1e299]),
    "large and equal": ([1e17] * 3, [1e17 + 16] * 2),
    "decades": ([1e-30, 1e-3], [1.0, 1e12]),
    "hundreds of decades": ([1e-300, 1.0], [1e30]),
    "no numbers": ([WORST] * 3, [WORST]),
    "one defect": ([], [0.7]),
    "no defects": ([0.1, 0.2], []),
}


@pytest.mark.parametrize("name", ODD)
def test_every_figure_is_drawn_of_whatever_scores(tmp_path, name):
    good, defect = ODD[name]
    value = next((score for score in (*defect, *good) if score < WORST), 0.5)
    threshold = Threshold(value, "f1", "", 1, 1, None, None, (0.1, 0.1))
    calibration = Calibration(threshold, MapScale(0, 1), scored(*good) + scored(*defect, label="bad"))
    evaluation = assess(
        calibration.scored,
        category="part",
        method="unet",
        threshold=threshold,
        options=TrainOptions(),
        ms_per_image=1,
        pixels=Pixels(()),
    )
    history = [Epoch(n, score, score, 1e-4, 1.0) for n, score in enumerate((*good, *defect), 1)]
    banded = replace(calibration, threshold=replace(threshold, review_from=0.0))
    assert plots.write(tmp_path / "plots", history, calibration, evaluation) == []
    assert plots.write(tmp_path / "banded", [], banded, None) == []
    for folder, drawn in (("plots", calibration), ("banded", banded)):
        assert (tmp_path / folder / "score_histogram.svg").is_file()
        bars = [bar.get_height() for bar in plots.score_histogram(drawn).axes[0].patches]
        assert sum(bars) >= sum(abs(score) < WORST for score in (*good, *defect))


def test_the_axis_of_tiny_scores_says_its_unit():
    calibration = Calibration(Threshold(2e-300, "f1", "", 1, 1), MapScale(0, 1), scored(1e-300, 3e-300))
    axes = plots.score_histogram(calibration).axes[0]
    assert "in units of 1e-300" in axes.get_xlabel()
    assert axes.get_xlim() == pytest.approx((0.9, 3.1), abs=0.1)


def test_a_score_that_is_no_number_is_told_of():
    odd = Calibration(THRESHOLD, MapScale(0, 1), scored(0.1, WORST))
    assert "not drawn: 1 that are not numbers" in plots.score_histogram(odd).axes[0].get_xlabel()


def test_a_figure_that_fails_is_left_out_and_the_others_are_drawn(tmp_path, monkeypatch, caplog):
    def fails(calibration):
        raise ValueError("Too many bins for data range")

    monkeypatch.setattr(plots, "score_histogram", fails)
    calibration = Calibration(THRESHOLD, MapScale(0, 1), scored(0.1, 0.9))
    assert plots.write(tmp_path / "plots", HISTORY, calibration, None) == ["score_histogram"]
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {"losses.svg", "losses.png"}
    assert "Too many bins" in caplog.text
