"""Folders as people have them: sub-folders, other names, files that are no photos, wrong layouts."""

import os
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from detection import BadDataset, datasets
from tests.detection.test_images import noise


def tree(root, *files):
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in (".png", ".jpg", ".bmp", ".tif"):
            Image.new("L", (4, 4)).save(path)
        else:
            path.write_bytes(b"x")
    return root


@pytest.fixture
def part(tmp_path):
    return tmp_path / "part"


def notes(dataset):
    return {note.code: str(note) for note in dataset.notes}


def learned(dataset):
    return [dataset.name_of(path) for path in dataset.train]


# --- Sub-folders -----------------------------------------------------------------------------
def test_sub_folders_are_read_as_one_set_and_told(part):
    tree(part, *(f"train/good/{n:02}.png" for n in range(4)))
    tree(part, *(f"train/good/2026-11-27/shift1/{n:02}.png" for n in range(8)))
    tree(part, "test/scratch/000.png", "test/scratch/line2/000.png")
    dataset = datasets.scan(part)
    assert datasets.counts(dataset) == {"train": 12, "good": 0, "scratch": 2}
    assert "2026-11-27/shift1/03.png" in learned(dataset)
    assert [dataset.name_of(image.path) for image in dataset.test] == ["000.png", "line2/000.png"]
    said = (
        "train/good: 12 photos, 8 of them in 2 sub-folders; test/scratch: 2 photos, 1 of them in 1 sub-folder"
    )
    assert notes(dataset)["sub_folders"] == f"{said}. All of them are used."


def test_without_sub_folders_there_is_nothing_to_say(part):
    tree(part, "train/good/1.png", "test/good/2.png", "test/bent/3.png", "ground_truth/bent/3_mask.png")
    (part / "train/good/.DS_Store").touch()
    (part / "train/good/Thumbs.db").touch()
    (part / "license.txt").touch()
    assert datasets.scan(part).notes == ()


def test_links_are_followed_and_loops_end(part, tmp_path):
    tree(part, "train/good/1.png")
    tree(tmp_path / "elsewhere", "2.png")
    (part / "train/good/more").symlink_to(tmp_path / "elsewhere")
    (part / "train/good/loop").symlink_to(part / "train/good")
    (part / "train/good/gone.png").symlink_to(tmp_path / "nowhere.png")
    dataset = datasets.scan(part)
    assert learned(dataset) == ["1.png", "more/2.png"]
    assert (
        "train/good/loop (it is a link to a folder that has already been read)"
        in notes(dataset)["not_opened"]
    )
    assert "gone.png (it is a link to a file that does not exist)" in notes(dataset)["passed_over"]


@pytest.fixture
def closed(monkeypatch):
    """Folders called secret cannot be opened."""
    opened = Path.iterdir

    def iterdir(path):
        if path.name == "secret":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("good", [[], ["secret"]])
def test_a_folder_that_cannot_be_opened_is_not_called_empty(part, good):
    tree(part, "train/good/secret/1.png", "secret/2.png")
    with pytest.raises(BadDataset, match="secret was not read: it cannot be opened: Permission denied"):
        datasets.scan(part, good=good)


@pytest.mark.usefixtures("closed")
def test_a_folder_that_cannot_be_opened_is_named_and_the_others_read(part):
    tree(part, "train/good/1.png", "train/good/secret/2.png")
    dataset = datasets.scan(part)
    assert learned(dataset) == ["1.png"]
    assert "train/good/secret (it cannot be opened: Permission denied)" in notes(dataset)["not_opened"]


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        ({"good": [""]}, "--good is empty"),
        ({"test": [""]}, "--test is empty"),
        ({"test": ["scratch="]}, "--test scratch= is empty"),
        ({"test": ["=test"]}, "has no label"),
    ],
)
def test_a_variable_that_is_not_set_does_not_name_the_whole_category(part, folders, said):
    tree(part, "train/good/1.png", "test/scratch/2.png")
    with pytest.raises(BadDataset, match=said):
        datasets.scan(part, **folders)


