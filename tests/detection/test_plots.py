"""Figures: repeatable, readable by machines, and only of numbers that there are."""

import re

from detection import plots
from detection.calibration import Calibration, Photo, Scored
from detection.methods.base import Epoch
from detection.types import MapScale, Threshold

HISTORY = [Epoch(1, 0.3, None, 1e-4, 1.0), Epoch(2, 0.2, 0.25, 1e-4, 1.0)]
THRESHOLD = Threshold(0.5, "percentile", "", 2, 0, good_scores=(0.2, 0.3))


def scored(*scores, label="good"):
    return tuple(Scored(Photo("a.png", label, str(score)), score, 0.5) for score in scores)


def words(svg):
    return " ".join(re.findall(r"<text[^>]*>([^<]*)", svg.read_text()))


def test_the_same_run_gives_the_same_bytes(tmp_path, result):
    calibration = Calibration(THRESHOLD, MapScale(0, 1), scored(0.1, 0.9))
    for name in ("one", "other"):
        plots.write(tmp_path / name, HISTORY, calibration, result.evaluation)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()
    assert len(list((tmp_path / "one").iterdir())) == 6


def test_text_stays_text_and_axes_say_what_they_measure(run_dir):
    assert "Mean squared error" in words(run_dir / "plots/losses.svg")
    assert "image AUROC 1.000" in words(run_dir / "plots/roc.svg")
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
    assert "kept from training): 2" in words(tmp_path / "plots/score_histogram.svg")


def test_a_histogram_of_one_value_is_drawn(tmp_path):
    same = Calibration(Threshold(0.5, "f1", "", 1, 1), MapScale(0, 1), scored(0.5))
    assert plots.score_histogram(same).axes
