"""Masks at the size of maps."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import detection
from detection import UnreadableImage, datasets
from detection.photos import masks
from detection.photos.masks import Convention
from tests.detection.parts import TINY, category


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


@pytest.mark.parametrize(
    ("ground", "defect"),
    [
        (1, 2),
        (100, 101),
        (128, 255),
        ((0, 255, 0), (255, 0, 0)),
        ((128, 128, 128), (255, 0, 0)),
        (0, range(1, 21)),
        (0, [1] * 10 + [12] * 10),
    ],
)
def test_what_is_marked_differs_from_the_ground_whatever_that_is(tmp_path, ground, defect):
    """Numbers of classes that begin at 1, grey ground, red on green, a number for each of many defects."""
    marked = np.zeros((20, 30), bool)
    marked[8, 5:25] = True
    values = np.zeros((*marked.shape, *np.shape(ground)), np.uint8)
    values[:], values[marked] = ground, defect
    path = saved(tmp_path, values)
    how = masks.convention([path] * 4)
    assert (masks.full(path, how) == marked).all()
    assert how.notes == ()


@pytest.mark.filterwarnings("error")
def test_heights_below_zero_are_told_from_a_mask(tmp_path):
    heights = tmp_path / "heights.tif"
    Image.fromarray(np.arange(-400, 0, dtype=np.int32).reshape(20, 20) * 2**16).save(heights)
    assert not masks.drawn(heights)
    assert masks.drawn(saved(tmp_path, np.eye(20)))


def test_a_defect_smaller_than_a_pixel_does_not_vanish(tmp_path):
    marked = np.zeros((1000, 1000))
    marked[500, 503] = 255
    mask = masks.read(saved(tmp_path, marked), (32, 32))
    assert mask.sum() == 1
    assert mask[16, 16]


def test_an_empty_mask_stays_empty_and_a_larger_map_enlarges(tmp_path):
    assert not masks.read(saved(tmp_path, np.zeros((9, 9))), (4, 4)).any()
    marked = np.zeros((2, 2))
    marked[0, 1] = 1
    assert masks.read(saved(tmp_path, marked), (4, 6)).sum() == 6


def test_what_is_no_image_is_refused(tmp_path):
    (tmp_path / "mask.png").write_bytes(b"none")
    with pytest.raises(UnreadableImage):
        masks.read(tmp_path / "mask.png", (4, 4))


def drawn(share, *, border=False):
    """A mask of 40 px with so much of it marked: in the middle, or from a corner on."""
    marked = np.zeros((40, 40), np.uint8)
    side = round(40 * share**0.5)
    start = 0 if border else (40 - side) // 2
    marked[start : start + side, start : start + side] = 255
    return marked


def written(folder, *marked, change=lambda pixels: pixels, suffix="png", **options):
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{n}.{suffix}" for n in range(len(marked))]
    for path, pixels in zip(paths, marked, strict=True):
        Image.fromarray(change(pixels)).save(path, **options)
    return paths


def overlay(pixels):
    """Red, and seen only where it marks."""
    red = np.zeros((*pixels.shape, 4), np.uint8)
    red[..., 0], red[..., 3] = 255, pixels
    return red


def around(pixels):
    """The part cut out at its defects."""
    return 255 - overlay(pixels)[..., [3, 3, 3, 3]]


def on_white(pixels):
    """Yellow on white: hardly darker."""
    return np.stack([np.full_like(pixels, 255), np.full_like(pixels, 255), 255 - pixels], axis=-1)


SMALL = [drawn(0.01), drawn(0.03), drawn(0.06)]


@pytest.mark.parametrize(
    ("change", "meant"),
    [
        (lambda pixels: 255 - pixels, Convention(dark=True)),
        (lambda pixels: (pixels == 0).astype(np.uint8), Convention(dark=True)),
        (on_white, Convention(dark=True)),
        (overlay, Convention(alpha=True)),
        (lambda pixels: overlay(pixels // 2), Convention(alpha=True)),
        (around, Convention(alpha=True, transparent=True)),
        (lambda pixels: np.dstack([pixels] * 3 + [np.full_like(pixels, 255)]), Convention()),
        (lambda pixels: (pixels > 0).astype(np.uint16), Convention()),
        (lambda pixels: pixels // 85, Convention()),
    ],
    ids=["inverted", "0-and-1", "yellow", "overlay", "faint", "cut-out", "opaque", "16-bit", "classes"],
)
def test_the_kind_of_masks_is_found_and_read(tmp_path, change, meant):
    marked = [*SMALL, drawn(0.1)]
    marked[3][marked[3] > 0] = (
        np.resize([85, 170, 255], (marked[3] > 0).sum()) if meant == Convention() else 255
    )
    paths = written(tmp_path / "masks", *marked, change=change)
    convention = masks.convention(paths)
    assert convention == meant
    assert bool(convention.notes) == (meant != Convention())
    for path, pixels in zip(paths, marked, strict=True):
        assert (masks.full(path, convention) == (pixels > 0)).all()


def test_a_drawing_on_a_cut_out_part_is_told_by_its_colours(tmp_path):
    part = np.zeros((40, 40), np.uint8)
    part[4:36, 4:36] = 255
    paths = written(tmp_path / "masks", *SMALL, change=lambda p: np.dstack([p, p, p, part]))
    convention = masks.convention(paths)
    assert convention == Convention()
    assert (masks.full(paths[2], convention) == (SMALL[2] > 0)).all()


@pytest.mark.parametrize(
    "marked",
    [
        [drawn(0.9, border=True), drawn(0.8, border=True), *SMALL],
        [drawn(0.97)] * 3,
        [drawn(0.6, border=True)] * 4,
        [drawn(0.8, border=True)],
        [np.full((40, 40), 255, np.uint8)] * 3,
        [np.zeros((40, 40), np.uint8)] * 3,
        [],
    ],
    ids=["two-of-five", "but-for-the-border", "all-of-60%", "one-of-80%", "all-white", "all-black", "none"],
)
def test_large_defects_are_not_taken_for_the_part(tmp_path, marked):
    paths = written(tmp_path / "masks", *marked)
    convention = masks.convention(paths)
    assert convention == Convention()
    for path, pixels in zip(paths, marked, strict=True):
        assert (masks.full(path, convention) == (pixels > 0)).all()


def test_among_inverted_masks_a_large_defect_stays_large(tmp_path):
    marked = [*SMALL, drawn(0.7)]
    paths = written(tmp_path / "masks", *marked, change=lambda pixels: 255 - pixels)
    assert masks.full(paths[3], masks.convention(paths)).mean() == pytest.approx(0.7, abs=0.05)


@pytest.mark.parametrize(
    ("suffix", "options"), [("jpg", {"quality": 60}), ("bmp", {}), ("tif", {}), ("webp", {}), ("gif", {})]
)
def test_masks_in_other_formats_are_read(tmp_path, suffix, options):
    (path,) = written(tmp_path / "masks", drawn(0.16), suffix=suffix, **options)
    assert (masks.full(path) == (drawn(0.16) > 0)).mean() > 0.99


@pytest.mark.parametrize("suffix", ["gif", "png"])
def test_masks_with_a_palette_are_read_by_their_colours(tmp_path, suffix):
    """Ground first or last in the palette; blue, of little weight in grey, marks too."""
    marked = np.zeros((40, 40), np.uint8)
    marked[5:15, 5:20] = 1
    marked[30:, 30:] = 2
    for order in ([0, 1, 2], [2, 0, 1]):
        colours = dict(zip(order, [(0, 0, 0), (220, 0, 0), (0, 0, 200)], strict=True))
        image = Image.fromarray(np.asarray(order, np.uint8)[marked])
        image = image.convert("P")
        image.putpalette([level for n in range(3) for level in colours[n]])
        path = tmp_path / f"{order[0]}.{suffix}"
        image.save(path)
        assert Image.open(path).mode == "P"
        assert masks.full(path).sum() == 10 * 15 + 10 * 10


def test_a_mask_of_several_frames_is_refused(tmp_path):
    first, second = (Image.fromarray(drawn(share)) for share in (0.1, 0.2))
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    with pytest.raises(UnreadableImage, match="frames"):
        masks.full(tmp_path / "a.gif")


def test_several_files_mark_together(tmp_path):
    first, second = np.zeros((2, 40, 40), np.uint8)
    first[:10], second[30:] = 255, 255
    paths = tuple(written(tmp_path / "masks", first, second))
    assert masks.read(paths, (4, 4)).tolist() == [[True] * 4, [False] * 4, [False] * 4, [True] * 4]


@pytest.mark.usefixtures("no_plots")
@pytest.mark.parametrize("change", [lambda pixels: 255 - pixels, overlay], ids=["inverted", "overlay"])
def test_pixel_metrics_are_those_of_usual_masks(tmp_path, change):
    folder = category(tmp_path / "plates", train=6, good=3, red=4, masks=4)
    usual = detection.train(datasets.scan(folder), tmp_path / "usual", replace(TINY, epochs=2)).evaluation
    for path in folder.glob("ground_truth/red/*"):
        pixels = np.asarray(Image.open(path))
        Image.fromarray(change(pixels)).save(path)
    evaluation = detection.evaluate(tmp_path / "usual", datasets.scan(folder))
    assert evaluation.pixel == usual.pixel
    assert any(warning.startswith("The masks") for warning in evaluation.warnings)