@pytest.mark.parametrize("hidden", [".thumbnails", "@eaDir"])
def test_hidden_folders_and_thumbnails_of_the_system_are_not_learned_from(part, hidden):
    tree(part, "train/good/1.png", f"train/good/{hidden}/1.png")
    dataset = datasets.scan(part)
    assert learned(dataset) == ["1.png"]
    assert f"train/good/{hidden}" in notes(dataset)["not_opened"]


@pytest.mark.parametrize("name", ["NG", "ko", "Bad parts", "damaged"])
def test_a_folder_of_defects_among_good_photos_is_not_learned_from(part, name):
    tree(part, "train/good/1.png", f"train/good/{name}/2.png", "test/line1/3.png", "test/line1/good/4.png")
    dataset = datasets.scan(part)
    assert learned(dataset) == ["1.png"]
    assert datasets.counts(dataset) == {"train": 1, "good": 0, "line1": 1}
    said = f"the folder {name} is among good photos: move it to test/{name}"
    assert said in notes(dataset)["passed_over"]
    assert "move it to test/good" in notes(dataset)["passed_over"]


def test_names_that_are_no_utf_8_are_read_and_can_be_shown(part):
    tree(part, "train/good/1.png", "test/bent/2.png")
    (part / "test/bent/2.png").rename(part / "test/bent" / os.fsdecode(b"M\xfcller.png"))
    dataset = datasets.scan(part)
    assert dataset.name_of(dataset.test[0].path) == "M\\xfcller.png"


# --- Other names -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name", ["Good", "OK", "ok", "normal", "non-defective", "Defect free", "i.O.", "good parts"]
)
@pytest.mark.parametrize("split", ["Train", "training", "TRAIN"])
def test_common_names_are_taken_with_a_note(part, split, name):
    tree(part, f"{split}/{name}/1.png")
    dataset = datasets.scan(part)
    assert learned(dataset) == ["1.png"]
    assert f"{split} is read as train" in notes(dataset)["synonym"]
    assert datasets.categories(part.parent) == [part]


def test_in_the_test_photos_ok_means_good_and_ng_stays_a_label(part):
    tree(part, "train/good/1.png", "Testing/OK/2.png", "Testing/NG/3.png", "GroundTruth/ng/3.png")
    dataset = datasets.scan(part)
    assert datasets.counts(dataset) == {"train": 1, "good": 1, "NG": 1}
    assert dataset.test[0].mask == part / "GroundTruth/ng/3.png"
    assert "Testing/OK is read as photos of good parts" in notes(dataset)["synonym"]


def test_two_names_for_good_are_one_set_in_which_no_two_photos_are_called_alike(part):
    tree(part, "train/good/1.png", "train/ok/1.png", "test/good/1.png", "test/OK/1.png")
    dataset = datasets.scan(part)
    assert sorted(learned(dataset)) == ["1.png", "ok/1.png"]
    assert datasets.counts(dataset) == {"train": 2, "good": 2}
    assert "train/ok is read as photos of good parts" in notes(dataset)["synonym"]


# --- What is not used ------------------------------------------------------------------------
def test_files_that_are_no_photos_are_counted_and_named_by_kind(part):
    tree(part, "train/good/1.png", "train/good/notes.txt", "train/good/sub/a.csv", "test/good/b.csv")
    said = notes(datasets.scan(part))["not_photos"]
    assert said.startswith("3 files are skipped: they are not photos (2 .csv, 1 .txt): ")
    assert "train/good/notes.txt" in said


