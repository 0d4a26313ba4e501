"""Explanations: what is most alike among the good photos, and that each method has what it declares."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import detection
from detection import datasets
from detection.cli import main
from detection.explanations import (
    GoodPhoto,
    NotExplained,
    background,
    counterfactual,
    explain,
    nearest,
    shap,
)
from detection.explanations.folder import FolderOfGood
from detection.explanations.truth import curves, marked, shuffled
from detection.files.digest import sha256
from detection.methods.base import Judged
from detection.methods.setting import Sizes
from detection.normality.level import Level
from detection.normality.sampling import PatchSample
from detection.options import for_method
from detection.options.catalogue import METHODS
from detection.options.explanations import KINDS, kinds_of
from detection.photos.transforms import to_unit
from detection.verdicts.scoring import topk_error
from tests.detection.conftest import without_plots
from tests.detection.parts import category

EVERY = (*(name for name in METHODS if name != "auto"), "patchcore-padim+unet-features")


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    return category(tmp_path_factory.mktemp("explained") / "plates", train=8, good=1, red=2)


@pytest.fixture(scope="module")
def detectors(plates, resnet, tmp_path_factory):
    """A detector of each method, trained when it is first asked for."""
    made: dict[str, detection.Detector] = {}
    runs = tmp_path_factory.mktemp("runs")

    def of(method: str, *, folder: bool = False) -> detection.Detector | Path:
        if method not in made:
            quick = {"size": 64, "epochs": 2, "width": 8, "batch_size": 4, "minutes": 0.0, "augment": "off"}
            options = for_method(method, **quick, weights=str(resnet))
            sizes = Sizes(copies=12, probes=12, epoch=16)
            with pytest.MonkeyPatch.context() as patch:
                without_plots(patch)
                detection.train(datasets.scan(plates), runs / method, options, sizes=sizes)
            made[method] = detection.load(runs / method, device="cpu", runtime="torch")
        return runs / method if folder else made[method]

    return of


@pytest.fixture
def few_samples(monkeypatch):
    """As few pictures as SHAP can do with: what it says is coarse."""
    monkeypatch.setattr(shap, "PARTS", 9)
    monkeypatch.setattr(shap, "_MOST", 4)


@pytest.mark.usefixtures("few_samples")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", EVERY)
def test_each_method_has_what_it_declares_and_refuses_the_rest(method, kind, detectors, plates):
    detector, goods = detectors(method), FolderOfGood(datasets.scan(plates))
    photo = plates / "test/red/00.png"
    if KINDS[kind] not in kinds_of(method):
        with pytest.raises(NotExplained, match=KINDS[kind].title):
            explain(detector, photo, kind, goods)
        return
    steps: list[tuple[int, int]] = []
    found = explain(detector, photo, kind, goods, lambda done, total: steps.append((done, total)))
    assert found.kind == kind and found.facts["says"]
    json.dumps(found.facts, allow_nan=False)
    assert steps and all(0 <= done <= total for done, total in steps)
    assert "photo" in found.pictures
    assert found.attribution is not None and np.isfinite(found.attribution).all()
    assert found.attribution.shape == detector.prepare(photo).pixels.shape[1:]


def test_nearest_good_shows_where_the_defect_is_and_which_good_photo_it_was_compared_with(detectors, plates):
    found = explain(
        detectors("filterbank"), plates / "test/red/00.png", "nearest", FolderOfGood(datasets.scan(plates))
    )
    first = found.facts["patches"][0]
    left, top, right, bottom = first["box"]
    assert left < 0.45 < right and top < 0.45 < bottom, "the spot is at 14 to 22 of 40"
    for good in first["goods"]:
        path = plates / "train/good" / good["photo"]
        assert sha256(path) == good["sha256"]
        assert good["distance"] > 0
        assert found.pictures[good["picture"]].size == found.pictures[first["picture"]].size
        assert good["where"] in found.pictures


def test_a_photo_of_a_few_px_is_explained_like_any_other(detectors, plates, tmp_path):
    Image.new("RGB", (1, 1)).save(tmp_path / "tiny.png")
    goods = FolderOfGood(datasets.scan(plates))
    found = explain(detectors("filterbank"), tmp_path / "tiny.png", "nearest", goods)
    assert found.facts["patches"]


def test_a_good_photo_is_nearest_to_itself_and_at_the_same_place(detectors, plates):
    """What a bank says of its origins is true: the patches of a photo that was learned from are in it."""
    for method in ("filterbank", "patchcore"):
        photo = plates / "train/good/03.png"
        found = explain(detectors(method), photo, "nearest", FolderOfGood(datasets.scan(plates)))
        goods = [(patch["box"], good) for patch in found.facts["patches"] for good in patch["goods"]]
        same = [(box, good) for box, good in goods if good["distance"] < 1e-3]
        assert same, "all patches of eight small photos fit into the bank"
        for box, good in same:
            assert good["photo"] == "03.png"
            assert good["box"] == pytest.approx(box, abs=0.2)


def test_photos_that_are_gone_are_said_to_be_and_the_distances_stay(detectors, plates, tmp_path):
    photo = plates / "test/red/01.png"
    without = explain(detectors("filterbank"), photo, "nearest", FolderOfGood(None))
    good = without.facts["patches"][0]["goods"][0]
    assert "--data" in good["gone"] and good["distance"] > 0

    class Broken:
        def find(self, digest: str) -> GoodPhoto:
            (tmp_path / "empty.png").write_bytes(b"")
            return GoodPhoto("00.png", tmp_path / "empty.png")

    broken = explain(detectors("filterbank"), photo, "nearest", Broken())
    assert broken.facts["patches"][0]["goods"][0]["gone"] == "it cannot be read any more"


def test_a_run_from_before_origins_were_kept_still_has_its_distances(detectors, plates):
    detector = detectors("filterbank")
    model = detector.model
    tensors = {name: value for name, value in model.pack().items() if not name.endswith("origins")}
    older = detection.Detector(
        model.method.unpack(tensors),
        category="plates",
        threshold=detector.threshold,
        map_scale=detector.map_scale,
        config=detector.config,
        dataset=detector.dataset,
    )
    found = explain(older, plates / "test/red/00.png", "nearest", FolderOfGood(datasets.scan(plates)))
    assert "Retrain" in found.facts["note"] and found.facts["note"] in found.facts["says"]
    assert all("photo" not in good and good["distance"] > 0 for good in found.facts["patches"][0]["goods"])


def test_the_worst_places_are_apart():
    anomaly_map = torch.zeros(20, 20)
    anomaly_map[5, 5], anomaly_map[5, 6], anomaly_map[15, 3] = 3.0, 2.9, 2.0
    assert [place[:2] for place in nearest.worst(anomaly_map, 3, 4.0)] == [(5.5, 5.5), (3.5, 15.5)]
    assert len(nearest.worst(torch.zeros(8, 8), 3, 4.0)) == 1


# --- SHAP, counterfactual, gradients ---------------------------------------------------------
def test_shares_add_up_and_the_defect_has_the_largest(detectors, plates):
    goods = FolderOfGood(datasets.scan(plates))
    found = explain(detectors("filterbank"), plates / "test/red/00.png", "shap", goods)
    facts = found.facts
    assert facts["adds_up"]
    assert facts["sum"] == pytest.approx(facts["score"] - facts["background_score"], rel=shap.CLOSE)
    assert facts["says"][0].startswith(shap.in_digits(facts["score"] - facts["background_score"]))
    left, top, right, bottom = facts["largest"][0]["box"]
    assert left < 0.55 and right > 0.35 and top < 0.55 and bottom > 0.35, "the spot is at .35 to .55"
    again = explain(detectors("filterbank"), plates / "test/red/00.png", "shap", goods)
    assert again.facts["largest"] == facts["largest"], "the same photo has the same explanation"


def test_shap_without_a_background_says_what_is_missing(detectors, plates):
    with pytest.raises(NotExplained, match="Name the folder"):
        explain(detectors("filterbank"), plates / "test/red/00.png", "shap", FolderOfGood(None))
    # A model that repairs has a background of its own.
    found = explain(detectors("unet"), plates / "test/red/00.png", "shap", FolderOfGood(None))
    assert found.facts["background"] == "the repaired photo"


def test_shap_of_a_photo_cut_as_no_good_one_is(detectors, plates, tmp_path):
    with Image.open(plates / "test/red/00.png") as photo:
        photo.crop((0, 0, photo.width, photo.height * 2 // 3)).save(tmp_path / "cut.png")
    found = explain(
        detectors("filterbank"), tmp_path / "cut.png", "shap", FolderOfGood(datasets.scan(plates))
    )
    assert found.facts["adds_up"] and "good photo" in found.facts["background"]


def test_a_repair_is_only_where_something_is_unusual():
    maps = torch.zeros(1, 64, 64)
    maps[0, 30, 30] = 1.0
    share = counterfactual._redrawn(maps, 1.0)[0]
    assert share[30, 30] == 1 and share[10, 10] == 0 and 0 < share[30, 37] < 1
    assert counterfactual._redrawn(maps, 3.0).max() == 0


def test_what_a_repair_does_to_the_score_is_said():
    assert "is why" in counterfactual._says(2.0, 0.5, 1.0, 0.1)[0]
    assert "the threshold is" in counterfactual._says(3.0, 2.0, 1.0, 0.1)[0]
    assert "not an explanation" in counterfactual._says(2.0, 2.5, 1.0, 0.1)[0]
    assert "nothing" in counterfactual._says(0.1, 0.1, 1.0, 0.0)[0]


@pytest.mark.parametrize("method", ["patchcore", "filterbank", "unet-repair"])
def test_scores_with_gradients_are_the_scores(method, detectors, plates):
    model = detectors(method).model
    images = to_unit(detectors(method).prepare(plates / "test/red/00.png").pixels[None], model.device)
    traced = model.traced()
    assert traced is not None
    assert torch.allclose(traced(images), model.judge(images).scores, rtol=1e-5)


def test_a_score_is_owed_to_its_largest_places_and_not_to_the_median_of_the_map():
    """The photo's level, which is divided out, is a median: the value of one patch, often in a corner."""
    values = torch.ones(1, 20, 20)
    values[0, 0, 0], values[0, 10, 10] = 1.001, 9.0  # all but these are the same
    maps = values.requires_grad_()
    topk_error(Level(share=1.0, start=-1.0, most=5.0).even(maps)).sum().backward()
    assert maps.grad is not None
    assert set(map(tuple, maps.grad.nonzero()[:, 1:].tolist())) >= {(10, 10)}
    assert bool((maps.grad >= 0).all()), "nothing lowers the score"


