"""Category folders: what is found, what is missing, how images are split."""

from pathlib import Path

import pytest
from PIL import Image

from detection import BadDataset, datasets


def put(*paths: Path):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4)).save(path, "PNG")


def test_scan_finds_images_labels_and_masks(tmp_path):
    part = tmp_path / "bolt"
    put(part / "train/good/2.PNG", part / "train/good/1.png", part / "train/good/.hidden.png")
    put(part / "test/good/0.png", part / "test/bent/a.png", part / "test/bent/b.png")
    put(part / "ground_truth/bent/a_mask.png")
    (part / "train/good/notes.txt").write_text("x")
    dataset = datasets.scan(part)
    assert dataset.category == "bolt"
    assert [path.name for path in dataset.train] == ["1.png", "2.PNG"]
    assert [(image.path.name, image.label, image.is_defect) for image in dataset.test] == [
        ("a.png", "bent", True),
        ("b.png", "bent", True),
        ("0.png", "good", False),
    ]
    assert dataset.test[0].mask == part / "ground_truth/bent/a_mask.png"
    assert dataset.test[1].mask is None
    assert datasets.counts(dataset) == {"train": 2, "good": 1, "bent": 2}


def test_a_category_with_nothing_but_training_images(tmp_path):
    put(tmp_path / "bolt/train/good/1.png")
    assert datasets.scan(tmp_path / "bolt").test == ()


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("nowhere", "is not a folder"),
        ("bolt/test", "has no train/good folder"),
        ("", "contains several categories: give one of them (bolt, empty)"),
        ("empty", "contains no photos"),
    ],
)
def test_what_is_missing_is_said(tmp_path, path, says):
    put(tmp_path / "bolt/train/good/1.png", tmp_path / "bolt/test/good/1.png")
    (tmp_path / "empty/train/good").mkdir(parents=True)
    with pytest.raises(BadDataset) as caught:
        datasets.scan(tmp_path / path)
    assert says in str(caught.value)


@pytest.mark.parametrize(("images", "folds"), [(1, 1), (4, 4), (99, 5), (100, 3), (800, 3)])
def test_each_of_few_photos_is_scored_by_a_fit_on_nearly_all_others(images, folds):
    assert datasets.folds(images) == folds


@pytest.mark.parametrize(("images", "held"), [(1, 0), (2, 1), (3, 1), (20, 3), (100, 15)])
def test_hold_back_always_leaves_something_to_learn_from(images, held):
    paths = [Path(f"{n}.png") for n in range(images)]
    learned, kept = datasets.hold_back(paths, 0.15, seed=3)
    assert len(kept) == held
    assert sorted((*learned, *kept)) == sorted(paths)
    assert (learned, kept) == datasets.hold_back(paths, 0.15, seed=3)


def test_hold_back_depends_on_the_seed_and_may_be_off():
    paths = [Path(f"{n}.png") for n in range(40)]
    assert datasets.hold_back(paths, 0.2, seed=1) != datasets.hold_back(paths, 0.2, seed=2)
    assert datasets.hold_back(paths, 0.0, seed=1) == (tuple(paths), ())
    assert len(datasets.hold_back(paths, 1.0, seed=1)[0]) == 1


def test_sha256_knows_an_image_again_under_another_name(tmp_path):
    put(tmp_path / "a.png", tmp_path / "b.png")
    assert datasets.sha256(tmp_path / "a.png") == datasets.sha256(tmp_path / "b.png")


def test_photos_that_belong_together_are_dealt_to_one_group():
    siblings = [(0, 3), (1,), (2, 4, 5), (0, 3), (2, 4, 5), (2, 4, 5), (6,)]
    dealt = datasets.deal(7, 3, seed=1, siblings=siblings)
    assert sorted(number for group in dealt for number in group) == list(range(7))
    assert all(set(siblings[number]) <= set(group) for group in dealt for number in group)
    assert datasets.deal(7, 3, 1, [(n,) for n in range(7)]) == datasets.deal(7, 3, 1)
