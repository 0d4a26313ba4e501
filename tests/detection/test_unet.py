"""The network and the method around it."""

import pytest
import torch

from detection import BadArtifact, BadOptions, TrainOptions, selection
from detection.methods import registry
from detection.methods.unet import UNetModel
from detection.networks.unet import UNet
from tests.detection.parts import TINY

CPU = torch.device("cpu")


def untaught(options):
    """What a method makes of networks as they begin."""
    method = registry.create(options, CPU)
    return UNetModel.of(method, method._network())


def test_the_network_keeps_the_shape_of_any_multiple_of_16():
    network = UNet(width=2)
    for height, width in ((32, 32), (48, 80)):
        assert network(torch.rand(1, 3, height, width)).shape == (1, 3, height, width)


def test_the_standard_width_has_the_parameters_it_says():
    parameters = sum(p.numel() for p in UNet().parameters())
    assert 7.7e6 < parameters < 7.8e6


def test_a_score_does_not_depend_on_the_rest_of_the_batch():
    model = untaught(TINY)
    images = torch.rand(9, 3, 32, 32)
    together = model.judge(images)
    for n in range(9):
        alone = model.judge(images[n : n + 1])
        assert alone.scores.item() == pytest.approx(together.scores[n].item(), rel=1e-5)
        assert torch.allclose(alone.maps[0], together.maps[n], rtol=1e-4, atol=1e-7)


def test_making_a_method_leaves_the_callers_random_numbers_alone():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    untaught(TINY)
    assert torch.equal(torch.rand(3), expected)


def test_what_was_learned_can_be_taken_up_again():
    one, other = untaught(TINY), untaught(TrainOptions(size=32, width=4, seed=9))
    images = torch.rand(2, 3, 32, 32)
    assert not torch.equal(one.judge(images).scores, other.judge(images).scores)
    again = other.method.unpack(one.pack())
    assert torch.equal(one.judge(images).scores, again.judge(images).scores)
    with pytest.raises(BadArtifact, match="width 8"):
        registry.create(TrainOptions(size=32, width=8), CPU).unpack(one.pack())


def test_an_unknown_method_is_refused_by_name():
    with pytest.raises(BadOptions, match=r'method is "magic"; choose auto or .*filterbank'):
        selection.create(TrainOptions(method="magic"), CPU)