def test_photos_in_no_place_are_named_with_what_to_do(part):
    tree(part, "train/good/1.png", "train/bad/2.png", "test/3.png", "4.png", "validation/good/5.png")
    tree(part, "train/good/6.gif")
    noted = {note.code: dict(note.files) for note in datasets.scan(part).notes}
    assert noted["passed_over"] == {
        "train/bad/2.png": "only train/good is used for training",
        "test/3.png": "it is not in a label folder",
        "4.png": "it is not in train/good or test",
        "train/good/6.gif": ".gif is not supported: convert it to JPEG or PNG",
    }
    assert noted["not_opened"] == {"validation": "it is not train, test or ground_truth; photos in it: 1"}


@pytest.mark.parametrize(
    ("files", "folders", "options"),
    [
        (["OK/1.png", "OK/2.png", "NG/3.png"], "NG (1), OK (2)", "--good {0}/OK --test NG={0}/NG"),
        (["1.png", "2.png"], "the folder itself (2)", "--good {0}"),
        (["train/1.png", "test/good/2.png"], "test/good (1), train (1)", "--good {0}/train --test {0}/test"),
        (["test/good/1.png", "test/bad/2.png"], "test/bad (1), test/good (1)", "--good FOLDER"),
        (
            ["a/ok/1.png", "a/scratch/2.png"],
            "a/ok (1), a/scratch (1)",
            "--good {0}/a/ok --test scratch={0}/a/scratch",
        ),
    ],
)
def test_another_layout_says_what_was_found_and_how_to_use_it(part, files, folders, options):
    tree(part, *files)
    with pytest.raises(BadDataset) as caught:
        datasets.scan(part)
    assert "has no train/good folder" in str(caught.value)
    assert f"Photos were found in {folders}." in str(caught.value)
    assert options.format(part) in str(caught.value)


def test_folders_can_be_named(part, tmp_path):
    tree(part, "OK/1.png", "OK/2.png", "NG/3.png", "masks/NG/3.png")
    tree(tmp_path / "more", "1.png")
    for test in (["NG=NG"], [f"NG={part / 'NG'}"], [part]):
        dataset = datasets.scan(part, good=["OK", tmp_path / "more"], test=test)
        assert learned(dataset) == ["1.png", "2.png", "more/1.png"]
        assert [(image.label, image.mask) for image in dataset.test] == [("NG", part / "masks/NG/3.png")]
        assert dataset.notes == ()


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"good": ["nowhere"]}, "--good nowhere: no such folder"),
        ({"good": ["empty"]}, "No photos in empty"),
        ({"good": ["OK"], "test": ["NG=nowhere"]}, "--test NG=nowhere: no such folder"),
        ({"good": ["OK"], "test": ["OK"]}, "give it: --test LABEL="),
    ],
)
def test_folders_named_wrongly_are_refused(part, more, says):
    tree(part, "OK/1.png").joinpath("empty").mkdir()
    with pytest.raises(BadDataset) as caught:
        datasets.scan(part, **more)
    assert says in str(caught.value)


def test_photos_to_judge_on_need_none_to_learn_from(part):
    tree(part, "test/good/1.png")
    assert datasets.counts(datasets.scan(part, learn=False)) == {"train": 0, "good": 1}


# --- Masks by their names --------------------------------------------------------------------
@pytest.mark.parametrize(
    "mask",
    [
        "ground_truth/bent/7_mask.bmp",
        "ground_truth/bent/7.jpg",
        "ground_truth/bent/7_GT.tif",
        "ground_truth/bent/7.png_mask.png",
        "ground_truth/Bent/mask_7.png",
        "ground_truth/bent/line2/7-mask.png",
        "ground_truth/7_mask.png",
        "masks/defects/7.png",
        "ground_truth/bent/7_mask.GIF",
        "test/bent/7_mask.png",
    ],
)
def test_masks_are_found_by_any_usual_name(part, mask):
    tree(part, "train/good/1.png", "test/bent/7.png", "test/bent/8.png", mask)
    dataset = datasets.scan(part)
    assert {image.path.name: image.mask for image in dataset.test} == {"7.png": part / mask, "8.png": None}
    assert dataset.notes == ()


