"""Teaching within a budget: it learns, ends in time, is cancelled, and is the same for the same seed."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from detection import BadOptions, Cancelled
from detection.learning.annealing import fit
from detection.learning.progress import Watch
from detection.photos.image_cache import fill
from detection.photos.transforms import Prepare
from tests.detection.parts import TINY, part

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parts")
    return fill([part(folder / f"{n}.png", n) for n in range(6)], Prepare(32), lambda count: None)


class Clock:
    """Goes on by a second whenever somebody looks."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


class Scale(nn.Module):
    """One number to learn; the smallest network there is."""

    def __init__(self):
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(0.5))

    def forward(self, images):
        return images * self.factor


def loss(network, images, generator):
    noise = 0.1 * torch.rand(images.shape, generator=generator)
    return nn.functional.mse_loss(network(images + noise).float(), images)


def learn(cache, held_back=None, watch=None, loss=loss, **changed):
    network = Scale()
    options = replace(TINY, **{"epochs": 8, "learning_rate": 0.05, **changed})
    fitted = fit(network, cache, held_back or cache.subset([]), options, CPU, watch or Watch(), loss)
    return network, fitted


def test_it_learns_and_tells_how_it_went(cache):
    reports = []
    network, fitted = learn(cache, cache.subset([0, 1]), Watch(reports.append))
    assert [epoch.epoch for epoch in fitted.history] == list(range(1, 9))
    assert [epoch.validation_loss is None for epoch in fitted.history] == [True, False] * 4
    assert fitted.history[-1].train_loss < fitted.history[0].train_loss
    assert fitted.summary["stopped_by"] == "epochs"
    assert fitted.summary["steps"] == 24
    assert (reports[-1].done, reports[-1].total, reports[-1].epoch) == (48, 48, 8)
    assert reports[-1].validation_loss == fitted.history[-3].validation_loss
    assert not network.training


def test_the_learning_rate_falls_to_nothing_by_the_last_epoch(cache):
    rates = [epoch.learning_rate for epoch in learn(cache, epochs=60)[1].history]
    assert max(rates) > 0.04
    assert rates[-1] < 0.001
    assert rates.index(max(rates)) < 25


def test_the_learning_rate_falls_to_nothing_by_the_last_minute(cache):
    watch = Watch(minutes=10, clock=Clock())
    _, fitted = learn(cache, watch=watch, epochs=10_000, minutes=10)
    assert fitted.summary["stopped_by"] == "minutes"
    assert 20 < len(fitted.history) < 200
    assert fitted.history[-1].learning_rate < 0.001
    assert watch.seconds == pytest.approx(600, rel=0.05)


def test_the_same_seed_gives_the_same_network(cache):
    one, other = learn(cache, seed=3)[0], learn(cache, seed=3)[0]
    assert one.factor.item() == other.factor.item()
    assert one.factor.item() != learn(cache, seed=4)[0].factor.item()


def test_validation_has_the_same_chances_each_time(cache):
    def still(network, images, generator):
        return 0 * network.factor + torch.rand((), generator=generator)

    _, fitted = learn(cache, cache.subset([0]), loss=still)
    assert len({epoch.validation_loss for epoch in fitted.history if epoch.validation_loss is not None}) == 1


def test_cancel_is_heard_within_a_batch(cache):
    asked = []

    def should_stop():
        asked.append(1)
        return len(asked) > 2

    with pytest.raises(Cancelled):
        learn(cache, watch=Watch(should_stop=should_stop), batch_size=1)
    assert len(asked) == 3


def test_a_learning_rate_that_blows_up_is_named(cache):
    def broken(network, images, generator):
        return network(images).mean() * float("nan")

    with pytest.raises(BadOptions, match="smaller learning_rate"):
        learn(cache, loss=broken)
