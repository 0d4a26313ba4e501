"""Which part a photo shows: what whole photos of good parts look like, and what looks different."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

import detection
from detection import datasets
from detection.cli import main
from detection.cli.predict import ANOMALY_FOUND
from detection.photos import view
from detection.photos.images import PLAIN
from detection.photos.view import View
from detection.recognition import Fit, Part, find, mismatch, ranked, signature
from detection.recognition.learn import LEAST, learn, of_views
from tests.detection.conftest import without_plots
from tests.detection.parts import TINY

COUNT = 24
FILES = {"ring": "ring/train/good", "bar": "bar/train/good"}


def drawn(kind, seed, spot=False, light=1.0):
    """A ring or a bar, not always at the same place, on grainy grey."""
    chance = np.random.default_rng(seed)
    photo = Image.fromarray(chance.integers(96, 112, (80, 120, 3), dtype=np.uint8))
    pen, (x, y) = ImageDraw.Draw(photo), chance.integers(-3, 4, 2)
    if kind == "ring":
        pen.ellipse((35 + x, 15 + y, 85 + x, 65 + y), outline=(200, 180, 60), width=9)
    elif kind == "bar":
        pen.rectangle((15 + x, 30 + y, 105 + x, 48 + y), fill=(60, 90, 190))
    if spot:
        pen.ellipse((50 + x, 33 + y, 58 + x, 41 + y), fill=(20, 10, 10))
    return Image.eval(photo.filter(ImageFilter.GaussianBlur(0.7)), lambda value: int(value * light))


def seen(photo):
    return signature(view.of_photo(photo))


@pytest.fixture(scope="module")
def parts():
    return {kind: of_views([view.of_photo(drawn(kind, n)) for n in range(COUNT)]) for kind in ("ring", "bar")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("recognition")
    for kind, files in FILES.items():
        (place / files).mkdir(parents=True)
        for n in range(COUNT):
            drawn(kind, n).save(place / files / f"{n:02}.png")
    return place


@pytest.fixture(scope="module")
def runs(folder, tmp_path_factory):
    """Runs of both parts. Only whole photos matter here, so the networks learn next to nothing."""
    place, options = tmp_path_factory.mktemp("runs"), replace(TINY, epochs=1, batch_size=8)
    with pytest.MonkeyPatch.context() as patch:
        without_plots(patch)
        return [
            detection.train(datasets.scan(folder / kind), place / kind / "run", options).run_dir
            for kind in FILES
        ]


@pytest.mark.parametrize("kind", ["ring", "bar"])
def test_good_parts_fit_in_other_light_and_with_a_defect_too(parts, kind):
    for photo in (drawn(kind, 99), drawn(kind, 98, light=0.9), drawn(kind, 97, light=1.1)):
        best = ranked(seen(photo), parts)[0]
        assert best.category == kind and best.fits
    best, *others = ranked(seen(drawn(kind, 96, spot=True)), parts)
    assert best.category == kind and not mismatch(best, others)


@pytest.mark.parametrize(
    "photo",
    [
        Image.new("RGB", (120, 80)),
        Image.new("RGB", (120, 80), "white"),
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 120, 3), dtype=np.uint8)),
        drawn("bar", 50),
    ],
    ids=["black", "white", "noise", "another part"],
)
def test_what_shows_no_ring_is_no_ring(parts, photo):
    own = next(one for one in ranked(seen(photo), parts) if one.category == "ring")
    assert mismatch(own)
    assert find(ranked(seen(photo), {"ring": parts["ring"]})) == []


def test_an_odd_photo_has_no_say(parts):
    views = [view.of_photo(drawn("ring", n)) for n in range(COUNT)]
    with_odd = of_views([*views, view.of_photo(drawn("bar", 1))])
    assert with_odd.away(seen(drawn("bar", 2))) > 1
    assert with_odd.limit < 2 * parts["ring"].limit


def test_photos_that_are_all_the_same_are_no_fault():
    views = [view.of_photo(drawn("ring", 1))] * LEAST
    part = of_views(views)
    assert np.isfinite(part.limit) and part.away(seen(drawn("ring", 1))) < 1


def test_another_category_claims_what_clearly_is_its_own():
    own = Fit("ring", 1.5, 3.0)
    assert not mismatch(own)
    assert mismatch(own, [Fit("bar", 0.5, 3.0)])
    assert not mismatch(own, [Fit("bar", 0.9, 3.0)])
    assert not mismatch(Fit("ring", 0.9, 3.0), [Fit("bar", 0.1, 3.0)])


def test_a_person_chooses_between_two_that_fit_alike():
    fits = [Fit("a", 0.5, 2.0), Fit("b", 0.55, 2.0), Fit("c", 0.9, 2.0)]
    assert [one.category for one in find(fits)] == ["a", "b"]
    assert find([Fit("a", 2.5, 2.0)]) == []


def test_a_signature_depends_on_the_photo_alone():
    photo = view.of_photo(drawn("ring", 3))
    assert np.array_equal(signature(photo), signature(View(photo.pixels.copy(), photo.aspect)))


def test_few_photos_say_too_little_and_unreadable_ones_are_left_out(folder, tmp_path):
    files = sorted((folder / FILES["ring"]).iterdir())
    assert learn(files[: LEAST - 1], PLAIN, lambda: None) is None
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no photo")
    assert learn([*files[: LEAST - 1], broken], PLAIN, lambda: None) is None
    part = learn([*files, broken], PLAIN, lambda: None)
    assert part and np.array_equal(Part.unpack(part.pack()).precision, part.precision)


def test_a_run_knows_its_part(runs):
    detector = detection.load(runs[0], runtime="torch")
    ring, bar = detector.predict([drawn("ring", 70), drawn("bar", 70)])
    assert ring.outcome == ring.verdict and not ring.other_part
    assert bar.outcome == "NOT_THIS_PART"


def test_an_evaluation_says_which_photos_would_be_of_another_part(runs, tmp_path):
    (tmp_path / "rings/test/good").mkdir(parents=True)
    for name in ("ring", "bar"):
        drawn(name, 80).save(tmp_path / f"rings/test/good/{name}.png")
    evaluation = detection.evaluate(runs[0], datasets.scan(tmp_path / "rings", learn=False))
    said = "1 of 2 test photos would be NOT_THIS_PART at work, 1 of them good"
    assert any(said in warning for warning in evaluation.warnings)


def test_a_run_of_before_says_nothing(runs, tmp_path):
    detector = detection.load(runs[0], runtime="torch")
    detector.part = None
    prediction = detector.predict(drawn("bar", 70))
    assert prediction.away is None and prediction.outcome == prediction.verdict


def test_predict_never_passes_another_part(runs, tmp_path, capsys):
    photo = tmp_path / "bar.png"
    drawn("bar", 71).save(photo)
    given = ["predict", str(runs[0]), str(photo), "--out", str(tmp_path / "out"), "--fail-on-anomaly"]
    assert main([*given, "--json", "--runtime", "torch"]) == ANOMALY_FOUND
    (row,) = json.loads(capsys.readouterr().out)["predictions"]
    assert row["prediction"] == "NOT_THIS_PART" and row["away"] > 2
    assert "NOT_THIS_PART" in (tmp_path / "out/predict_summary.csv").read_text()


def test_which_names_the_part_of_each_photo(runs, tmp_path, capsys):
    for name in FILES:
        drawn(name, 72).save(tmp_path / f"{name}.png")
    Image.new("RGB", (120, 80)).save(tmp_path / "none.png")
    (tmp_path / "x.png").write_bytes(b"no photo")
    given = ["which", str(tmp_path), "--runs", *map(str, runs)]
    assert main([*given, "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    named = {row["image"].rpartition("/")[2]: row["categories"] for row in answer["photos"]}
    assert named == {"ring.png": ["ring"], "bar.png": ["bar"], "none.png": []}
    assert [one["image"].rpartition("/")[2] for one in answer["errors"]] == ["x.png"]


def test_which_needs_runs_that_know_their_part(result, runs, tmp_path, capsys):
    photo = tmp_path / "a.png"
    drawn("ring", 1).save(photo)
    assert main(["which", str(photo), "--runs", str(result.run_dir)]) == 1
    assert "Retrain the categories" in capsys.readouterr().err
    assert main(["which", str(photo), "--runs", str(result.run_dir), str(runs[0])]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("ring ") and "retrain the category" in shown.err
