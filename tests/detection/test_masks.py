"""Masks at the size of maps."""

import numpy as np
import pytest
from PIL import Image

from detection import UnreadableImage, masks


def saved(tmp_path, marked, mode=None):
    path = tmp_path / "mask.png"
    image = Image.fromarray(np.asarray(marked, np.uint8))
    (image.convert(mode) if mode else image).save(path)
    return path


def test_a_pixel_is_marked_where_half_of_its_area_is(tmp_path):
    marked = np.zeros((4, 8))
    marked[:, :3] = 255
    marked[0, 4] = 255
    assert masks.read(saved(tmp_path, marked), (2, 4)).tolist() == [[True, True, False, False]] * 2


@pytest.mark.parametrize(("value", "mode"), [(1, None), (255, None), (255, "1"), (255, "RGB"), (200, "P")])
def test_whatever_a_mask_is_written_with_it_means_the_same(tmp_path, value, mode):
    marked = np.zeros((6, 6))
    marked[2:4, 1:5] = value
    assert (masks.read(saved(tmp_path, marked, mode), (6, 6)) == (marked > 0)).all()


def test_a_defect_smaller_than_a_pixel_does_not_vanish(tmp_path):
    marked = np.zeros((1000, 1000))
    marked[500, 503] = 255
    found = masks.read(saved(tmp_path, marked), (32, 32))
    assert found.sum() == 1
    assert found[16, 16]


def test_an_empty_mask_stays_empty_and_a_larger_map_enlarges(tmp_path):
    assert not masks.read(saved(tmp_path, np.zeros((9, 9))), (4, 4)).any()
    marked = np.zeros((2, 2))
    marked[0, 1] = 1
    assert masks.read(saved(tmp_path, marked), (4, 6)).sum() == 6


def test_what_is_no_image_is_refused(tmp_path):
    (tmp_path / "mask.png").write_bytes(b"none")
    with pytest.raises(UnreadableImage):
        masks.read(tmp_path / "mask.png", (4, 4))
