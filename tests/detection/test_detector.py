"""A loaded model at work."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import detection
from detection import UnreadableImage
from detection.photos.images import decode


@pytest.fixture(scope="module")
def detector(result):
    return detection.load(result.run_dir, device="cpu")


def test_it_knows_what_it_is(detector, result):
    assert (detector.category, detector.method, detector.size) == ("plates", "unet", 32)
    assert detector.threshold == result.threshold
    assert detector.map_scale == result.map_scale
    assert detector.config == result.config


def test_files_paths_and_decoded_photos_give_the_same(detector, plates):
    path = plates / "test/red/00.png"
    scores = {p.score for p in detector.predict([path, str(path), decode(path)])}
    assert len(scores) == 1


def test_a_prediction_has_everything_a_page_shows(detector, plates):
    good, bad = detector.predict([plates / "test/good/00.png", plates / "test/red/00.png"])
    assert (good.verdict, bad.verdict) == ("OK", "ANOMALY")
    assert good.score < good.threshold <= bad.score
    assert (bad.anomaly_map.shape, bad.anomaly_map.dtype) == ((32, 32), np.float32)
    assert (bad.reconstruction.shape, bad.reconstruction.dtype) == ((32, 32, 3), np.uint8)
    y, x = np.unravel_index(bad.anomaly_map.argmax(), bad.anomaly_map.shape)
    assert 10 <= y <= 18
    assert 10 <= x <= 18


def test_a_photo_is_judged_the_same_whatever_it_is_judged_with(detector, plates):
    paths = sorted(plates.glob("test/*/*.png"))
    together = detector.predict(paths)
    for path, prediction in zip(paths, together, strict=True):
        assert detector.predict([path])[0].score == pytest.approx(prediction.score, rel=1e-6)


def test_the_scores_are_those_the_threshold_was_chosen_on(detector, result, plates):
    lines = (result.run_dir / "scores.csv").read_text().splitlines()[1:]
    written = {tuple(line.split(",")[:2]): float(line.split(",")[2]) for line in lines}
    for (name, label), score in written.items():
        judged = detector.predict([plates / "test" / label / name])[0].score
        assert judged == pytest.approx(score, rel=1e-6)


def test_photos_of_other_modes_and_no_photos(detector):
    assert detector.predict([]) == []
    grey, clear = Image.new("L", (9, 50)), Image.new("RGBA", (300, 20))
    assert len(detector.predict([grey, clear])) == 2


def test_a_bad_file_is_named(detector, tmp_path):
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UnreadableImage, match=r"torn\.png"):
        detector.predict([tmp_path / "torn.png"])


def test_a_p_value_counts_the_good_images_kept_from_training(detector, plates):
    good, bad = detector.predict([plates / "train/good/00.png", plates / "test/red/00.png"])
    assert len(detector.threshold.good_scores) == 2
    assert bad.p_value == pytest.approx(1 / 3)
    assert good.p_value in (pytest.approx(1 / 3), pytest.approx(2 / 3), 1.0)


def test_without_good_images_kept_there_is_no_p_value(result, plates):
    alone = detection.load(result.run_dir, device="cpu")
    alone.threshold = replace(alone.threshold, good_scores=())
    assert alone.predict([plates / "test/red/00.png"])[0].p_value is None