def test_masks_in_several_files_belong_together(part):
    tree(part, "train/good/1.png", "test/bent/000.png", "test/bent/001.png", "test/bent/002.png")
    masks = [f"ground_truth/bent/000/{n:03}.png" for n in range(2)]
    masks += [
        "ground_truth/bent/001/000.png",
        "ground_truth/bent/002_mask_1.png",
        "ground_truth/bent/002_mask_2.png",
    ]
    tree(part, *masks)
    first, second, third = (image.mask for image in datasets.scan(part).test)
    assert first == (part / masks[0], part / masks[1])
    assert second == part / masks[2]
    assert third == (part / masks[3], part / masks[4])


def test_masks_of_photos_of_one_name_are_told_apart_by_their_folders(part):
    tree(part, "train/good/1.png", "test/bent/a/7.png", "test/bent/b/7.png", "test/bent/b/8.png")
    tree(part, "ground_truth/bent/a/7_mask.png", "ground_truth/bent/7_mask.png", "ground_truth/bent/8.png")
    dataset = datasets.scan(part)
    assert [image.mask for image in dataset.test] == [
        part / "ground_truth/bent/a/7_mask.png",
        None,
        part / "ground_truth/bent/8.png",
    ]
    assert "ground_truth/bent/7_mask.png (several photos are named 7" in notes(dataset)["mask_lost"]


def test_masks_that_are_not_used_are_named_with_the_reason(part):
    tree(part, "train/good/1.png", "test/good/3.png", "test/bent/7.png")
    tree(part, "ground_truth/bent/99_mask.png", "ground_truth/bent/7.jp2", "ground_truth/good/3_mask.png")
    noted = {note.code: dict(note.files) for note in datasets.scan(part).notes}
    assert noted["mask_lost"] == {
        "ground_truth/bent/99_mask.png": "there is no photo 99 in test/bent",
        "ground_truth/bent/7.jp2": ".jp2 is not supported: convert it to JPEG or PNG",
    }
    assert list(noted["mask_of_good"]) == ["ground_truth/good/3_mask.png"]


def drawn(part, *files):
    """Masks: black, with a white spot."""
    for name in files:
        mask = Image.new("L", (16, 16))
        mask.paste(255, (2, 2, 6, 6))
        mask.save(part / name)


def photographed(part, *files):
    for name in files:
        (part / name).parent.mkdir(parents=True, exist_ok=True)
        noise((16, 16)).save(part / name)


def test_masks_that_are_told_from_photos_by_their_content_are_no_photos(part):
    """As in Real-IAD, the Magnetic Tile set (NG/1.jpg, NG/1.png) and KolektorSDD (1.jpg, 1_label.bmp)."""
    photographed(
        part, "OK/1.jpg", "OK/2.jpg", "OK/3.png", "OK/3.bmp", "OK/4_label.png", "OK/4.png", "NG/1.jpg"
    )
    drawn(part, "OK/1.png", "OK/2_label.bmp", "NG/1.png")
    dataset = datasets.scan(part, good=["OK"], test=["NG=NG"])
    assert learned(dataset) == ["1.jpg", "2.jpg", "3.bmp", "3.png", "4.png", "4_label.png"]
    assert [(image.path.name, image.mask) for image in dataset.test] == [("1.jpg", part / "NG/1.png")]
    passed_over = {path for note in dataset.notes if note.code == "passed_over" for path, _ in note.files}
    assert passed_over == {"OK/1.png", "OK/2_label.bmp"}


def test_masks_are_found_however_an_umlaut_is_stored(part):
    """macOS stores ü as u and a mark, and keeps it so in archives."""
    tree(part, "train/good/1.png", "test/Größe/für.png")
    mask = unicodedata.normalize("NFD", "ground_truth/Größe/für_mask.png")
    tree(part, mask)
    assert [image.mask for image in datasets.scan(part).test] == [part / mask]
