"""How sure a verdict is: the interval of a p-value, and whether slight changes of a photo change it."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

import detection
from detection import Stability, datasets
from detection.cli import main
from detection.damage import slight
from detection.judging import stability
from detection.types import Prediction
from detection.verdicts.stability import FARTHEST, NEAR, Limits

LIMITS = Limits(2.0, 1.0)
NOTHING = np.zeros((1, 1), np.float32)


@pytest.fixture
def photos(plates):
    return [image.path for image in datasets.scan(plates).test]


def test_slight_changes_are_twenty_and_always_the_same():
    photo = torch.randint(60, 200, (3, 40, 56), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    changed = slight.changed(photo)
    assert changed.shape == (20, 3, 40, 56)
    assert torch.equal(changed, slight.changed(photo))
    apart = (changed.float() - photo.float()).abs().mean(dim=(1, 2, 3))
    assert bool((apart > 0.5).all()), "each changes the photo"
    first = slight.changed(photo, slight.CHANGES[: slight.KINDS])
    assert torch.equal(first, changed[: slight.KINDS])


@pytest.mark.parametrize(
    ("score", "distance"), [(2.0, 0.0), (1.1, math.log(1.1)), (4.0, math.log(2)), (0.0, math.inf)]
)
def test_the_distance_is_that_from_the_nearer_limit(score, distance):
    assert LIMITS.distance(score) == pytest.approx(distance)


def test_few_further_good_photos_are_near_a_limit():
    """By the scores of 30 photos, where even one is more than the share wanted, and by those of 400."""
    random = np.random.default_rng(0)
    for count in (30, 400):
        shares = []
        for _ in range(300):
            near = Limits(4.0, 2.5).near(np.exp(random.normal(0, 0.6, count)))
            shares.append(
                np.mean([Limits(4.0, 2.5).distance(s) < near for s in np.exp(random.normal(0, 0.6, 50))])
            )
        assert np.mean(shares) == pytest.approx(NEAR, abs=0.005)


def test_near_is_bounded_and_nothing_is_without_good_scores():
    assert LIMITS.near([1e-6] * 100) <= FARTHEST
    assert LIMITS.near([0.0] * 100) <= FARTHEST
    assert LIMITS.near([]) == LIMITS.near([1.0] * 4) == 0.0


def test_stability_counts_scores_of_the_same_verdict():
    assert LIMITS.stability(1.9, [1.8, 2.1, 1.2, 0.9]) == Stability(2, 4)
    assert Limits(2.0).stability(1.9, [1.8, 2.1, 1.2, 0.9]) == Stability(3, 4)
    assert LIMITS.reaches(1.9, [1.85])
    assert not LIMITS.reaches(1.5, [1.49, 1.51])
    assert LIMITS.reaches(1.5, [math.nan])


class Scored:
    """In a detector's place: a photo's score, and those of its changes in turn."""

    def __init__(self, monkeypatch, changed):
        self.threshold = detection.Threshold(2.0, "limits", "", 100, 0, None, 1.0, tuple([0.5] * 99 + [1.9]))
        self.asked = 0
        monkeypatch.setattr(stability, "scores", self._scores)
        self._changed = changed

    def _scores(self, detector, photo, first=0, last=None):
        scores = self._changed[first:last]
        self.asked += len(scores)
        return scores

    def examine(self, score, **more):
        prediction = Prediction(score, 2.0, NOTHING, review_from=1.0)
        return stability.examine(self, [None], [prediction], **more)[0]


def test_photos_far_from_both_limits_cost_nothing(monkeypatch):
    detector = Scored(monkeypatch, [9.0] * 20)
    assert detector.examine(0.3).stability is None
    assert detector.examine(30.0).stability is None
    assert detector.asked == 0


def test_where_slight_changes_reach_no_limit_the_first_ones_suffice(monkeypatch):
    detector = Scored(monkeypatch, [1.93] * 20)
    assert detector.examine(1.93).stability == Stability(5, 5)
    assert detector.asked == 5


@pytest.mark.parametrize(
    ("score", "least", "verdict"),
    [(1.98, 0.0, "REVIEW"), (2.02, 0.0, "ANOMALY"), (2.02, 0.9, "REVIEW"), (2.02, 0.5, "ANOMALY")],
)
def test_an_unstable_verdict_is_review_where_that_is_asked_for(monkeypatch, score, least, verdict):
    detector = Scored(monkeypatch, [2.1, 1.9, 2.1, 2.1, 1.9] * 4)
    prediction = detector.examine(score, least_stable=least)
    assert prediction.stability.of == 20
    assert prediction.verdict == verdict
    assert prediction.unstable == (least == 0.9)


def test_the_interval_of_a_p_value_is_wide_with_few_good_photos(run_dir, photos):
    detector = detection.load(run_dir, device="cpu", runtime="torch")
    for count, widest in ((6, 0.7), (600, 0.1)):
        scores = tuple(float(number) for number in range(count))
        detector.threshold = replace(detector.threshold, good_scores=scores)
        (one,) = detector.predict([photos[0]])
        low, high = one.p_interval
        assert low <= one.p_value <= high
        assert high - low < widest
    detector.threshold = replace(detector.threshold, good_scores=())
    assert detector.predict(photos[0]).p_interval is None


def test_a_detector_is_asked_for_each_change_near_a_limit(run_dir, photos):
    """The photo's own score is its limit: nothing is nearer."""
    detector = detection.load(run_dir, device="cpu", runtime="torch")
    prepared = detector.prepare(photos[-1])
    (prediction,) = detector.predict([prepared])
    chosen = replace(detector.threshold, good_scores=tuple(float(n) for n in range(40)))
    detector.threshold = chosen
    at_limit = replace(prediction, threshold=prediction.score, review_from=None)
    (examined,) = detection.examine(detector, [prepared], [at_limit])
    expected = sum(score >= prediction.score for score in stability.scores(detector, prepared))
    assert examined.stability == Stability(expected, 20)


def test_predict_says_how_sure_it_is(run_dir, photos, tmp_path, capsys):
    command = [
        "predict",
        str(run_dir),
        str(photos[0]),
        "--out",
        str(tmp_path),
        "--json",
        "--least-stable",
        "0.9",
    ]
    assert main(command) == 0
    (row,) = json.loads(capsys.readouterr().out)["predictions"]
    assert row["stability"] is None or row["stability"]["same"] <= row["stability"]["of"]
    assert row["p_interval"] is None or row["p_interval"][0] <= row["p_value"]
    with pytest.raises(SystemExit):
        main([*command[:-1], "1.5"])
    assert "give a number from 0 to 1" in capsys.readouterr().err
