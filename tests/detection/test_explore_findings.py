"""What is said of photos that are wrong, and that nothing is said of those that are not."""

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

import detection
from detection import datasets, explore
from detection.explore.folders import strays
from detection.explore.statistics import robust_z, separation
from tests.detection.parts import category, part


@pytest.fixture
def folder(tmp_path):
    """Nothing is wrong with it but that it is small."""
    return category(tmp_path / "plates", train=30, good=20, red=5, dark=5)


def described(folder, **more):
    return explore.describe(datasets.scan(folder), **more)


def findings_of(folder):
    return {finding.code: finding for finding in described(folder).findings}


def redraw(path, change):
    with Image.open(path) as image:
        change(image.convert("RGB")).save(path)


def mask(folder, name, size=(40, 40), value=255, box=(14, 14, 22, 22)):
    drawn = Image.new("L", size)
    drawn.paste(value, box)
    path = folder / f"ground_truth/{name}_mask.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.save(path)


def test_a_sound_category_has_nothing_to_put_right(folder):
    for kind in ("red", "dark"):
        for n in range(5):
            mask(folder, f"{kind}/{n:02}")
    assert findings_of(folder) == {}


def test_photos_that_cannot_be_read_are_named_and_the_others_looked_at(folder):
    (folder / "train/good/03.png").write_bytes(b"")
    (folder / "test/red/00.png").write_bytes((folder / "test/red/00.png").read_bytes()[:200])
    description = described(folder)
    finding = description.findings[0]
    assert (finding.severity, finding.code) == ("error", "unreadable")
    assert finding.files == ("train/good/03.png", "test/red/00.png")
    assert "0 bytes" in finding.cases[0].says
    assert len(description.photos) == 58
    assert description.counts["train"] == {"good": 30}


@pytest.mark.parametrize(
    ("copy", "code", "severity"),
    [
        ("train/good/copy.png", "duplicate", "warning"),
        ("test/good/copy.png", "leak", "error"),
        ("test/red/copy.png", "conflict", "error"),
    ],
)
def test_what_a_copy_means_depends_on_where_it_is(folder, copy, code, severity):
    (folder / copy).write_bytes((folder / "train/good/07.png").read_bytes())
    finding = findings_of(folder)[code]
    assert finding.severity == severity
    assert finding.cases[0].files == ("train/good/07.png", copy)


@pytest.mark.parametrize(
    ("copy", "code"),
    [
        ("train/good/x.jpg", "near_duplicate"),
        ("test/good/x.jpg", "near_leak"),
        ("test/dark/x.jpg", "near_conflict"),
    ],
)
def test_nearly_the_same_photo_in_the_same_ways(folder, copy, code):
    with Image.open(folder / "train/good/07.png") as image:
        image.save(folder / copy, quality=97, subsampling=0)
    findings = findings_of(folder)
    assert findings[code].files == ("train/good/07.png", copy)
    assert {"duplicate", "leak", "conflict"}.isdisjoint(findings)


def test_a_blurred_photo_is_told_from_sharp_ones(folder):
    redraw(folder / "train/good/05.png", lambda image: image.filter(ImageFilter.GaussianBlur(1)))
    finding = findings_of(folder)["blurred"]
    assert finding.files == ("train/good/05.png",)
    assert "usually" in finding.cases[0].says


@pytest.mark.parametrize("change", [lambda v: v * 0.6, lambda v: v * 1.4])
def test_dark_and_light_photos_are_told_from_usual_ones(folder, change):
    redraw(folder / "test/good/05.png", lambda image: image.point(change))
    assert findings_of(folder)["exposure"].files == ("test/good/05.png",)


def test_lost_detail_is_told_though_the_mean_is_usual(folder):
    def clipped(image):
        pixels = np.asarray(image).copy()
        pixels[:, :4], pixels[:, -4:] = 255, 0
        return Image.fromarray(pixels)

    redraw(folder / "train/good/05.png", clipped)
    finding = findings_of(folder)["exposure"]
    assert finding.files == ("train/good/05.png",)
    assert finding.cases[0].says == "10 % of it is black"


