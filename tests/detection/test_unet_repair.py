"""A UNet that undoes damage and marks it: on tiny parts, it has to find real spots it has never seen."""

from dataclasses import replace

import pytest
import torch

from detection import BadArtifact, TrainOptions, datasets, train
from detection.learning.progress import Watch
from detection.methods import registry
from detection.networks.small_unet import SmallUNet
from detection.options import catalogue
from detection.photos.image_cache import fill
from tests.detection.parts import TINY, category, part

CPU = torch.device("cpu")
QUICK = replace(
    TINY, method="unet-repair", width=8, epochs=120, batch_size=4, learning_rate=5e-3, validate_every=40
)


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    return tmp_path_factory.mktemp("parts")


def cache_of(folder, method, count=8):
    return fill([part(folder / f"{n}.png", n) for n in range(count)], method.prepare, lambda count: None)


@pytest.fixture(scope="module")
def fitted(parts):
    method = registry.create(QUICK, CPU)
    learned = cache_of(parts, method)
    return method.fit(learned, learned.subset([0, 1]), Watch())


def test_any_multiple_of_16_keeps_its_shape():
    network = SmallUNet(3, 4, width=4)
    for height, width in ((32, 32), (16, 48), (80, 32)):
        assert network(torch.rand(1, 3, height, width)).shape == (1, 4, height, width)


def test_folding_the_normalisation_changes_nothing():
    torch.manual_seed(0)
    network, images = SmallUNet(3, 4, width=4), torch.rand(4, 3, 32, 32)
    for _ in range(3):
        network(images)
    before = network.eval()(images)
    network.fold()
    assert torch.allclose(network(images), before, atol=1e-5)
    assert not [name for name in network.state_dict() if "norm" in name]


def test_it_learns_to_repair_and_to_mark(fitted):
    how = fitted.how
    losses = [epoch.validation_loss for epoch in how.history if epoch.validation_loss is not None]
    assert len(losses) == 3
    assert losses[-1] < losses[0]
    assert how.summary["validated_on"] == "held-out images"


def test_defects_it_has_never_seen_score_higher_and_are_where_the_map_says(fitted, parts):
    model = fitted.model
    good = [part(parts / f"good{n}.png", 50 + n) for n in range(4)]
    bad = [part(parts / f"bad{n}.png", 60 + n, (250, 20, 20)) for n in range(4)]
    images = fill([*good, *bad], model.prepare, lambda count: None).batch(torch.arange(8), CPU)
    judged = model.judge(images)
    assert judged.scores[4:].min() > judged.scores[:4].max()
    assert judged.maps.shape == (8, 32, 32)
    assert judged.maps.min() >= 0
    spot = judged.maps[4:, 12:17, 12:17].mean()
    assert spot > 3 * judged.maps[4:].mean()
    assert judged.reconstructions.shape == images.shape
    assert 0 <= judged.reconstructions.min() <= judged.reconstructions.max() <= 1


def test_the_same_seed_gives_the_same_scores(parts):
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    scores = []
    for seed in (1, 1, 2):
        method = registry.create(replace(QUICK, epochs=2, seed=seed), CPU)
        learned = cache_of(parts, method)
        scores.append(method.fit(learned, learned.subset([]), Watch()).model.judge(images).scores)
    assert torch.equal(scores[0], scores[1])
    assert not torch.equal(scores[0], scores[2])


def test_a_score_does_not_depend_on_the_rest_of_the_batch(fitted):
    model = fitted.model
    images = torch.rand(3, 3, 32, 48, generator=torch.Generator().manual_seed(0))
    together = model.judge(images)
    for n in range(3):
        alone = model.judge(images[n : n + 1])
        assert alone.scores.item() == pytest.approx(together.scores[n].item(), rel=1e-5)


def test_what_was_learned_can_be_taken_up_again(fitted):
    packed, images = fitted.model.pack(), torch.rand(2, 3, 32, 32)
    again = registry.create(QUICK, CPU).unpack(packed)
    assert torch.equal(again.judge(images).scores, fitted.model.judge(images).scores)
    with pytest.raises(BadArtifact, match="width 4"):
        registry.create(replace(QUICK, width=4), CPU).unpack(packed)


def test_making_and_teaching_leave_the_callers_random_numbers_alone(parts):
    state = torch.get_rng_state()
    method = registry.create(replace(QUICK, epochs=1), CPU)
    learned = cache_of(parts, method, 2)
    method.fit(learned, learned.subset([]), Watch())
    assert torch.equal(torch.get_rng_state(), state)


def test_photos_of_many_shapes_and_none_held_back(tmp_path, no_plots):
    from PIL import Image

    folder = category(tmp_path / "plates", train=5)
    for n, path in enumerate(sorted((folder / "train/good").iterdir())):
        Image.open(path).resize((40 + 8 * n, 40)).save(path)
    result = train(datasets.scan(folder), tmp_path / "run", replace(QUICK, epochs=1, held_back=0.0))
    assert result.evaluation is None
    assert result.config["learning"]["validated_on"] == "nothing"


def test_left_to_itself_it_has_a_budget_of_minutes():
    options = TrainOptions(**{"method": "unet-repair", **catalogue.METHODS["unet-repair"].defaults})
    assert 0 < options.minutes <= 10
