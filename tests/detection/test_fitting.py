"""The loop that teaches: best weights, patience, time limit, cancel, repeatability."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from detection import BadOptions, Cancelled
from detection.learning.fitting import fit
from detection.learning.progress import Watch
from detection.photos.image_cache import fill
from detection.photos.transforms import Prepare
from tests.detection.parts import TINY, part

CPU = torch.device("cpu")


@pytest.fixture
def cache(tmp_path):
    return fill([part(tmp_path / f"{n}.png", n) for n in range(6)], Prepare(32), lambda count: None)


@pytest.fixture
def none(tmp_path):
    return fill([], Prepare(32), lambda count: None)


class Scale(nn.Module):
    """One number to learn; the smallest network there is."""

    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(0.5))

    def forward(self, images):
        return images * self.factor


def test_it_learns_and_tells_how_it_went(cache):
    network, reports = Scale(), []
    options = replace(TINY, epochs=4, learning_rate=0.05)
    fitted = fit(network, cache, cache, options, CPU, Watch(reports.append))
    assert [epoch.epoch for epoch in fitted.history] == [1, 2, 3, 4]
    assert [epoch.validation_loss is None for epoch in fitted.history] == [True, False, True, False]
    assert fitted.history[-1].train_loss < fitted.history[0].train_loss
    assert fitted.summary["stopped_by"] == "epochs"
    assert reports[-1].epoch == 4
    assert reports[-1].train_loss < reports[0].train_loss
    assert not network.training


def test_the_best_weights_are_kept_and_patience_ends_it(cache):
    network, losses = Scale(), iter([3.0, 1.0, 2.0, 2.0, 2.0])
    seen = []

    def loss(net, images):
        if net.training:
            return net(images).mean()
        seen.append(net.factor.item())
        return torch.tensor(next(losses))

    options = replace(TINY, epochs=50, batch_size=6, validate_every=1, patience=3)
    fitted = fit(network, cache, cache, options, CPU, Watch(), loss)
    assert fitted.summary["stopped_by"] == "patience"
    assert fitted.summary["best_epoch"] == 2
    assert len(fitted.history) == 5
    assert network.factor.item() == seen[1]


def test_when_time_is_over_the_batch_ends_and_the_weights_are_validated(cache):
    options = replace(TINY, epochs=50, batch_size=2, validate_every=10)
    fitted = fit(Scale(), cache, cache, options, CPU, Watch(minutes=1e-9))
    assert fitted.summary["stopped_by"] == "minutes"
    assert len(fitted.history) == 1
    assert fitted.history[0].validation_loss is not None


def test_nothing_held_back_is_validated_on_the_training_images(cache, none):
    fitted = fit(Scale(), cache, none, TINY, CPU, Watch())
    assert fitted.summary["validated_on"] == "the training images"


def test_cancel_is_heard_within_a_batch(cache):
    asked = []

    def should_stop():
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        fit(Scale(), cache, cache, replace(TINY, batch_size=1), CPU, Watch(should_stop=should_stop))
    assert len(asked) == 3


def test_a_learning_rate_that_blows_up_is_named(cache):
    def loss(net, images):
        return net(images).mean() * float("nan")

    with pytest.raises(BadOptions, match="smaller learning_rate"):
        fit(Scale(), cache, cache, TINY, CPU, Watch(), loss)
