"""Fixed filters: what they make of a photo, and that runs from before keep the filters they had."""

import pytest
import torch

from detection.errors import BadArtifact
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.extractors import OnFilters, OnPlainFilters
from detection.methods.patch_model import Extraction, features_of
from detection.methods.patches import FilterbankMethod
from detection.networks.filterbank import FilterBank
from detection.options import for_method
from detection.photos.image_cache import fill
from tests.detection.parts import part

CPU = torch.device("cpu")


def rough(seed=0):
    draw = torch.Generator().manual_seed(seed)
    return (0.5 + 0.1 * torch.randn((1, 1, 128, 128), generator=draw)).clamp(0, 1).repeat(1, 3, 1, 1)


def hairline(photo):
    """The photo with a dark diagonal line, one px wide, over a fifth of it."""
    cracked = photo.clone()
    for step in range(26):
        cracked[:, :, 50 + step // 2, 40 + step] *= 0.5
    return cracked


def contrast(maps, at):
    """How far a patch is from the others, in their deviations, by its strongest channel."""
    flat = maps[0].flatten(1)
    others = torch.cat([flat[:, :at], flat[:, at + 1 :]], dim=1)
    return float(((flat[:, at] - others.mean(1)) / others.std(1).clamp_min(1e-6)).max())


def test_a_hairline_crack_on_rough_metal_shows_in_the_filters_for_lines():
    fine, _ = FilterBank()(hairline(rough()))
    edges, lines = (contrast(channels, 7 * 16 + 6) for channels in (fine[:, :144], fine[:, 144:168]))
    assert lines > 1.5 * edges


def test_the_coarse_patches_are_of_the_same_responses():
    fine, coarse = FilterBank()(rough())
    assert fine.shape[1] == coarse.shape[1] == 174
    largest = torch.nn.functional.max_pool2d(fine[:, 144:168], 2)
    assert torch.allclose(coarse[:, 144:168], largest)


@pytest.mark.filterwarnings("ignore:.*jit.trace")
def test_filtering_in_strips_changes_nothing():
    """An exported network, which takes photos of any height, filters them whole."""
    photo = torch.rand((2, 3, 104, 72), generator=torch.Generator().manual_seed(1))
    whole = torch.jit.trace(FilterBank().eval(), torch.rand(1, 3, 64, 64))
    for strips, at_once in zip(FilterBank()(photo), whole(photo), strict=True):
        assert torch.allclose(strips, at_once, atol=1e-6)


def test_a_line_of_a_part_at_any_angle_is_the_same_however_it_lies():
    photo, bank = hairline(rough()), FilterBank("pooled")
    fine, coarse = bank(photo)
    turned, _ = bank(photo.rot90(1, (2, 3)))
    assert fine.shape[1] == coarse.shape[1] == 152
    assert torch.allclose(turned.rot90(-1, (2, 3))[:, 144:146], fine[:, 144:146], atol=1e-4)


@pytest.mark.parametrize("border", ["inside", "fewer"])
@pytest.mark.parametrize("lines", ["oriented", "pooled"])
def test_methods_with_and_without_lines_have_their_features_from_one_pass(lines, border):
    banks = OnFilters(FilterBank("none")), OnFilters(FilterBank(lines)), OnFilters(FilterBank())
    borders = ("inside", border, "inside")
    of = [Extraction(*one) for one in zip(banks, borders, strict=True)]
    photo = torch.rand((1, 3, 64, 96), generator=torch.Generator().manual_seed(1))
    for shared, extraction in zip(features_of(of, photo), of, strict=True):
        for one, alone in zip(shared, extraction.features(photo), strict=True):
            assert torch.equal(one, alone)


class Before(FilterbankMethod):
    extractor_type = OnPlainFilters


def test_a_run_from_before_keeps_the_filters_it_had(tmp_path):
    options = for_method("filterbank", size=128)
    method = Before(options, CPU)
    learned = fill([part(tmp_path / f"{n}.png", n) for n in range(6)], method.prepare, lambda count: None)
    model = method.fit(learned, learned.subset([]), Watch()).model
    kept = model.pack()
    del kept["extractor.lines"]
    again = registry.create(options, CPU).unpack(kept)
    _, images = next(learned.batches(2, CPU))
    assert torch.equal(again.judge(images).maps, model.judge(images).maps)
    with pytest.raises(BadArtifact, match="filters that are not known"):
        registry.create(options, CPU).unpack(model.pack() | {"extractor.lines": torch.tensor(9)})
