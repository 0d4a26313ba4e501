"""Which photos are nearly the same, among parts that all look alike."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

import detection
from detection import datasets, explore
from detection.photos.likeness import CAP, FEWEST, nearly_same, siblings, thumb
from tests.conftest import real_data_folder

SIDE = 256


def part(seed: int, shift: tuple[float, float] = (0, 0), specks: int = 15) -> Image.Image:
    """A disc with a fixture's light on it and specks of its own, which are all that differs."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE - 0.5
    x, y = x - shift[0] / SIDE, y - shift[1] / SIDE
    pixels = np.where(np.hypot(x, y) < 0.4, 170.0, 40.0) + 20 * x
    for cx, cy in rng.uniform(-0.28, 0.28, (specks, 2)):
        pixels -= 40 * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 0.0012)
    return noisy(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), seed)


def as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(out)


def noisy(image: Image.Image, seed: int = 999) -> Image.Image:
    pixels = np.asarray(image, dtype=float) + np.random.default_rng(seed).normal(0, 2, (SIDE, SIDE))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def likeness_of(images: list[Image.Image]) -> explore.Likeness:
    thumbs = [np.asarray(image.convert("L").resize((64, 64), Image.Resampling.BOX)) for image in images]
    return nearly_same([str(n) for n in range(len(images))], thumbs)


PARTS = [part(seed) for seed in range(30)]
CHANGED = {
    "saved again": lambda image: as_jpeg(image, 60),
    "half the size": lambda image: image.resize((SIDE // 2, SIDE // 2), Image.Resampling.LANCZOS),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "a second shot": noisy,
    "a little blurred": lambda image: image.filter(ImageFilter.GaussianBlur(0.6)),
}


def test_different_parts_on_one_fixture_are_not_alike():
    likeness = likeness_of(PARTS)
    assert likeness.groups == ()
    assert min(likeness.nearest) > 2 * likeness.limit
    assert 0 < likeness.limit <= CAP


@pytest.mark.parametrize("how", CHANGED)
def test_one_photo_in_another_form_is_found(how):
    likeness = likeness_of([*PARTS, CHANGED[how](PARTS[7])])
    assert [names for _, names in likeness.groups] == [("7", "30")]


def test_every_part_shot_three_times_is_found_though_the_nearest_is_always_a_copy():
    shots = [changed(image) for image in PARTS for changed in (noisy, CHANGED["saved again"], lambda i: i)]
    assert len(likeness_of(shots).groups) == len(PARTS)


@pytest.mark.parametrize("specks", [0, 6])
@pytest.mark.parametrize("reach", [2, 6])
def test_parts_that_differ_only_in_how_they_lie_are_not_alike(specks, reach):
    """Where little varies different parts come close by chance, and the limit follows."""
    places = np.random.default_rng(0).uniform(-reach, reach, (60, 2)) * SIDE / 192
    likeness = likeness_of(
        [part(seed * (specks == 0), tuple(place), specks) for seed, place in enumerate(places)]
    )
    assert min(likeness.nearest) < CAP
    assert likeness.groups == ()


def test_too_few_photos_have_no_common_look():
    assert likeness_of([PARTS[0]] * (FEWEST - 1)).limit == 0
    assert likeness_of([]).groups == ()


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("category", "most"), [("bottle", 2), ("pill", 2), ("circuitboard", 0), ("cookies", 1)]
)
def test_real_parts_that_look_alike_are_no_duplicates(category, most):
    """Looked at by eye: bottle 069 and 070, two pairs of pill_type, and cookie 1 and 2 are one part each."""
    description = explore.describe(datasets.scan(real_data_folder() / category))
    assert len(description.likeness.groups) <= most


@pytest.mark.real_data
def test_real_photos_of_one_tile_in_other_light_are_found_across_training_and_test():
    """Photos of one tile were numbered within 3,000 of each other, in a set that goes to 360,000."""

    def number(path: Path | str) -> int:
        return int(Path(path).stem.rpartition("_")[2])

    whole = datasets.scan(real_data_folder() / "magnetic_tile")
    test = [image for image in whole.test if number(image.path) < 60_000]
    some = detection.Dataset("tiles", tuple(p for p in whole.train if number(p) < 60_000), tuple(test))
    groups = [names for _, names in explore.describe(some).likeness.groups]
    pair = {"train/good/exp3_num_50415.jpg", "test/good/exp2_num_50402.jpg"}
    assert any(pair <= set(names) for names in groups)
    reach = [max(map(number, names)) - min(map(number, names)) for names in groups]
    assert np.mean(np.less(reach, 3000)) > 0.95


def test_siblings_are_told_unless_they_are_most_of_all():
    every = [part(seed) for seed in range(14)]
    thumbs = [thumb(np.asarray(image.convert("RGB")).transpose(2, 0, 1)) for image in every]
    again = [thumb(np.asarray(noisy(every[0]).convert("RGB")).transpose(2, 0, 1))]
    assert siblings([*thumbs, *again]) == ((0, 14), *((n,) for n in range(1, 14)), (0, 14))
    assert siblings([*thumbs, *(4 * again)])[0] == (0,), "too little would be left"
    assert siblings([None, *thumbs]) == tuple((n,) for n in range(15)), "nothing is known"
