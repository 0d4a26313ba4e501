"""Example photos of a run: the right ones, bounded, under safe names, with what was made of them."""

import json

import numpy as np
import pytest
from PIL import Image

import detection
from detection.judging.calibration import HashedPhoto, Scored
from detection.runs import examples
from tests.detection.parts import TINY, part

ODD = ["../red spot?", "red-spot", "Ü"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on parts whose kinds of defect have names that no file could have."""
    folder = tmp_path_factory.mktemp("parts")
    train = tuple(part(folder / f"train/{n}.png", n) for n in range(6))
    test = [detection.LabelledImage(part(folder / f"good/{n}.png", 100 + n), "good") for n in range(5)]
    for kind, label in enumerate(ODD):
        for n in range(kind + 1):
            path = part(folder / f"bad/{kind}{n}.png", 200 + 10 * kind + n, (250 - 60 * n, 20, 20))
            test.append(detection.LabelledImage(path, label))
    run_dir = tmp_path_factory.mktemp("runs") / "run"
    detection.train(detection.Dataset("part", train, tuple(test)), run_dir, TINY)
    return run_dir


@pytest.fixture(scope="module")
def index(run):
    return json.loads((run / "plots" / "examples.json").read_text())


def scored(*scores, label="good"):
    return [
        Scored(HashedPhoto(f"{n}.png", label, f"{label}{n}"), score, 0.5) for n, score in enumerate(scores)
    ]


def test_every_kind_has_its_pictures_and_its_own_name(run, index):
    labels = [row["label"] for row in index]
    assert {label: labels.count(label) for label in labels} == {"good": 3, ODD[0]: 1, ODD[1]: 2, ODD[2]: 3}
    assert labels[:3] == ["good"] * 3
    names = [row["file"] for row in index]
    assert names[:3] == ["example-good-1.jpg", "example-good-2.jpg", "example-good-3.jpg"]
    assert {"example-red-spot-1.jpg", "example-red-spot-2-1.jpg", "example-kind-1.jpg"} <= set(names)
    assert {path.name for path in (run / "plots").glob("*.jpg")} == set(names)


def test_the_most_obvious_comes_first_and_is_judged_as_in_the_metrics(index):
    for label in ("good", *ODD):
        scores = [row["score"] for row in index if row["label"] == label]
        assert scores == sorted(scores, reverse=True)
    for row in index:
        assert row["verdict"] == ("ANOMALY" if row["score"] >= row["threshold"] else "OK")


def test_a_picture_is_the_photo_with_its_heatmap(run, index):
    bad = next(row for row in index if row["label"] == "Ü")
    with Image.open(run / "plots" / bad["file"]) as picture:
        assert (picture.format, picture.size) == ("JPEG", (40, 40))
        assert np.asarray(picture.convert("RGB")).std() > 10


def test_large_photos_are_made_small(run, tmp_path):
    Image.new("RGB", (1500, 900), "grey").save(tmp_path / "large.png")
    examples.write(tmp_path, detection.load(run), [tmp_path / "large.png"], scored(0.1), lambda: None)
    with Image.open(tmp_path / "example-good-1.jpg") as picture:
        assert picture.size == (320, 192)


def test_they_are_sealed_with_the_run(run):
    manifest = json.loads((run / "manifest.json").read_text())
    assert "plots/examples.json" in manifest["files"]
    assert "plots/example-good-1.jpg" in manifest["files"]
    detection.load(run)


def test_the_highest_the_middle_and_the_lowest():
    assert examples.choose(scored(0.1, 0.9, 0.5, 0.3, 0.7)) == [1, 2, 0]
    assert examples.choose(scored(0.1, 0.9)) == [1, 0]
    assert examples.choose(scored(0.4)) == [0]


def test_a_copy_is_no_second_example():
    twice = [*scored(0.1, 0.9), Scored(HashedPhoto("copy.png", "good", "good1"), 0.9, 0.5)]
    assert examples.choose(twice) == [1, 0]


def test_however_many_kinds_there_are():
    many = [one for kind in range(30) for one in scored(0.1, 0.2, 0.3, 0.4, label=f"kind {kind:02}")]
    chosen = list(examples._chosen([*many, *scored(0.1)]))
    assert len(chosen) == 1 + examples.KINDS
    assert chosen[0] == ("good", [120])
    assert all(len(places) <= examples.PER_KIND for _, places in chosen)


def test_it_can_be_cancelled_between_batches(run, tmp_path):
    detector = detection.load(run)
    photos = [part(tmp_path / f"{n}.png", n) for n in range(2)]

    def stop():
        raise detection.Cancelled("stopped")

    with pytest.raises(detection.Cancelled):
        examples.write(tmp_path, detector, photos, scored(0.1, 0.2), stop)
