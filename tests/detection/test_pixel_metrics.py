"""Pixel metrics: by hand, against exact slow ones, and that streaming costs no more than it says."""

import tracemalloc
from dataclasses import asdict

import numpy as np
import pytest
from scipy import ndimage
from sklearn.metrics import f1_score, roc_auc_score

from detection.metrics.pixels import PixelTally
from detection.results import PixelResult


def tallied(maps, masks, kinds=None):
    tally = PixelTally()
    for number, (one, mask) in enumerate(zip(maps, masks, strict=True)):
        kind = kinds[number] if kinds else ("crack" if mask is not None else "good")
        tally.add(one.astype(np.float32), mask, kind)
    return tally


def slow(maps, masks, limit=0.3):
    """Literally: every value is a threshold; regions by their definition; AUROC by scikit-learn."""
    masks = [
        np.zeros(one.shape, bool) if mask is None else mask for one, mask in zip(maps, masks, strict=True)
    ]
    values, truth = np.concatenate([m.ravel() for m in maps]), np.concatenate([m.ravel() for m in masks])
    fpr, pro, f1 = [0.0], [0.0], []
    for level in np.unique(values)[::-1]:
        overlaps = []
        for one, mask in zip(maps, masks, strict=True):
            regions, count = ndimage.label(mask, np.ones((3, 3)))
            overlaps += [(one[regions == n] >= level).mean() for n in range(1, count + 1)]
        fpr.append((values[~truth] >= level).mean())
        pro.append(np.mean(overlaps))
        f1.append(f1_score(truth, values >= level))
    area = 0.0
    for left, right, low, high in zip(fpr, fpr[1:], pro, pro[1:], strict=False):
        if left >= limit:
            break
        if right > limit:
            right, high = limit, low + (high - low) * (limit - left) / (right - left)
        area += (right - left) * (low + high) / 2
    return {"auroc": roc_auc_score(truth, values), "aupro": area / limit, "f1": max(f1)}


def scene(seed, size=12, coarse=False):
    """A good map, and two of defects with two regions each."""
    random = np.random.default_rng(seed)
    maps = [random.exponential(size=(size, size)) for _ in range(3)]
    masks = [None]
    for one in maps[1:]:
        mask = np.zeros(one.shape, bool)
        mask[1:4, 2:9] = mask[7:9, 5:7] = True
        one += mask * random.exponential(size=one.shape)
        masks.append(mask)
    return [one.round(1) if coarse else one for one in maps], masks


def test_by_hand():
    # normal pixels 1 2 3 4, a region of two pixels (5 and 2.5) and one of a single pixel (3.5)
    maps = [np.array([[1, 2, 3, 4]]), np.array([[5, 2.5, 1, 3.5]])]
    masks = [None, np.array([[True, True, False, True]])]
    result = tallied(maps, masks).overall()
    assert result.n_masks == 1
    # of the 15 pairs these are in order: 5 above all 5, 3.5 above 4, 2.5 above 3
    assert result.auroc == pytest.approx(12 / 15)
    # flagging from 2.5 on: 3 of 3 found, 2 of 5 normal pixels flagged
    assert result.f1 == pytest.approx(0.75)
    # at FPR 0 half of one region: overlap .25; from 0.2 on .75; straight lines between thresholds
    assert result.aupro == pytest.approx((0.2 * 0.25 + 0.1 * 0.75) / 0.3)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("coarse", [False, True])
def test_as_the_slow_literal_implementation(seed, coarse):
    maps, masks = scene(seed, coarse=coarse)
    maps = [one.astype(np.float32) for one in maps]
    result, expected = tallied(maps, masks).overall(), slow(maps, masks)
    for name, value in expected.items():
        assert getattr(result, name) == pytest.approx(value, abs=2e-3), name


def test_regions_that_touch_at_a_corner_are_one_and_large_ones_do_not_drown_small_ones():
    mask = np.zeros((8, 8), bool)
    mask[0, 0] = mask[1, 1] = True
    mask[4:, :] = True
    one = np.where(mask, 9.0, 0.0)
    one[0, 0] = one[1, 1] = -1.0
    one += np.linspace(0, 0.1, 64).reshape(8, 8)
    result = tallied([one], [mask]).overall()
    assert result.aupro == pytest.approx(0.5, abs=0.01)
    assert result.auroc > 0.9


