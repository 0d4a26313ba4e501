"""The colours over a photo."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from detection import MapScale
from detection.drawing import contours, heatmap
from detection.drawing.heatmap import legend, overlay, render
from detection.judging.calibration import map_scale
from detection.types import Threshold

SCALE = MapScale(low=1.0, high=3.0)


def contrast(one, other):
    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in np.array(colour) / 255]
        return np.dot(linear, [0.2126, 0.7152, 0.0722])

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_transparent_below_low_fullest_at_high_and_rising_between():
    values = np.linspace(0, 4, 401, dtype=np.float32)[None]
    alpha = np.asarray(render(values, SCALE))[0, :, 3].astype(int)
    assert (alpha[values[0] < 1] == 0).all()
    assert alpha[values[0] >= 1].min() > 50
    assert (np.diff(alpha) >= 0).all()
    assert (alpha[values[0] >= 3] == alpha.max()).all()
    assert alpha.max() > 220


def test_the_worst_place_can_be_seen_on_black_and_on_white():
    hot = np.full((4, 4), 9, np.float32)
    for ground in ("black", "white"):
        photo = Image.new("RGB", (40, 40), ground)
        seen = overlay(photo, hot, SCALE).getpixel((20, 20))
        assert contrast(seen, photo.getpixel((0, 0))) > 2.5


def test_the_order_of_the_colours_is_told_by_lightness_alone():
    colours = np.asarray(render(np.linspace(1, 3, 50, dtype=np.float32)[None], SCALE))[0, :, :3]
    lightness = colours @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) < 0.5).all()
    assert lightness[0] - lightness[-1] > 100


def test_resized_without_new_extremes_and_not_in_blocks():
    values = np.zeros((8, 8), np.float32)
    values[3:5, 3:5] = 3
    heat = render(values, SCALE, (160, 80))
    assert (heat.mode, heat.size) == ("RGBA", (160, 80))
    assert len(np.unique(np.asarray(heat)[40, :, 3])) > 10


def test_a_map_of_nothing_is_blank_where_the_scale_begins_at_nothing():
    assert np.asarray(render(np.zeros((4, 4), np.float32), MapScale(0.0, 1.0)))[..., 3].max() == 0


def test_a_scale_without_width_shows_nothing_below_it():
    flat = MapScale(2.0, 2.0)
    assert np.asarray(render(np.full((2, 2), 1.9, np.float32), flat))[..., 3].max() == 0
    assert len(legend(flat)) == 1


def test_legend_is_the_scale():
    colours = legend(SCALE, 5)
    assert colours[0] == "rgb(255 226 84 / 0.00)"
    assert colours[-1].startswith("rgb(176 14 122")
    assert len(colours) == 5


def test_colours_begin_where_review_does_else_where_few_good_parts_come_else_at_the_threshold():
    good = tuple(np.linspace(1, 2, 399))
    band = Threshold(8.0, "limits", "", 399, 0, 0.01, 1.5, good)
    assert map_scale(band) == MapScale(1.5, 32.0)
    few = map_scale(replace(band, review_from=None))
    assert (few.low, few.high) == (pytest.approx(1.95, abs=0.01), 32.0)
    assert map_scale(replace(band, review_from=None, value=1.2)).low == 1.2
    assert map_scale(Threshold(8.0, "manual", "", 0, 0)) == MapScale(8.0, 32.0)


@pytest.mark.parametrize("score", [1.5, 1.5001, 1.6, 7.9])
def test_a_photo_in_review_is_never_blank(score):
    """Its score is the mean of the largest 1 % of its map: in the worst case they are all alike."""
    anomaly_map = np.full((100, 100), 0.1, np.float32)
    anomaly_map[40:50, 40:50] = np.nextafter(np.float32(score), np.float32(99))
    scale = map_scale(Threshold(8.0, "limits", "", 9, 0, 0.01, 1.5, ()))
    heat = np.asarray(render(anomaly_map, scale))[..., 3]
    assert heat[45, 45] > 50
    assert heat[5, 5] == 0
    assert contours.render_svg(anomaly_map, scale).count("<path") == 1


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("threshold", [0.0, 5e-324, 1e-300, 0.5, 3e38, 1e300, -1.0])
@pytest.mark.parametrize("values", [(0, 0), (0.5, 0.5), (0, 1), (0, 1e-44), (1e37, 3.4e38), (1e-30, 1e30)])
def test_maps_and_contours_of_whatever_values_are_drawn(values, threshold):
    anomaly_map = np.full((48, 48), values[0], np.float32)
    anomaly_map[10:20, 10:20] = values[1]
    scale = map_scale(Threshold(threshold, "f1", "", 1, 1))
    assert heatmap.overlay(Image.new("RGB", (64, 48)), anomaly_map, scale).size == (64, 48)
    assert contours.render_svg(anomaly_map, scale).startswith("<svg")
    assert heatmap.legend(scale)
