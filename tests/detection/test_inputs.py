"""What `Detector.predict` takes, and photos of a camera with 12 bits from training to verdict."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import detection
from detection import datasets, explore
from detection.cli import main
from detection.methods.setting import Geometry
from detection.photos.images import OLD, decode
from tests.detection.parts import TINY, category


@pytest.fixture(scope="module")
def detector(result):
    return detection.load(result.run_dir, device="cpu")


@pytest.fixture(scope="module")
def red(plates) -> Path:
    return plates / "test/red/00.png"


def score(detector, photo):
    return detector.predict(photo).score


# --- Arrays, pictures, files -----------------------------------------------------------------
def test_one_photo_gives_one_prediction_and_several_a_list(detector, red):
    pixels = np.asarray(decode(red))
    one = detector.predict(red)
    assert one.verdict == "ANOMALY"
    for photo in (str(red), red.read_bytes(), Image.open(red), pixels, detector.prepare(red)):
        assert score(detector, photo) == one.score
    for several in ([red], (red,), iter([red]), pixels[None]):
        assert [prediction.score for prediction in detector.predict(several)] == [one.score]


def test_arrays_of_any_kind_are_the_same_photo(detector, red):
    pixels = np.asarray(decode(red))
    expected = score(detector, pixels)
    for same in (
        pixels.astype(np.uint16) * 257,
        pixels / 255,
        (pixels / 255).astype(np.float32),
        pixels[:, :, ::-1][:, :, ::-1],
        np.asfortranarray(pixels),
        (pixels.astype(">u2") * 257).astype(">u2"),
        np.dstack([pixels, np.full((40, 40), 255, np.uint8)]),
        np.dstack([pixels / 255, np.ones((40, 40))]),
    ):
        assert score(detector, same) == pytest.approx(expected, rel=1e-4)
    assert score(detector, pixels[:, :, ::-1]) != pytest.approx(expected, rel=1e-4), "BGR is another photo"
    grey = pixels[:, :, 0]
    expected = score(detector, Image.fromarray(grey))
    for same in (grey, grey[..., None], grey.astype(np.uint16) * 257, grey / 255):
        assert score(detector, same) == pytest.approx(expected, rel=1e-4)
    assert score(detector, grey > 100) == score(detector, np.where(grey > 100, 255, 0).astype(np.uint8))


def test_a_frame_of_a_camera_may_be_used_again(detector, red):
    frame = np.array(decode(red))
    before = frame.copy()
    picture = Image.fromarray(frame)
    picture.info["exif"] = b"kept"
    detector.predict([frame, picture])
    assert np.array_equal(frame, before)
    assert picture.info == {"exif": b"kept"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"])
def test_pictures_of_any_mode_are_judged(detector, mode):
    source = Image.new("L", (50, 40), 200)
    if mode == "I;16":
        source = Image.fromarray(np.full((40, 50), 200 * 257, np.uint16))
    if mode == "1":
        source = Image.new("1", (50, 40), 1)
    same = score(detector, source if source.mode == mode else source.convert(mode))
    assert same == pytest.approx(
        score(detector, Image.new("L", (50, 40), 255 if mode == "1" else 200)), rel=0.05
    )


def test_an_opened_picture_is_turned_upright_once(detector, red, tmp_path):
    upright = decode(red).resize((60, 40))
    turned, exif = upright.transpose(Image.Transpose.ROTATE_90), Image.Exif()
    exif[0x0112] = 6
    expected = score(detector, upright)
    for name in ("turned.png", "turned.tif", "turned.webp"):
        turned.save(tmp_path / name, exif=exif, **({"lossless": True} if name.endswith("webp") else {}))
        for photo in (tmp_path / name, Image.open(tmp_path / name), decode(tmp_path / name)):
            assert score(detector, photo) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("photo", "error", "says"),
    [
        (np.zeros((5, 40, 40), np.uint8), ValueError, r"shape \(5, 40, 40\).*\[H, W, 3\].*as a list"),
        (np.zeros((3, 40, 40), np.uint8), ValueError, r"Channels come last: values.transpose\(1, 2, 0\)"),
        (np.zeros((40, 40, 2), np.uint8), ValueError, r"shape \(40, 40, 2\)"),
        (np.zeros(40, np.uint8), ValueError, r"shape \(40,\)"),
        (np.zeros((0, 40), np.uint8), ValueError, r"shape \(0, 40\)"),
        (np.zeros((40, 40), np.int64), TypeError, r"holds int64; .*uint8, uint16.*astype"),
        (np.zeros((40, 40), np.uint32), TypeError, "holds uint32"),
        (np.full((40, 40), 200.0), ValueError, r"float64 from 200 to 200; .*0\.\.1.*Divide it by its white"),
        (np.full((40, 40), np.nan), ValueError, "from nan to nan"),
        (np.array([["a"]]), TypeError, "holds <U1"),
        (None, TypeError, r"cannot be a builtins\.NoneType.*path.*NumPy array"),
        ([[1, 2]], TypeError, r"cannot be a builtins\.list"),
        (7, TypeError, r"builtins\.int"),
    ],
)
def test_what_is_no_photo_says_what_is_taken(detector, photo, error, says):
    with pytest.raises(error, match=says):
        detector.predict(photo)


# --- 12 bits ---------------------------------------------------------------------------------
def twelve_bits(folder: Path) -> None:
    """The same photos as a camera of 12 bits writes them: grey values of 0 to 4095 in 16 bits."""
    for path in folder.rglob("*.png"):
        if "_mask" not in path.name:
            grey = np.asarray(Image.open(path).convert("L"), dtype=np.uint16)
            Image.fromarray((grey << 4) + 7).save(path)


@pytest.fixture(scope="module")
def cameras(tmp_path_factory) -> Path:
    folder = category(tmp_path_factory.mktemp("data") / "cameras", good=3, dark=3)
    twelve_bits(folder)
    return folder


@pytest.fixture(scope="module")
def run(cameras, tmp_path_factory) -> detection.TrainResult:
    return detection.train(datasets.scan(cameras), tmp_path_factory.mktemp("runs") / "cameras" / "run", TINY)


def test_12_bits_are_learned_from_and_judged_by_their_own_range(cameras, run):
    assert run.evaluation.image_auroc == 1
    assert run.config["levels"] == {"uint16": [0, 4095]}
    loaded = detection.load(run.run_dir, device="cpu")
    assert loaded.levels.bits() == 12
    dark = loaded.predict(cameras / "test/dark/00.png")
    assert (dark.verdict, dark.note) == ("ANOMALY", "")
    frame = np.asarray(Image.open(cameras / "test/dark/00.png"))
    assert loaded.predict(frame).score == dark.score == loaded.predict(Image.fromarray(frame)).score
    assert loaded.predict(frame * 4).note.startswith("values outside the 12 bits")


def test_a_run_from_before_judges_by_all_16_bits(run, cameras):
    loaded = detection.load(run.run_dir, device="cpu")
    method = replace(loaded.model.method, geometry=Geometry(levels=OLD))
    loaded._model = replace(loaded.model, method=method)
    assert "uses 12 of 16 bits" in loaded.predict(cameras / "test/good/00.png").note
    assert loaded.prepare(cameras / "test/good/00.png").pixels.max() < 16


def test_explore_says_how_many_bits_are_used(cameras, plates):
    description = explore.describe(datasets.scan(cameras))
    finding = next(one for one in description.findings if one.code == "bit_depth")
    assert (finding.severity, finding.cases) == ("note", ())
    assert "use 12 of 16 bits" in finding.text
    assert description.photos[0].brightness > 100
    codes = [one.code for one in explore.describe(datasets.scan(plates)).findings]
    assert "bit_depth" not in codes


def test_predict_tells_what_was_cut_off_and_draws_photos_that_can_be_seen(run, cameras, tmp_path, capsys):
    bright = tmp_path / "bright.png"
    values = np.asarray(Image.open(cameras / "test/good/00.png"))
    Image.fromarray(values * 8).save(bright)
    out = tmp_path / "out"
    dark = cameras / "test/good/00.png"
    assert main(["predict", str(run.run_dir), str(bright), str(dark), "--out", str(out)]) == 0
    assert "note: " in (said := capsys.readouterr().err)
    assert said.count("values outside the 12 bits") == 1
    drawn = [
        np.asarray(Image.open(path).convert("L"))[80:110, 14:44].mean() for path in sorted(out.glob("*.jpg"))
    ]
    assert min(drawn) > 80
