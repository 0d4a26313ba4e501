"""Diffusion: photos mixed with noise come back as good parts; spots that it has never seen do not."""

from dataclasses import replace

import pytest
import torch

from detection import BadArtifact, BadOptions, options
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.setting import Sizes
from detection.networks.denoiser import Denoiser, Repair, mixed, noise
from detection.photos.image_cache import fill
from detection.verdicts.likeness import colour_distances, gradient_distances
from tests.detection.parts import part

CPU = torch.device("cpu")
LITTLE = Sizes(epoch=48)
QUICK = options.for_method(
    "diffusion",
    size=32,
    width=16,
    epochs=20,
    batch_size=8,
    validate_every=10,
    learning_rate=5e-3,
    minutes=0.0,
    crop="off",
    noise_level=0.4,
    ddim_steps=2,
    draws=2,
)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("diffusion")


@pytest.fixture(scope="module")
def photos(folder):
    paths = [part(folder / f"{n}.png", n) for n in range(12)]
    return fill(paths, registry.create(QUICK, CPU).prepare, lambda count: None)


@pytest.fixture(scope="module")
def fitted(photos):
    method = registry.create(QUICK, CPU, sizes=LITTLE)
    return method.fit(photos.subset(range(9)), photos.subset(range(9, 12)), Watch())


@pytest.fixture(scope="module")
def tested(folder, photos):
    """Four good photos, then four with a red spot."""
    paths = [part(folder / f"test/{n}.png", 50 + n, (250, 20, 20) if n >= 4 else None) for n in range(8)]
    return fill(paths, registry.create(QUICK, CPU).prepare, lambda count: None).batch(torch.arange(8), CPU)


@pytest.mark.parametrize("size", [32, 48, 128])
def test_noise_has_variance_1_and_many_sizes(size):
    drawn = noise(4, size, seeded())
    assert drawn.shape == (4, 3, size, size)
    assert drawn.var().item() == pytest.approx(1, abs=0.05)
    beside = (drawn[..., 1:] * drawn[..., :-1]).mean()
    assert beside > 0.2, "white noise has none"
    assert torch.equal(noise(4, size, seeded()), drawn)


def test_a_photo_is_what_is_left_when_its_velocity_is_known():
    clean, other = torch.rand(3, 3, 8, 8), torch.randn(3, 3, 8, 8)
    levels = torch.tensor([0.0, 0.3, 1.0])
    noisy, velocity = mixed(clean, other, levels)
    assert torch.allclose(noisy[0], clean[0]) and torch.allclose(noisy[2], other[2], atol=1e-6)
    angle = (levels * torch.pi / 2)[:, None, None, None]
    assert torch.allclose(angle.cos() * noisy - angle.sin() * velocity, clean, atol=1e-5)


class Knowing(Denoiser):
    """Knows what the photo was."""

    def __init__(self, clean):
        super().__init__(4)
        self.clean = 2 * clean - 1

    def forward(self, noisy, level):
        keep, add = (level * torch.pi / 2).cos(), (level * torch.pi / 2).sin()
        return keep * (noisy - keep * self.clean) / add - add * self.clean


@pytest.mark.parametrize("steps", [1, 4])
def test_a_repair_is_the_photo_that_the_network_has_in_mind(steps):
    good = torch.rand(1, 3, 32, 32, generator=seeded())
    repair = Repair(Knowing(good), noise(3, 32, seeded()), 0.5, steps)
    repairs = repair(torch.rand(2, 3, 32, 32, generator=seeded(1)))
    assert repairs.shape == (2, 3, 3, 32, 32)
    assert torch.allclose(repairs, good.expand_as(repairs), atol=1e-4)


def test_distances_are_none_between_equal_photos_and_where_they_differ():
    photo = torch.rand(1, 3, 32, 32, generator=seeded())
    other = photo.clone()
    other[:, :, 8:16, 8:16] = 0.5
    for distances in (gradient_distances, colour_distances):
        assert distances(photo, photo).abs().max() < 1e-5
        maps = distances(photo, other)
        assert maps.shape == (1, 32, 32)
        assert maps[:, 8:16, 8:16].mean() > 5 * maps[:, 24:].mean()
        assert maps.min() >= -1e-6 and maps.max() <= 1


def test_it_learns_and_spots_it_never_saw_score_highest_where_they_are(fitted, tested):
    losses = [epoch.validation_loss for epoch in fitted.how.history if epoch.validation_loss is not None]
    assert len(losses) == 2 and losses[-1] < losses[0]
    judged = fitted.model.judge(tested)
    assert judged.scores[4:].min() > judged.scores[:4].max(), "red comes after good"
    spot = judged.maps[4:, 12:17, 12:17].mean()
    assert spot > 3 * judged.maps[4:].mean()
    grey = tested[:4, :, 12:17, 12:17].mean(0)
    drawn, photo = (one[4:, :, 12:17, 12:17] for one in (judged.reconstructions, tested))
    assert (drawn - grey).abs().mean() < 0.7 * (photo - grey).abs().mean(), "most of the red is gone"


def test_one_seed_gives_the_same_scores(photos, tested):
    scores = []
    for seed in (1, 1, 2):
        torch.rand(1)  # whatever else draws at random in the same process
        method = registry.create(replace(QUICK, epochs=1, seed=seed), CPU, sizes=LITTLE)
        scores.append(method.fit(photos, photos.subset([]), Watch()).model.judge(tested).scores)
    assert torch.equal(scores[0], scores[1])
    assert not torch.equal(scores[0], scores[2])


def test_a_run_is_judged_by_other_steps_and_draws_but_no_other_width(fitted, tested):
    packed = fitted.model.pack()
    others = registry.create(replace(QUICK, noise_level=0.2, ddim_steps=1, draws=3), CPU).unpack(packed)
    assert not torch.allclose(others.judge(tested).scores, fitted.model.judge(tested).scores)
    assert (others.judge(tested).spread > 0).all()
    one = registry.create(replace(QUICK, draws=1), CPU).unpack(packed)
    assert one.judge(tested).spread is None, "of one draw nothing is known"
    with pytest.raises(BadArtifact, match="width 4"):
        registry.create(replace(QUICK, width=4), CPU).unpack(packed)


@pytest.mark.parametrize("asked", [{"noise_level": 0.9}, {"ddim_steps": 0}, {"draws": 2.5}])
def test_what_makes_no_repair_is_refused(asked):
    with pytest.raises(BadOptions, match=next(iter(asked))):
        options.check(replace(QUICK, **asked))
