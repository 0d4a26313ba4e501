"""Leave-one-out without another fit: against fits that really leave the photo out."""

import numpy as np
import pytest
import torch

from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.patches import FilterbankMethod
from detection.methods.setting import Geometry
from detection.normality.bank import PatchBank
from detection.normality.leave_out import BankWithout, lengths
from detection.normality.place import PlaceSums
from detection.normality.turns import Turns
from detection.options import for_method
from detection.photos.image_cache import fill
from tests.detection.parts import part

CPU = torch.device("cpu")


def drawn(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("photos", [[0], [3], [1, 4]])
def test_a_bank_without_photos_is_the_bank_of_the_others(photos):
    vectors, owners = drawn(60, 4), torch.arange(60) % 6
    features = drawn(1, 4, 5, 7, seed=1)
    distances = BankWithout(PatchBank(vectors), owners).distances(features, photos)
    others = PatchBank(vectors[[owner not in photos for owner in owners.tolist()]])
    # The part of the spread that all vectors share still knows them.
    assert distances == pytest.approx(others.distances(features), rel=0.02 * len(photos))


def test_of_a_bank_of_one_photo_nothing_is_left():
    bank = BankWithout(PatchBank(drawn(9, 4)), torch.zeros(9, dtype=torch.long))
    assert torch.isinf(bank.distances(drawn(1, 4, 2, 2), [0])).all()


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("own", [1.0, 0.8])
def test_a_place_without_a_photo_is_that_of_the_others(copies, own):
    """Photos of 12 kinds of 3 by 2 places, each learned from with its turned copies."""
    photos = drawn(40, copies, 5, 3, 2) + 0.3 * drawn(40, 1, 5, 3, 2, seed=1)
    every, others = PlaceSums((3, 2), 5, CPU), PlaceSums((3, 2), 5, CPU)
    for number, photo in enumerate(photos):
        every.add(photo)
        if number:
            others.add(photo)
    residuals = every.model(own=own).residuals(photos[0])
    distances = lengths(residuals, 40 * copies, own)
    assert distances == pytest.approx(others.model(own=own).distances(photos[0, :1])[0], rel=0.02)


def test_of_a_single_photo_no_place_is_left():
    assert torch.isinf(lengths(drawn(1, 5, 3, 2), 1)).all()


@pytest.mark.parametrize("method", ["filterbank", "filterbank+patchcore-padim"])
@pytest.mark.parametrize("turns", [Turns({}), Turns({}, ("mirrored",), ((0.0, True),))])
def test_scores_of_photos_learned_from_are_as_those_of_further_ones(method, turns, tmp_path, resnet):
    options = for_method(method, size=64, weights=str(resnet), crop="off")
    method = registry.create(options, CPU, Geometry(turns=turns))
    learned, further = (
        fill([part(tmp_path / f"{n}.png", n) for n in numbers], method.prepare, lambda count: None)
        for numbers in (range(14), range(14, 28))
    )
    taught = method.fit(learned, learned.subset([]), Watch())
    scores = taught.leave_one_out.scores(learned, Watch())
    new, seen = (
        torch.cat([taught.model.judge(images).scores for _, images in cache.batches(7, CPU)]).tolist()
        for cache in (further, learned)
    )
    assert np.median(scores) > 1.1 * np.median(seen)
    assert np.median(scores) == pytest.approx(np.median(new), rel=0.3)


def test_an_odd_photo_has_no_likeness_in_itself(tmp_path):
    method = FilterbankMethod(for_method("filterbank", size=128, crop="off"), CPU)
    paths = [part(tmp_path / f"{n}.png", n) for n in range(12)]
    part(paths[5], 5, (250, 20, 20))
    learned = fill(paths, method.prepare, lambda count: None)
    scores = method.fit(learned, learned.subset([]), Watch()).leave_one_out.scores(learned, Watch())
    assert int(np.argmax(scores)) == 5
    assert scores[5] > 5 * np.median(scores)
