"""Good parts in other light: harmless changes, and what of a photo's own level is divided out."""

import numpy as np
import pytest
import torch
from PIL import Image

from detection.damage import harmless
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.setting import Sizes
from detection.normality import level
from detection.normality.level import Level
from detection.options import for_method
from detection.photos.image_cache import fill
from detection.verdicts.scoring import topk_error

CPU = torch.device("cpu")
SIDE = 20


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def maps(count, seed=0):
    """Of good photos: each place somewhat different, a corner hot."""
    maps = torch.rand(count, SIDE, SIDE, generator=seeded(seed)) ** 4 + 0.1
    maps[:, :3, :3] += 20
    return maps


def learned(share=1.0, raised=(1.1, 1.6, 2.5)):
    """From photos whose copies are raised by these factors, their hot places by a power of them."""
    good = maps(12)
    copies = [torch.where(good > 20, good * by**share, good * by) for by in raised]
    return level.learn(torch.stack([level.shown(one) for one in (good, *copies)], dim=1))


def test_a_map_that_light_raises_evenly_comes_down_to_what_good_photos_show():
    fitted, photos = learned(), maps(5, seed=1)
    before, after = topk_error(fitted.even(photos)), topk_error(fitted.even(1.8 * photos))
    assert fitted.share > 0.9
    assert torch.all(after < 1.25 * before)


def test_what_is_divided_out_is_as_much_as_scores_follow():
    assert learned(share=0.5).share == pytest.approx(0.5, abs=0.1)
    assert learned(share=0.0).share == pytest.approx(0, abs=0.05)


def test_photos_of_the_usual_level_stay_as_they_are():
    fitted, photos = learned(), 0.9 * maps(5, seed=1)
    assert torch.equal(fitted.even(photos), photos)


def test_one_odd_good_photo_does_not_set_where_excess_begins():
    good = maps(8)
    odd = good.clone()
    odd[0] *= 4
    plain, raised = (
        level.learn(torch.stack([level.shown(one), level.shown(1.5 * one)], dim=1)) for one in (good, odd)
    )
    assert raised.start < plain.start + 0.15


def test_damage_in_one_place_counts_in_full():
    fitted, photos = learned(), 0.9 * maps(5, seed=1)
    photos[:, 9:13, 9:13] *= 30
    assert torch.equal(fitted.even(photos), photos)


def test_damage_all_over_loses_no_more_than_harmless_changes_bring():
    fitted, photos = learned(raised=(1.2, 1.5)), maps(5, seed=1)
    assert torch.all(topk_error(fitted.even(40 * photos)) > 40 / 1.6 * topk_error(photos))


@pytest.mark.parametrize("raised", [(1.0, 1.0), (0.8, 0.9)])
def test_copies_that_look_usual_prove_nothing(raised):
    assert learned(raised=raised).share == 0


def test_few_photos_or_no_numbers_prove_nothing():
    few = torch.rand(3, 4, 2, generator=seeded())
    assert level.learn(few) == Level()
    assert level.learn(torch.full((8, 4, 2), torch.nan)) == Level()


def test_it_is_read_as_it_was_written_and_old_runs_divide_nothing_out():
    fitted = learned()
    again = Level.of(fitted.tensor())
    assert torch.allclose(again.even(3 * maps(4)), fitted.even(3 * maps(4)))
    assert torch.equal(Level.of(None).even(9 * maps(2)), 9 * maps(2))


@pytest.mark.parametrize("name", harmless.CHANGES)
def test_a_harmless_change_grows_with_its_strength_and_stays_a_photo(name):
    photos = 0.2 + 0.5 * torch.rand(4, 3, 32, 48, generator=seeded())
    sizes = []
    for strength in harmless.STRENGTHS:
        changed = harmless.changed(photos, name, strength, seeded(1))
        assert changed.shape == photos.shape
        assert changed.min() >= 0 and changed.max() <= 1
        sizes.append(float((changed - photos).abs().mean()))
    assert 0 < sizes[0] < sizes[1] < sizes[2] < 0.2


def test_grey_photos_stay_grey_where_only_the_colour_of_light_could_change_that():
    grey = torch.rand(4, 1, 32, 32, generator=seeded()).expand(-1, 3, -1, -1)
    for name in harmless.CHANGES.keys() - {"colour"}:
        changed = harmless.changed(grey, name, 3, seeded(1))
        assert torch.allclose(changed.amax(1), changed.amin(1)), name


def test_mixed_changes_are_the_same_for_the_same_seed_and_differ_from_photo_to_photo():
    photos = torch.full((12, 3, 32, 32), 0.5)
    one, again = harmless.mixed(photos, seeded()), harmless.mixed(photos, seeded())
    assert torch.equal(one, again)
    assert len({round(float(photo.mean()), 4) for photo in one}) > 4


def dim(path, seed, by=1.0):
    """A part as `parts.part` makes them, in weaker light."""
    pixels = np.random.default_rng(seed).integers(110, 120, (64, 64, 3)).astype(float)
    pixels[16:48, 16:48] += 60
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((pixels * by).astype(np.uint8)).save(path)
    return path


def cache(method, paths):
    return fill(paths, method.prepare, lambda count: None)


def images(method, paths):
    return next(cache(method, paths).batches(len(paths), CPU))[1]


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("light")
    train = [dim(folder / f"train/{n}.png", n) for n in range(12)]
    usual = [dim(folder / f"usual/{n}.png", 100 + n) for n in range(4)]
    weaker = [dim(folder / f"weaker/{n}.png", 100 + n, 0.9) for n in range(4)]
    return train, usual, weaker


@pytest.mark.parametrize("name", ["filterbank", "patchcore-padim+filterbank", "unet-features"])
def test_good_parts_in_weaker_light_score_much_nearer_to_good_parts(name, plates, resnet):
    options = for_method(name, size=64, width=8, epochs=2, batch_size=4, minutes=0.0, weights=str(resnet))
    method = registry.create(options, CPU, sizes=Sizes(copies=24, probes=24))
    train, usual, weaker = plates
    model = method.fit(cache(method, train), cache(method, []), Watch()).model
    again = method.unpack(model.pack())
    old = method.unpack({key: value for key, value in model.pack().items() if not key.endswith("level")})
    scores = {
        who: (one.judge(images(one, usual)).scores, one.judge(images(one, weaker)))
        for who, one in (("now", model), ("again", again), ("before", old))
    }
    risen = {who: float((other.scores / one).log().mean()) for who, (one, other) in scores.items()}
    assert risen["now"] < 0.5 * risen["before"]
    assert risen["again"] == pytest.approx(risen["now"])
    judged = scores["now"][1]
    assert torch.allclose(judged.scores, topk_error(judged.maps)), "score and map have one unit"


def test_a_changed_copy_is_measured_as_if_its_photo_had_not_been_learned_from(plates):
    train, _, _ = plates
    method = registry.create(for_method("filterbank", size=128), CPU)
    nothing = cache(method, [])
    taught, without = (method.fit(cache(method, some), nothing, Watch()) for some in (train, train[1:]))
    model, other = taught.model, without.model
    photo = images(method, train[:1])
    copies = torch.cat([photo, 0.95 * photo, photo.flip(3)])
    with torch.inference_mode():
        maps = model.product(taught.leave_one_out.measures(copies, cache(method, train), 0))
        wanted = other.product(other.look(copies)[0])
        seen = model.product(model.look(copies)[0])
    nearly = (level.levels(maps) - level.levels(wanted)).abs()
    assert torch.all(nearly < 0.15), nearly
    assert level.levels(seen)[0] < level.levels(maps)[0] - 0.3
