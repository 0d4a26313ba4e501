"""Anomaly maps and scores, against values worked out by hand."""

import pytest
import torch

from detection.types import verdict
from detection.verdicts.cutoffs import WORST
from detection.verdicts.scoring import plain, squared_error, topk_error


def test_squared_error_is_averaged_over_the_channels():
    image = torch.zeros(1, 3, 1, 2)
    drawn = image.clone()
    drawn[0, :, 0, 1] = torch.tensor([0.3, 0.0, 0.6])
    assert squared_error(image, drawn)[0, 0].tolist() == pytest.approx([0.0, (0.09 + 0.36) / 3])


def test_topk_error_is_the_mean_of_the_largest_hundredth():
    maps = torch.arange(400.0).reshape(1, 20, 20)
    assert topk_error(maps).item() == (399 + 398 + 397 + 396) / 4
    assert topk_error(torch.stack([maps[0], maps[0] * 2])).tolist() == [397.5, 795.0]


def test_topk_error_of_a_small_map_is_its_largest_value():
    assert topk_error(torch.tensor([[[1.0, 5.0], [2.0, 3.0]]])).item() == 5.0


def test_a_small_defect_is_not_averaged_away_and_one_pixel_does_not_decide():
    calm = torch.full((1, 100, 100), 0.01)
    speck, defect = calm.clone(), calm.clone()
    speck[0, 0, 0] = 1.0
    defect[0, :10, :10] = 0.5
    assert topk_error(speck).item() < 0.03
    assert topk_error(defect).item() == pytest.approx(0.5)


def test_a_score_that_is_no_number_is_the_worst_there_is():
    scores = plain(torch.tensor([0.5, float("nan"), float("inf"), float("-inf")]))
    assert scores == [0.5, WORST, WORST, -WORST]
    assert verdict(scores[1], 1e6, None) == "ANOMALY"
