"""Looking closely at a small part on a plain ground, and only there."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from detection.photos import region
from detection.photos.transforms import Prepare, place


def photo(x: int, y: int, *, size=(200, 100), side=40, seed=0) -> Image.Image:
    """A dark part on a light, noisy ground that is brighter on one side."""
    noise = np.random.default_rng(seed).integers(0, 6, (size[1], size[0], 3))
    light = np.linspace(180, 200, size[0])[None, :, None] + noise
    image = Image.fromarray(light.astype(np.uint8))
    ImageDraw.Draw(image).rectangle((x, y, x + side - 1, y + side - 1), fill=(40, 60, 90))
    return image


def test_the_window_follows_a_part_of_steady_size():
    located = region.find([photo(60 + n, 30, seed=n) for n in range(10)])
    assert located.follows
    assert (located.width, located.height) == (pytest.approx(0.31, abs=0.03), pytest.approx(0.52, abs=0.04))
    for x in (60, 69):
        left, _, right, _ = located.window(photo(x, 30, seed=99))
        assert left < x / 200 and (x + 40) / 200 < right


def test_it_stays_where_good_parts_were_when_something_else_lies_about():
    located = region.find([photo(60 + n, 30, seed=n) for n in range(10)])
    left, top, right, bottom = located.window(photo(150, 50))
    assert located.near[0] - 0.01 <= left and right <= located.near[2] + 0.01
    assert located.near[1] - 0.02 <= top and bottom <= located.near[3] + 0.02


def test_parts_of_many_sizes_get_one_window_for_all():
    located = region.find([photo(50, 30, side=side, seed=side) for side in (20, 40, 50)])
    assert not located.follows
    assert located.window(photo(50, 30, side=20)) == located.window(photo(50, 30, side=50))


@pytest.mark.parametrize(
    "photos",
    [
        [photo(5, 5, side=90, size=(100, 100), seed=n) for n in range(4)],  # it fills the photo
        [Image.new("RGB", (64, 64), "grey")] * 4,  # nothing stands out
        [photo(60, 30), *[Image.new("RGB", (200, 100), "grey")] * 3],  # in most of them
        [Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8))] * 3,
        [],
    ],
)
def test_otherwise_the_whole_photo_is_looked_at(photos):
    assert region.find(photos) is None


def test_what_is_found_in_the_window_lies_where_it_is_in_the_photo():
    located = region.find([photo(60, 30, seed=n) for n in range(4)])
    prepared = Prepare(256, keeps_aspect=True, region=located)(photo(60, 30, seed=9))
    dark = (prepared.pixels.float().mean(dim=0) < 100).numpy().astype(np.float32)
    whole = place(dark, prepared.window)
    rows, columns = np.nonzero(whole)
    height, width = whole.shape
    assert (columns.min() / width, columns.max() / width) == (
        pytest.approx(0.3, abs=0.02),
        pytest.approx(0.5, abs=0.02),
    )
    assert (rows.min() / height, rows.max() / height) == (
        pytest.approx(0.3, abs=0.04),
        pytest.approx(0.7, abs=0.04),
    )
    assert width / height == pytest.approx(2, abs=0.1)