def test_a_photo_that_was_learned_from_has_finite_gradients(detectors, plates):
    """Its distances are 0, where their gradients are infinite."""
    found = explain(
        detectors("patchcore"), plates / "train/good/00.png", "layers", FolderOfGood(datasets.scan(plates))
    )
    assert found.attribution is not None and np.isfinite(found.attribution).all()


def test_a_sample_knows_where_each_vector_is_from():
    features = torch.arange(2 * 3 * 4).reshape(2, 1, 3, 4).float()
    sample = PatchSample(12, 24, seed=0)
    sample.add(features, torch.tensor([7, 9]), turn=2)
    vectors, origins = sample.vectors(), sample.origins()
    assert 0 < len(vectors) == len(origins) < 24
    for vector, (photo, turn, row, column) in zip(vectors[:, 0], origins.tolist(), strict=True):
        assert turn == 2
        assert features[(photo - 7) // 2, 0, row, column] == vector


def test_the_command_writes_pictures_and_numbers(detectors, plates, tmp_path, capsys, monkeypatch):
    run = detectors("filterbank", folder=True)
    photo = str(plates / "test/red/00.png")
    asked = ["explain", str(run), photo, "--data", str(plates), "--out", str(tmp_path / "why"), "--json"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["kind"] == "nearest" and all((tmp_path / "why").joinpath(f).is_file() for f in told["files"])
    monkeypatch.setattr("detection.explanations.explain", None)
    assert main(asked) == 1, "nothing is overwritten, or computed for nothing"
    assert "already contains" in capsys.readouterr().out


# --- Are they true? --------------------------------------------------------------------------
def test_the_pointing_game_counts_the_middle_of_what_is_largest():
    where = np.zeros((32, 32), np.bool_)
    where[10:20, 10:20] = True
    attribution = np.zeros((32, 32), np.float32)
    attribution[12:17, 12:17] = 1.0
    assert marked.hit(attribution, where) == (True, pytest.approx(100 / 1024))
    assert marked.hit(np.roll(attribution, 15), where)[0] is False


def test_an_order_by_the_cause_deletes_and_inserts_the_score():
    """Curves of a score that is the brightness of one cell, by attributions that know it and that do not."""

    class Bright:
        def judge(self, images):
            return Judged(images[:, 0, :16, :16].mean(dim=(1, 2)), images[:, 0])

    image, ground = torch.ones(3, 64, 64), background.Background(torch.zeros(3, 64, 64), 0.0, "black")
    knows = np.zeros((64, 64), np.float32)
    knows[:16, :16] = 1.0
    best = curves.of(Bright(), image, ground, knows)
    assert best is not None and best.deletion < 0.2 and best.insertion > 0.8, "edges are soft"
    worst = curves.of(Bright(), image, ground, -knows)
    assert worst is not None and worst.deletion > 0.8 and worst.insertion < 0.2
    assert curves.of(Bright(), image * 0, ground, knows) is None
    assert curves.rank(knows, knows) == pytest.approx(1.0) and curves.rank(knows, knows * 0) == 0.0


def test_a_shuffled_model_keeps_its_values_and_judges(detectors, plates):
    for method in ("filterbank", "unet"):
        whole = detectors(method)
        other = shuffled.detector(whole)
        before, after = whole.model.pack(), other.model.pack()
        name = "fine.vectors" if method == "filterbank" else next(iter(before))
        assert torch.equal(before[name].flatten().sort().values, after[name].flatten().sort().values)
        assert not torch.equal(before[name], after[name])
        photo = plates / "test/red/00.png"
        assert other.predict(photo).score != whole.predict(photo).score


@pytest.mark.usefixtures("few_samples")
def test_the_command_checks_every_kind(detectors, tmp_path, capsys):
    plates = category(tmp_path / "plates", train=8, good=1, red=2, masks=2)
    run = detectors("filterbank", folder=True)
    assert main(["explanations", str(run), str(plates), "--json", "--shap-seconds", "0.001"]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = {row["kind"]: row for row in told["rows"]}
    assert {"nearest", "shap", "grad-cam", "layers", "anomaly map", "chance"} == rows.keys()
    assert rows["anomaly map"]["pointing"] == 1.0 and rows["anomaly map"]["n"] == 2
    assert rows["shap"]["shuffled"] is not None and "anomaly map" in rows["shap"]["rho"]
    assert main(["explanations", str(run), str(plates), "--kinds", "nearest"]) == 0
    assert "| nearest |" in capsys.readouterr().out
    (plates / "ground_truth/red/00_mask.png").write_bytes(b"no picture")
    assert main(["explanations", str(run), str(plates), "--kinds", "layers", "--json"]) == 0
    rows = {row["kind"]: row for row in json.loads(capsys.readouterr().out)["rows"]}
    assert rows["anomaly map"]["pointing"] == 1.0, "by the other mask"
    bare = category(tmp_path / "bare", train=8, red=1)
    assert main(["explanations", str(run), str(bare), "--kinds", "layers", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["pointing"] is None, "without masks"
    assert main(["explanations", str(run), str(category(tmp_path / "good", train=8, good=1))]) == 1
    assert "defective" in capsys.readouterr().err
