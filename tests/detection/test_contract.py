"""What every method in the registry has to keep to: learn, judge, be stored, and do what it declares."""

from dataclasses import FrozenInstanceError, replace

import pytest
import torch

from detection import BadArtifact, BadOptions, datasets, selection
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.setting import Sizes
from detection.options import for_method
from detection.options.catalogue import AUTO, METHODS
from detection.photos.image_cache import fill
from tests.detection.parts import category

CPU = torch.device("cpu")
EVERY = (*METHODS, "patchcore-padim+filterbank", "patchcore-padim+unet-features")
AS_THEY_ARE = {"size": 64, "crop": "off", "augment": "off"}
QUICK = {**AS_THEY_ARE, "epochs": 2, "width": 8, "batch_size": 4, "minutes": 0.0}


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    return datasets.scan(category(tmp_path_factory.mktemp("contract") / "plates", train=10, good=2, red=2))


@pytest.fixture
def learned(request, plates, resnet):
    """What the method of that name learned from ten photos, and the photos as it takes them."""
    options = for_method(request.param, **QUICK, weights=str(resnet))
    learner = selection.create(options, CPU, sizes=Sizes(copies=12, probes=12, epoch=16))
    photos = fill(plates.train, learner.prepare, lambda count: None)
    return learner.fit(photos, photos.subset([]), Watch()), photos


every_method = pytest.mark.parametrize("learned", EVERY, indirect=True)


def test_forms_and_command_lines_offer_what_can_be_made():
    assert METHODS.keys() == {AUTO, *registry.METHODS}


@every_method
def test_it_learns_judges_and_is_taken_up_again(learned):
    model, photos = learned[0].model, learned[1]
    images = photos.batch(torch.tensor([1, 3]), CPU).flip(2)
    judged = model.judge(images)
    assert judged.scores.shape == (2,)
    assert judged.maps.shape == (2, *images.shape[2:])
    assert torch.isfinite(judged.scores).all() and torch.isfinite(judged.maps).all()
    assert (judged.maps >= 0).all()
    again = registry.create(model.options, CPU, model.geometry)
    restored = again.unpack({name: tensor.clone() for name, tensor in model.pack().items()}).judge(images)
    assert torch.equal(restored.scores, judged.scores)
    assert torch.equal(restored.maps, judged.maps)
    alone = torch.cat([model.judge(image[None]).scores for image in images])
    assert torch.allclose(alone, judged.scores, rtol=1e-3), "each one's result is its own"
    drafted = model.draft(images)
    alone = torch.cat([model.draft(image[None]).scores for image in images])
    assert torch.allclose(alone, drafted.scores, rtol=1e-3), "and so is its draft"
    assert drafted.maps.ndim == 3 and torch.isfinite(drafted.maps).all()


@every_method
def test_what_it_learned_is_never_changed(learned):
    model, photos = learned[0].model, learned[1]
    before = {name: tensor.clone() for name, tensor in model.pack().items()}
    model.judge(photos.batch(torch.tensor([0]), CPU))
    assert all(torch.equal(before[name], tensor) for name, tensor in model.pack().items())
    with pytest.raises(FrozenInstanceError):
        model.method = None
    with pytest.raises(FrozenInstanceError):
        model.method.geometry = None


@every_method
def test_it_does_what_it_declares(learned):
    taught, photos = learned
    model = taught.model
    images = photos.batch(torch.tensor([0]), CPU)
    drawn = model.judge(images).reconstructions
    declared = [METHODS[name].reconstructs for name in model.options.method.split("+")]
    assert (drawn is not None) == any(declared)
    if drawn is not None:
        assert drawn.shape == images.shape
        assert drawn.min() >= 0 and drawn.max() <= 1
    scores = taught.leave_one_out and taught.leave_one_out.scores(photos, Watch())
    if model.method.leaves_one_out:
        assert scores is not None
    assert scores is None or len(scores) == len(photos)
    assert all(isinstance(engine.network, torch.nn.Module) for engine in model.engines().values())


@pytest.mark.parametrize("name", EVERY)
def test_options_that_nobody_knows_are_refused(name):
    with pytest.raises(BadOptions, match="colour"):
        for_method(name, colour="red")
    with pytest.raises(BadOptions, match="nothing-like-it"):
        selection.create(replace(for_method(name), method="nothing-like-it"), CPU)


def test_a_fusion_of_a_method_with_itself_is_refused():
    with pytest.raises(BadOptions, match="names a method twice"):
        registry.create(for_method("filterbank+filterbank"), CPU)


@pytest.mark.parametrize("name", [name for name in EVERY if name != AUTO])
def test_what_does_not_fit_is_no_artifact(name, resnet):
    with pytest.raises(BadArtifact):
        registry.create(for_method(name, **QUICK, weights=str(resnet)), CPU).unpack({})