def test_a_photo_of_nothing(folder):
    redraw(folder / "train/good/05.png", lambda image: Image.new("RGB", image.size, "grey"))
    findings = findings_of(folder)
    assert findings["blank"].files == ("train/good/05.png",)
    assert "blurred" not in findings


def test_shapes_sizes_and_kinds_of_file_that_differ(folder):
    redraw(folder / "train/good/00.png", lambda image: image.resize((40, 60)))
    redraw(folder / "train/good/01.png", lambda image: image.resize((80, 80)))
    redraw(folder / "train/good/02.png", lambda image: image.convert("L"))
    findings = findings_of(folder)
    assert findings["odd_aspect"].files == ("train/good/00.png",)
    assert findings["odd_size"].files == ("train/good/01.png",)
    assert findings["odd_mode"].files == ("train/good/02.png",)
    assert "as L" in findings["odd_mode"].text


def test_a_category_of_many_sizes_is_one_note(folder):
    for n in range(30):
        redraw(folder / f"train/good/{n:02}.png", lambda image, n=n: image.resize((40 + n, 60)))
    findings = findings_of(folder)
    assert findings["many_sizes"].severity == "note"
    assert {"odd_size", "odd_aspect"}.isdisjoint(findings)


@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        ({"size": (20, 20)}, "mask_size"),
        ({"value": 0}, "mask_empty"),
        ({"value": 1}, None),
        ({"box": (14, 14, 15, 15), "size": (40, 40)}, None),
    ],
)
def test_masks_that_are_no_use(folder, drawn, code):
    for kind in ("red", "dark"):
        for n in range(5):
            mask(folder, f"{kind}/{n:02}")
    mask(folder, "red/02", **drawn)
    findings = findings_of(folder)
    assert list(findings) == ([code] if code else [])
    if code:
        assert findings[code].files == ("test/red/02.png",)


def test_missing_masks_are_named_once_there_are_others(folder):
    assert findings_of(folder)["no_masks"].files == ()
    mask(folder, "red/02")
    (folder / "ground_truth/red/03_mask.png").write_bytes(b"no picture")
    findings = findings_of(folder)
    assert len(findings["mask_missing"].files) == 8
    assert findings["mask_unreadable"].files == ("test/red/03.png",)


def test_defects_that_the_network_would_not_see(folder):
    large = category(folder.parent / "large", train=12)
    Image.new("RGB", (2000, 2000), "grey").save(large / "train/good/00.png")
    (large / "test/dot").mkdir(parents=True)
    Image.effect_noise((2000, 2000), 30).save(large / "test/dot/0.png")
    mask(large, "dot/0", size=(2000, 2000), box=(0, 0, 10, 10))
    assert findings_of(large)["small_defects"].cases[0].says == "under 0.01 % of the photo, 1.3 px"


def test_few_photos_are_told(tmp_path):
    findings = findings_of(category(tmp_path / "few", train=4, good=2, red=2, dark=6))
    assert "4 training photos" in findings["few_training"].text
    assert "2 good test photos" in findings["few_good_test"].text
    assert "red (2)" in findings["tiny_kind"].text
    assert "no_test" in findings_of(category(tmp_path / "none", train=4))
    assert "no_defects" in findings_of(category(tmp_path / "good", train=4, good=2))


def test_defective_photos_taken_in_other_light_give_themselves_away(tmp_path):
    folder = category(tmp_path / "plates", train=30, good=20, red=10, dark=10)
    assert "tell" not in findings_of(folder)
    for path in (folder / "test").glob("[rd]*/*.png"):
        redraw(path, lambda image: image.point(lambda v: v * 1.2))
    assert "lighter" in findings_of(folder)["tell"].text


