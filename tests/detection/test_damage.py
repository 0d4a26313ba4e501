"""Synthetic damage: what is marked was changed, what was changed can be seen, and a seed repeats it."""

import pytest
import torch

from detection.damage import Damage, apart, fills, masks, visible
from detection.damage.draw import Draw
from detection.damage.fills import Fills


@pytest.fixture(scope="module")
def damage():
    return Damage(64, seed=1)


def photos(count, height=64, width=64, seed=0):
    """A grained part on a plain background, coloured."""
    generator = torch.Generator().manual_seed(seed)
    images = torch.full((count, 3, height, width), 0.1)
    part = images[:, :, height // 4 : -height // 4, width // 4 : -width // 4]
    part += torch.tensor([0.5, 0.4, 0.2])[:, None, None] + 0.05 * torch.rand(part.shape, generator=generator)
    return images


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_what_is_marked_was_changed_and_nothing_else(damage):
    images = photos(32)
    damaged, marks = damage(images, photos(4, seed=9), seeded())
    assert damaged.shape == images.shape
    assert marks.shape == (32, 1, 64, 64)
    assert damaged.min() >= 0
    assert damaged.max() <= 1
    assert marks.min() >= 0
    assert marks.max() == 1
    unmarked = (marks == 0).expand_as(images)
    assert (damaged - images).abs()[unmarked].mean() < 1e-4
    marked = (marks > 0.5)[:, 0]
    assert (damaged - images).abs().amax(1)[marked].mean() > 0.05


def test_some_images_stay_clean_and_all_others_can_be_damaged(damage):
    images = photos(64)
    damaged, marks = damage(images, None, seeded(), clean=0.5)
    untouched = (damaged == images).flatten(1).all(1)
    assert 20 <= untouched.sum() <= 44
    assert marks[untouched].max() == 0
    assert damage(images, None, seeded(), clean=1.0)[1].max() == 0
    # Background pasted on background changes nothing, and is not marked.
    assert (damage(images, None, seeded(), clean=0.0)[1].flatten(1).amax(1) > 0.5).float().mean() > 0.75


def test_a_generator_repeats_it_and_goes_on(damage):
    images, generator = photos(8), seeded(5)
    first = damage(images, images, generator)
    second = damage(images, images, generator)
    again = Damage(64, seed=1)(images, images, seeded(5))
    assert torch.equal(first[0], again[0])
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[0], second[0])


def test_the_photos_given_and_the_callers_random_numbers_are_left_alone(damage):
    images = photos(8)
    before, state = images.clone(), torch.get_rng_state()
    damage(images, images, seeded())
    assert torch.equal(images, before)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(("height", "width"), [(32, 128), (96, 48), (16, 16)])
def test_photos_and_donors_may_have_any_shape(damage, height, width):
    damaged, marks = damage(photos(16, height, width), photos(3), seeded(), clean=0.0)
    assert damaged.shape == (16, 3, height, width)
    assert marks.flatten(1).amax(1).sum() > 8


def test_channels_last_stays_channels_last(damage):
    images = photos(4).contiguous(memory_format=torch.channels_last)
    assert damage(images, images, seeded())[0].is_contiguous(memory_format=torch.channels_last)


def test_grey_photos_get_grey_damage(damage):
    grey = photos(32).mean(1, keepdim=True).expand(-1, 3, -1, -1).contiguous()
    damaged, _ = damage(grey, grey, seeded(), clean=0.0)
    assert (damaged.amax(1) - damaged.amin(1)).max() < 1e-5


def test_damage_is_mostly_where_the_part_is(damage):
    images = torch.full((200, 3, 64, 64), 0.1)
    images[:, :, 40:60, 40:60] = 0.9
    _, marks = damage(images, None, seeded(), clean=0.0)
    assert marks[:, :, 32:, 32:].sum() > 2 * (marks.sum() - marks[:, :, 32:, 32:].sum()) / 3


def test_damage_that_looks_like_what_was_there_is_not_marked():
    images = torch.full((1, 3, 16, 16), 0.5)
    changed = images.clone()
    changed[:, :, 4:8, 4:8] += 2 / 255
    assert visible(images, changed).max() == 0
    changed[:, :, 4:8, 4:8] += 20 / 255
    assert visible(images, changed)[0, 0, 5:7, 5:7].min() == 1


def test_defects_come_in_all_sizes_and_kinds():
    bank = masks.bank(128, 200, seeded())
    assert bank.shape[1:] == (128, 128)
    shares = (bank > 127).float().mean((1, 2))
    assert shares.min() < 1e-3
    assert 0.08 < shares.max() < 0.2
    assert 0.002 < shares.median() < 0.02
    assert (shares > 0).all()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_a_gpu_damages_like_the_processor(damage):
    images = photos(8)
    there = Damage(64, seed=1, device="cuda")(images.cuda(), images.cuda(), seeded())
    here = damage(images, images, seeded())
    assert torch.allclose(there[0].cpu(), here[0], atol=1e-4)


@pytest.mark.parametrize("kind", [kind for kind, _ in apart.KINDS], ids=lambda kind: kind.__name__)
def test_kinds_kept_apart_change_a_photo_within_its_range(kind):
    images = photos(3, height=48, width=80)
    other = kind(Fills(masks.textures(64, 4, seeded()), images, Draw(seeded(), images.device)), images)
    assert other.shape == images.shape
    assert other.min() >= 0
    assert other.max() <= 1
    assert (other - images).abs().amax() > 0.02


def test_no_method_learns_from_a_kind_that_is_kept_apart():
    assert not {kind for kind, _ in apart.KINDS} & {kind for kind, _ in fills.KINDS}
    images = photos(16)
    damaged, marks = Damage(64, kinds=apart.KINDS)(images, images, seeded(), clean=0.0)
    # A plain plate upside down is the same plate: what shows nothing is not marked.
    assert marks.flatten(1).amax(1).gt(0.5).float().mean() > 0.25
    assert (damaged - images).abs()[(marks == 0).expand_as(images)].mean() < 1e-3


def test_cracks_and_pits_are_thin_and_no_method_learns_from_them():
    thin = masks.thin(256, 100, seeded()) > 127
    shares = thin.float().mean((1, 2))
    assert shares.min() > 4e-5 and shares.max() < 6e-3
    # Nowhere is any of them as wide as a small blob: no square of 8 px lies inside.
    inside = torch.nn.functional.avg_pool2d(thin.float(), 8, stride=1)
    assert inside.amax() < 1
    assert not {kind for kind, _ in apart.THIN} & {kind for kind, _ in fills.KINDS}
