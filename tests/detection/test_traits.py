"""Photos that teach nothing, and photos taken in another way than those learned from."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import detection
from detection import datasets, explore
from detection.cli import main
from detection.errors import BadDataset
from detection.methods import registry
from detection.options.catalogue import METHODS
from detection.photos import traits
from detection.photos.traits import Traits
from detection.selection.contest import Contest
from detection.types import TrainOptions
from tests.detection.parts import TINY, category, part

COLOUR = Traits(0.6, flat=False, picture="a", format="PNG", width=640, height=480)
GREY = Traits(0.0, flat=False, picture="b", format="PNG", width=640, height=480)


def flat(folder, values):
    for n, value in enumerate(values):
        path = folder / f"train/good/{n:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 40), (value, value, value)).save(path)
    return folder


@pytest.mark.parametrize("values", [[0] * 12, [255], range(10)], ids=["black", "one white", "several"])
@pytest.mark.parametrize("method", METHODS)
def test_flat_photos_are_refused_before_learning(tmp_path, monkeypatch, resnet, method, values):
    monkeypatch.setattr(registry.METHODS.get(method, Contest), "fit", None)
    options = TrainOptions(method=method, size=64, weights=str(resnet))
    with pytest.raises(BadDataset, match=r"training photos? shows? one flat colour") as refused:
        detection.train(datasets.scan(flat(tmp_path / "part", values)), tmp_path / "run", options)
    assert str(len(values)) in str(refused.value) or len(values) == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("method", METHODS)
def test_copies_of_one_photo_are_learned_from_and_told_of(tmp_path, no_plots, resnet, method):
    folder = category(tmp_path / "part", train=0, good=2, red=2)
    for n in range(6):
        part(folder / f"train/good/{n}.png", 1)
    options = TrainOptions(method=method, size=64, epochs=1, width=4, minutes=0.05, weights=str(resnet))
    result = detection.train(datasets.scan(folder), tmp_path / "run", options)
    assert "All 6 training photos are the same picture." in result.evaluation.warnings[0]
    assert (tmp_path / "run/config.json").is_file()


def test_photos_that_are_nearly_black_are_told_of():
    """12 bits beside 16: the range that holds the others leaves little to them."""
    pixels = np.random.default_rng(0).integers(0, 256, (3, 16, 16), dtype=np.uint8)
    dark, black = traits.of(pixels // 16), traits.of(pixels // 128)
    (said,) = traits.check([traits.of(pixels), dark, dark], 3)
    assert "2 of 3 training photos are nearly black" in said and "bit depth" in said
    assert (black.flat, black.dark) == (True, False)
    assert traits.check([traits.of(pixels), traits.of(pixels // 2)], 2) == []


def test_some_flat_photos_are_told_of():
    dark = Traits(0.0, flat=True, picture="c")
    assert traits.check([COLOUR, dark], 2) == [
        "1 of the training photos show one flat colour and no part: remove them."
    ]


@pytest.mark.parametrize(
    ("train", "photo", "said"),
    [
        (COLOUR, GREY, "the training photos are colour, this one is grey"),
        (GREY, COLOUR, "the training photos are grey, this one is colour"),
        (COLOUR, Traits(0.6, False, "", "JPEG", 640, 480), "the training photos are PNG, this one is JPEG"),
        (
            COLOUR,
            Traits(0.6, False, "", "PNG", 480, 640),
            "the training photos are 640 x 480 px, this one is 480 x 640 px",
        ),
        (
            COLOUR,
            Traits(0.6, False, "", "PNG", 320, 240),
            "the training photos are 640 x 480 px, this one is 320 x 240 px",
        ),
        (COLOUR, Traits(0.5, False, "", "TIFF", 640, 470), ""),
        (GREY, Traits(0.2, False, "", "PNG", 640, 480), ""),  # a rusty stain on a grey part
    ],
)
def test_what_differs_from_the_training_photos(train, photo, said):
    differences = traits.differences(photo, traits.usual([train, train]))
    assert [str(difference) for difference in differences] == ([said] if said else [])


def test_of_mixed_training_photos_nothing_is_unusual():
    assert traits.differences(GREY, traits.usual([GREY, COLOUR])) == []
    wide, small = replace(COLOUR, width=900), replace(COLOUR, width=64, height=48)
    assert traits.differences(small, traits.usual([COLOUR, wide, small])) == []


def test_many_sizes_are_one_warning():
    test = [replace(COLOUR, width=width) for width in (100, 200, 300)]
    [said] = traits.of_test([*test, COLOUR], traits.usual([COLOUR, COLOUR]))
    assert said.startswith("3 of 4 test photos were taken differently")
    assert said.endswith("the training photos are 640 x 480 px, this one is 100 x 480 px.")


def test_a_training_hints_at_grey_after_colour(tmp_path, no_plots):
    rng = np.random.default_rng(0)
    for folder, mode in (("train/good", "RGB"), ("test/good", "L"), ("test/bad", "L")):
        (tmp_path / "part" / folder).mkdir(parents=True)
        for n in range(3):
            pixels = rng.integers(0, 255, (40, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).convert(mode).save(tmp_path / f"part/{folder}/{n}.png")
    result = detection.train(datasets.scan(tmp_path / "part"), tmp_path / "run", TINY)
    assert any("the training photos are colour, this one is grey" in w for w in result.evaluation.warnings)
    assert result.config["photos"]["formats"] == {"PNG": 3}


def test_explore_names_the_photos_that_are_grey_after_colour(tmp_path):
    rng = np.random.default_rng(0)
    for n in range(4):
        for folder, mode in (("train/good", "RGB"), ("test/good", "L" if n else "RGB")):
            path = tmp_path / folder / f"{n}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(rng.integers(0, 255, (40, 40, 3), dtype=np.uint8)).convert(mode).save(path)
    findings = {one.code: one for one in explore.describe(datasets.scan(tmp_path)).findings}
    assert findings["unlike_training"].files == ("test/good/1.png", "test/good/2.png", "test/good/3.png")


def test_predict_hints_at_a_photo_taken_in_another_way(run_dir, tmp_path, capsys):
    part(tmp_path / "a.png", 1)
    Image.open(tmp_path / "a.png").convert("L").save(tmp_path / "grey.jpg")
    photos = [str(tmp_path / "a.png"), str(tmp_path / "grey.jpg")]
    assert main(["predict", str(run_dir), *photos, "--out", str(tmp_path / "out"), "--json"]) == 0
    printed = capsys.readouterr()
    assert "note: 1 of 2 photos: the training photos are PNG, this one is JPEG." in printed.err
    rows = json.loads(printed.out)["predictions"]
    assert [len(row["unlike_training"]) for row in rows] == [0, 1]
