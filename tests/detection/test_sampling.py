"""Which patches a bank is made of: an even sample, and of it those that cover the others best."""

import pytest
import torch

from detection.normality.sampling import PatchSample, coreset


@pytest.fixture
def vectors():
    return torch.randn(700, 12, generator=torch.Generator().manual_seed(1))


def greedy(points, first, count):
    """k-centre as it is written down: each time the point that is farthest from all those taken."""
    taken = [first]
    while len(taken) < count:
        taken.append(int(torch.cdist(points, points[taken]).amin(dim=1).argmax()))
    return taken


@pytest.mark.parametrize("candidates", [2, 16, 128])
def test_a_coreset_is_what_the_literal_greedy_search_takes(vectors, candidates):
    taken = coreset(vectors, 200, 0, project=64, candidates=candidates, block=100).tolist()
    generator = torch.Generator().manual_seed(0)
    points = vectors @ (torch.randn(12, 64, generator=generator) / 8)
    assert taken == greedy(points.double(), taken[0], 200)


def test_a_coreset_of_no_more_vectors_than_it_may_hold_has_all(vectors):
    assert coreset(vectors, 700, 0).tolist() == list(range(700))


def test_a_coreset_of_equal_vectors_comes_to_its_end():
    assert len(coreset(torch.ones(50, 4), 20, 0)) == 20


def test_a_sample_is_even_over_all_it_is_shown():
    sample = PatchSample(1000, 20 * 400, seed=0)
    for number in range(20):
        sample.add(torch.full((1, 3, 20, 20), float(number)))
    taken = sample.vectors()
    assert 900 < len(taken) < 1100
    assert torch.bincount(taken[:, 0].long(), minlength=20).min() > 25


def test_a_sample_of_wide_features_holds_fewer():
    sample = PatchSample(1000, 400, seed=0, room=4 * 64 * 100)
    sample.add(torch.zeros(1, 64, 20, 20))
    assert 60 < len(sample.vectors()) < 140