def test_files_of_another_kind_give_themselves_away(tmp_path):
    folder = category(tmp_path / "plates", train=30, good=20, red=10)
    for path in (folder / "test/good").glob("*.png"):
        with Image.open(path) as image:
            image.save(path.with_suffix(".jpg"), quality=100, subsampling=0)
        path.unlink()
    findings = findings_of(folder)
    assert "different format (JPEG instead of PNG)" in findings["test_differs"].text
    assert "different format (PNG instead of JPEG)" in findings["tell"].text


def test_what_lies_beside_the_photos_is_not_lost_sight_of(folder):
    part(folder / "train/bad/1.png", 1)
    part(folder / "test/2.png", 2)
    (folder / "test/red/shot.cr3").write_bytes(b"x")
    (folder / "test/red/notes.txt").write_text("x")
    (folder / "test/.cache").mkdir()
    part(folder / "test/.cache/4.png", 4)
    mask(folder, "red/99")
    findings = {finding.code: finding for finding in strays(folder, datasets.scan(folder))}
    why = {case.files[0]: case.says for case in findings["passed_over"].cases}
    assert set(why) == {"train/bad/1.png", "test/2.png", "test/red/shot.cr3"}
    assert why["train/bad/1.png"] == "only train/good is used for training"
    assert findings["mask_lost"].files == ("ground_truth/red/99_mask.png",)
    assert strays(folder, datasets.scan(folder))[0] in described(folder, strays=findings.values()).findings


def test_sub_folders_and_other_files_are_told(folder):
    part(folder / "test/red/more/00.png", 3)
    (folder / "train/good/notes.txt").write_text("x")
    findings = findings_of(folder)
    assert "test/red: 6 photos, 1 of them in 1 sub-folder" in findings["sub_folders"].text
    assert findings["not_photos"].files == ("train/good/notes.txt",)
    assert {"test/red/00.png", "test/red/more/00.png"} <= {photo.name for photo in described(folder).photos}


def test_masks_that_belong_to_no_photo_are_not_called_missing(folder):
    for n in range(8):
        mask(folder, f"red/part{n}")
    findings = findings_of(folder)
    assert "no_masks" not in findings
    assert len(findings["mask_lost"].files) == 8
    assert findings["mask_lost"].cases[0].says == "there is no photo part0 in test/red"


def test_masks_of_another_kind_are_told_and_measured_as_they_are_meant(folder):
    for n in range(5):
        mask(folder, f"red/{n:02}")
    usual = {photo.name: photo.defect for photo in described(folder).photos}
    for path in folder.glob("ground_truth/red/*"):
        redraw(path, ImageOps.invert)
    description = described(folder)
    assert {photo.name: photo.defect for photo in description.photos} == usual
    (finding,) = (one for one in description.findings if one.code == "mask_convention")
    assert "white where the part is good" in finding.text


def test_a_mask_of_most_of_a_photo_is_worth_a_look(folder):
    mask(folder, "red/00", box=(0, 0, 40, 30))
    mask(folder, "red/01")
    assert findings_of(folder)["mask_large"].files == ("test/red/00.png",)


# --- The numbers behind it -------------------------------------------------------------------
def test_robust_z_is_not_moved_by_the_outliers_it_looks_for():
    usual = [10.0, 11, 12, 13, 14, 1000]
    z = robust_z([12.5, 1000], usual)
    assert z[0] == 0
    assert z[1] == pytest.approx((1000 - 12.5) / (1.4826 * 1.5))
    assert robust_z([5, 6], [5, 5, 5]).tolist() == [0, np.inf]


def test_separation_is_an_auroc():
    assert separation([1, 2, 3], [4, 5]) == 1
    assert separation([1, 2], [1, 2]) == 0.5
    truth = [False] * 30 + [True] * 20
    scores = np.random.default_rng(0).integers(0, 12, 50)
    assert separation(scores[:30], scores[30:]) == pytest.approx(
        detection.metrics.image.image_auroc(scores, truth)
    )
