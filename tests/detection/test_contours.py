"""Contour lines of anomaly maps: where they lie, that they miss nothing, and that a browser can draw them."""

from xml.etree import ElementTree

import numpy as np
import pytest

from detection.drawing import contours, heatmap
from detection.types import MapScale

SCALE = MapScale(1.0, 4.0)


def hill(size=(64, 96), middle=(20, 60), height=10.0, width=6.0):
    y, x = np.mgrid[: size[0], : size[1]]
    distance = (y + 0.5 - middle[0]) ** 2 + (x + 0.5 - middle[1]) ** 2
    return (height * np.exp(-distance / (2 * width**2))).astype(np.float32)


def drawn(svg):
    root = ElementTree.fromstring(svg)
    return root, [path.get("d") for path in root.iter("{http://www.w3.org/2000/svg}path")]


def test_levels_are_multiples_of_the_threshold():
    assert heatmap.levels(MapScale(0.02, 0.08)) == pytest.approx([0.02, 0.04, 0.08, 0.16])
    # A threshold at or below zero has no multiples; the steps are those of the scale.
    assert heatmap.levels(MapScale(-1.0, 2.0)) == pytest.approx([-1, 0, 2, 6])
    assert heatmap.levels(MapScale(1.0, 1.0)) == [1.0]
    # With a REVIEW band, the first line is where it begins.
    assert heatmap.levels(MapScale(0.5, 4.0)) == pytest.approx([0.5, 1, 2, 4])
    assert heatmap.named_levels(MapScale(0.5, 4.0))[:2] == [(0, 0.5), (1, 1.0)]


def test_a_hill_is_ringed_where_it_is():
    (ring,) = contours.lines(hill(), 5.0)
    assert (ring[0] == ring[-1]).all(), "closed"
    left, top = ring.min(axis=0)
    right, bottom = ring.max(axis=0)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((60 / 96, 20 / 64), abs=0.01)
    # Half the height of a Gaussian is 1.18 sigma from its middle; the line lies a little further out.
    radius = (right - left) * 96 / 2
    assert 1.18 * 6 <= radius <= 1.18 * 6 + 2.5


def test_higher_levels_lie_within_lower_ones():
    widths = [np.ptp(contours.lines(hill(), level)[0][:, 0]) for level in (1.0, 2.0, 4.0, 8.0)]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize("shape", [(64, 64), (256, 256), (300, 170), (33, 257)])
def test_not_a_single_pixel_above_the_level_is_left_outside(shape):
    """Were the map smoothed the usual way, a defect of one pixel would vanish."""
    for seed in range(5):
        y, x = np.random.default_rng(seed).integers(3, np.array(shape) - 3)
        single = np.zeros(shape, dtype=np.float32)
        single[y, x] = 1.01
        (ring,) = contours.lines(single, 1.0)
        ring = ring * shape[::-1]
        (left, top), (right, bottom) = ring.min(axis=0), ring.max(axis=0)
        assert left - 2 <= x + 0.5 <= right + 2
        assert top - 2 <= y + 0.5 <= bottom + 2


def test_nothing_is_drawn_where_nothing_reaches_the_threshold():
    _, paths = drawn(contours.render_svg(hill(height=0.9), SCALE))
    assert paths == []


def test_an_svg_that_keeps_its_lines_width_at_any_size():
    svg = contours.render_svg(hill(), SCALE, (640, 480))
    root, paths = drawn(svg)
    assert (root.get("width"), root.get("height")) == ("640", "480")
    assert root.get("preserveAspectRatio") == "none"
    assert len(paths) == 4
    assert all(path.startswith("M") and path.endswith("Z") for path in paths)
    assert svg.count("non-scaling-stroke") == 4


def test_levels_can_be_told_apart_without_colour():
    uses = [
        use for use in ElementTree.fromstring(contours.render_svg(hill(), SCALE)).iter() if "use" in use.tag
    ]
    pens = [
        (use.get("stroke-width"), use.get("stroke-dasharray"))
        for use in uses
        if use.get("stroke") == "#ffffff"
    ]
    assert len(set(pens)) == 4


@pytest.mark.parametrize("values", [np.zeros((1, 1)), np.ones((64, 64)), np.full((2, 90), 9.0)])
def test_odd_maps_are_drawn_too(values):
    ElementTree.fromstring(contours.render_svg(values.astype(np.float32), SCALE))


def test_a_large_map_is_looked_at_small_and_gives_a_small_file():
    noisy = np.random.default_rng(0).normal(0, 0.5, (512, 512)).astype(np.float32) + hill(
        (512, 512), (90, 300), 20, 40
    )
    calm, _ = contours._calmed(noisy)
    assert max(calm.shape) <= 192, "what it takes grows with that"
    assert len(contours.render_svg(noisy, SCALE)) < 100_000
