"""Choosing a method without a label: by damage made for the purpose, and saying why."""

import numpy as np
import pytest
import torch

import detection
from detection import BadOptions, auto, datasets
from detection.methods import lessons, registry
from detection.methods.fusion import Fusion
from detection.methods.patches import FilterbankMethod
from detection.options import for_method, of_chosen
from detection.progress import Watch
from tests.detection.parts import category

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def spots(tmp_path_factory):
    return category(tmp_path_factory.mktemp("auto") / "plates", train=12, good=4, red=4)


@pytest.fixture(autouse=True)
def no_weights_and_little_work(monkeypatch, tmp_path):
    """Offline, without a file: only what needs no weights can be tried."""

    def offline(*args, **kwargs):
        raise OSError("offline")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", offline)
    monkeypatch.setattr(auto, "DAMAGED", 16)
    monkeypatch.setattr(auto, "CANDIDATES", ("patchcore-padim", "filterbank"))


def test_what_cannot_run_here_is_left_out_with_the_reason(spots):
    ranking = auto.choose(datasets.scan(spots), for_method("auto", size=64), CPU, Watch())
    assert ranking.chosen == "filterbank"
    best, left_out = ranking.candidates
    assert (best.method, left_out.method) == ("filterbank", "patchcore-padim")
    assert "could not be downloaded" in left_out.left_out
    assert best.interval[0] <= best.score <= best.interval[1]
    assert not ranking.used_labels


def test_a_run_of_auto_is_a_run_of_what_it_chose(spots, tmp_path, no_plots):
    told = []
    result = detection.train(
        datasets.scan(spots), tmp_path / "run", for_method("auto", size=64), on_progress=told.append
    )
    assert (result.config["method"], result.config["ranking"]["chosen"]) == ("filterbank", "filterbank")
    assert result.evaluation.image_auroc == 1
    assert told[0].phase == "comparing"
    assert [p.fraction for p in told] == sorted(p.fraction for p in told)
    assert detection.load(tmp_path / "run", device="cpu").method == "filterbank"


def test_the_labels_have_no_say(spots):
    with_labels = datasets.scan(spots)
    without = detection.Dataset(with_labels.category, with_labels.train)
    scores = [
        [c.score for c in auto.choose(dataset, for_method("auto", size=64), CPU, Watch()).candidates]
        for dataset in (with_labels, without)
    ]
    assert scores[0] == scores[1]


def test_with_a_handful_of_photos_it_says_that_it_compared_nothing(tmp_path):
    few = category(tmp_path / "few", train=3)
    ranking = auto.choose(datasets.scan(few), for_method("auto", size=64), CPU, Watch())
    assert ranking.chosen == "filterbank"
    assert "nothing to compare" in ranking.why


def test_what_takes_longer_has_to_be_better_beyond_chance():
    draw = np.random.default_rng(0)
    quick = auto.Trial("filterbank", False, draw.normal(0, 1, 40), draw.normal(1, 1, 80))
    taught = auto.Trial("unet-features", True, quick.whole, quick.damaged.copy())
    assert auto._decide(taught, quick)[0] is quick
    taught.damaged = quick.damaged + 1
    best, why = auto._decide(taught, quick)
    assert best is taught
    assert "unet-features" in why


def test_a_taught_method_is_compared_and_taught_as_itself(spots, monkeypatch):
    monkeypatch.setattr(auto, "CANDIDATES", ("filterbank", "unet-features"))
    monkeypatch.setattr("detection.methods.unet_features.Effort", lambda **_: lessons.Effort(12, 12))
    ranking = auto.choose(datasets.scan(spots), for_method("auto", size=64), CPU, Watch())
    assert {c.method for c in ranking.candidates} == {"filterbank", "unet-features"}
    taught = of_chosen(for_method("auto", size=64, seed=7), "unet-features")
    assert (taught.size, taught.seed) == (64, 7)
    assert (taught.epochs, taught.learning_rate) == (6, 2e-3)
    assert of_chosen(for_method("auto", minutes=3.0), "unet-features").minutes == 3
    assert of_chosen(for_method("auto", minutes=0.0), "unet-features").minutes == 0


def test_it_hears_of_a_cancellation(spots):
    with pytest.raises(detection.Cancelled):
        auto.choose(datasets.scan(spots), for_method("auto", size=64), CPU, Watch(should_stop=lambda: True))


def test_a_fusion_learns_judges_and_loads_like_any_method(spots, tmp_path, no_plots, monkeypatch):
    class Coarser(FilterbankMethod):
        name = "coarser"

    monkeypatch.setitem(registry.METHODS, "coarser", Coarser)
    options = detection.TrainOptions(method="filterbank+coarser", size=64)
    result = detection.train(datasets.scan(spots), tmp_path / "run", options)
    assert result.config["method"] == "filterbank+coarser"
    assert result.evaluation.image_auroc == 1
    again = detection.evaluate(tmp_path / "run", datasets.scan(spots))
    assert again.confusion == result.evaluation.confusion


def test_methods_that_see_photos_differently_cannot_be_fused():
    with pytest.raises(BadOptions, match="alike"):
        registry.create(detection.TrainOptions(method="filterbank+unet", size=64), CPU)
    assert isinstance(
        registry.create(detection.TrainOptions(method="filterbank+filterbank", size=64), CPU), Fusion
    )


def test_options_of_a_method_are_its_own_unless_given():
    assert (for_method("filterbank").size, for_method("filterbank", size=128).size) == (320, 128)
    assert for_method("unet").size == 256
    with pytest.raises(BadOptions, match="choose auto or"):
        for_method("magic")