def exact_aupro(maps, masks, limit=0.3):
    """By sorting all values; ties are one point of the curve."""
    weights, normal = [], []
    total = sum(ndimage.label(mask, np.ones((3, 3)))[1] for mask in masks if mask is not None)
    for one, mask in zip(maps, masks, strict=True):
        mask = np.zeros(one.shape, bool) if mask is None else mask
        regions, _ = ndimage.label(mask, np.ones((3, 3)))
        sizes = np.bincount(regions.ravel())
        weights.append(np.where(mask, 1 / sizes[regions] / total, 0).ravel())
        normal.append(~mask.ravel())
    values, weights = np.concatenate([one.ravel() for one in maps]), np.concatenate(weights)
    normal, order = np.concatenate(normal), np.argsort(-values, kind="stable")
    last = np.append(np.diff(values[order]) != 0, True)
    fpr = np.append(0, (np.cumsum(normal[order]) / normal.sum())[last])
    pro = np.append(0, np.cumsum(weights[order])[last])
    grid = np.unique(np.append(fpr[fpr <= limit], limit))
    steps = [
        (pro[fpr == x].min(), pro[fpr == x].max()) if x in fpr else (np.interp(x, fpr, pro),) * 2
        for x in grid
    ]
    area = sum(
        (b - a) * (p[1] + q[0]) / 2 for a, b, p, q in zip(grid, grid[1:], steps, steps[1:], strict=False)
    )
    return area / limit


DRAWS = {
    "squared errors": lambda random, shape: random.exponential(size=shape) ** 2 * 1e-4,
    "tiny": lambda random, shape: random.exponential(size=shape) * 1e-15,
    "far from zero": lambda random, shape: 1000 + random.normal(size=shape) * 0.1,
    "negative": lambda random, shape: -random.exponential(size=shape),
    "over many magnitudes": lambda random, shape: random.lognormal(0, 4, size=shape),
    "many equal": lambda random, shape: random.poisson(2, size=shape).astype(float),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_streaming_differs_from_the_exact_area_by_less_than_it_says(draw):
    random = np.random.default_rng(0)
    maps, masks = [], []
    for number in range(8):
        one = draw(random, (64, 64))
        mask = random.random((64, 64)) < 0.05 if number % 2 else None
        if mask is not None:
            one = np.where(mask, np.maximum(one, draw(random, (64, 64))), one)
        maps.append(one.astype(np.float32))
        masks.append(mask)
    tally = tallied(maps, masks)
    values = np.concatenate([one.ravel() for one in maps])
    truth = np.concatenate([np.zeros(4096, bool) if mask is None else mask.ravel() for mask in masks])
    error = abs(tally.overall().auroc - roc_auc_score(truth, values))
    total = tally._kinds["good"] + tally._kinds["crack"]
    assert tally.overall().aupro == pytest.approx(exact_aupro(maps, masks), abs=1e-4)
    shared = (total.normal / total.normal.sum()) @ (total.defect / total.defect.sum())
    assert error <= shared / 2 + 1e-9
    assert error < 1e-4


def test_each_kind_is_set_against_its_own_and_all_good_images():
    (good, first, second), (_, mask, other) = scene(0)
    tally = tallied([good, first, second], [None, mask, other], ["good", "crack", "burr"])
    alone = tallied([good, first], [None, mask]).overall()
    assert asdict(tally.of("crack")) == pytest.approx(asdict(alone))
    assert tally.overall().n_masks == 2
    assert tally.of("unmarked") == PixelResult()


def test_nothing_is_made_up_without_masks_or_without_normal_pixels():
    assert PixelTally().overall() is None
    assert tallied([np.ones((4, 4))], [None]).overall() is None
    everything = tallied([np.ones((4, 4))], [np.ones((4, 4), bool)]).overall()
    assert everything == PixelResult(n_masks=1)


def test_constant_maps_and_values_that_are_no_numbers_do_no_harm():
    mask = np.zeros((4, 4), bool)
    mask[0, 0] = True
    flat = tallied([np.zeros((4, 4)), np.zeros((4, 4))], [None, mask]).overall()
    assert flat.auroc == 0.5
    assert flat.aupro == pytest.approx(0.15)
    broken = np.zeros((4, 4))
    broken[0, 0] = np.nan
    assert tallied([broken], [mask]).overall().auroc == 1.0
    broken[0, 0], broken[1, 1] = 5, -np.inf
    assert tallied([broken], [mask]).overall().auroc == 1.0


def test_maps_of_different_shapes_count_together():
    maps = [np.zeros((4, 8)), np.eye(6)]
    result = tallied(maps, [None, np.eye(6, dtype=bool)]).overall()
    assert (result.auroc, result.aupro, result.f1) == (1.0, 1.0, 1.0)


def test_memory_does_not_grow_with_the_number_of_images():
    random = np.random.default_rng(0)
    maps = [random.exponential(size=(64, 64)).astype(np.float32) for _ in range(4)]
    tally = PixelTally()
    tally.add(maps[0], None, "good")
    tracemalloc.start()
    for number in range(300):
        tally.add(maps[number % 4], None, "good")
    assert tracemalloc.get_traced_memory()[0] < 1e6
    tracemalloc.stop()
