"""Choosing a method without a label: all learn at once, one is taken, and it says why."""

from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import detection
from detection import BadOptions, datasets, selection
from detection.learning.progress import Watch
from detection.methods import joint_fit, registry
from detection.methods.fusion import Fusion
from detection.methods.partnered import Partnered
from detection.methods.patches import FilterbankMethod
from detection.methods.setting import Sizes
from detection.methods.unet_features import UNetFeatures
from detection.metrics.separation import auroc
from detection.options import catalogue, for_method, of_chosen
from detection.photos.image_cache import fill
from detection.reasons import Reason
from detection.selection import ranking
from detection.selection.contest import Contest
from tests.detection.parts import category

CPU = torch.device("cpu")
ASKED = for_method("auto", size=64, minutes=0.0, device="cpu", crop="off")
ALL = {
    "patchcore-padim",
    "filterbank",
    "patchcore-padim+filterbank",
    "filterbank+unet-features",
    "patchcore-padim+unet-features",
}


LITTLE = Sizes(copies=12, probes=12, most_folds=2, fine=200, coarse=100, turned=1)


@pytest.fixture(scope="module")
def spots(tmp_path_factory):
    return category(tmp_path_factory.mktemp("auto") / "plates", train=12, good=4, red=4)


@pytest.fixture(scope="module")
def learned_once():
    made = []

    def learn(*args):
        made.extend([] if made else [joint_fit.learn(*args)])
        return made[0]

    return learn


@pytest.fixture
def take(monkeypatch, learned_once):
    """Let it take a method, whatever the evidence; what all learn together is the same in each run."""

    def take(name):
        decided = name, Reason("best", name, own=0.9)
        monkeypatch.setattr("detection.selection.contest.decide", lambda *_: decided)
        monkeypatch.setattr("detection.selection.contest.joint_fit", SimpleNamespace(learn=learned_once))

    return take


def fitted(options, spots, watch=None):
    learner = selection.create(options, CPU, sizes=LITTLE)
    learned = fill(sorted(datasets.scan(spots).train), learner.prepare, lambda count: None)
    chosen = learner.fit(learned, learned.subset([]), watch or Watch())
    return chosen.model, chosen.ranking.as_dict()


def test_what_cannot_run_here_is_left_out_with_the_reason(spots, no_weights):
    _, ranking = fitted(ASKED, spots)
    tried = {c["method"]: c for c in ranking["candidates"]}
    assert tried.keys() == {"filterbank", "filterbank+unet-features", "patchcore-padim"}
    assert "could not be downloaded" in tried["patchcore-padim"]["left_out"]
    best = tried[ranking["chosen"]]
    assert best["interval"][0] <= best["score"] <= best["interval"][1]
    assert not ranking["used_labels"]


def test_all_are_compared_on_the_same_photos(spots, resnet):
    # A clock that goes on by a second whenever somebody looks: real seconds may round to none.
    watch = Watch(clock=count().__next__)
    model, ranking = fitted(replace(ASKED, weights=str(resnet)), spots, watch)
    assert {c["method"] for c in ranking["candidates"]} == ALL
    scores = [c["score"] for c in ranking["candidates"]]
    assert scores == sorted(scores, reverse=True)
    assert ranking["n_probes"] == 12
    assert ranking["n_damaged"] > 0
    assert all(c["ms_per_image"] > 0 and c["seconds"] > 0 for c in ranking["candidates"])
    assert model.name == ranking["chosen"]


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_run_of_auto_is_a_run_of_what_it_took(name, spots, resnet, tmp_path, no_plots, take):
    take(name)
    reports = []
    result = detection.train(
        datasets.scan(spots),
        tmp_path / "run",
        replace(ASKED, weights=str(resnet)),
        on_progress=reports.append,
        sizes=LITTLE,
    )
    assert (result.config["method"], result.config["ranking"]["chosen"]) == (name, name)
    assert result.config["options"]["method"] == name
    assert ("backbone" in str(result.config["learning"])) == ("patchcore" in name)
    assert (result.config["learning"].get("trust") is not None) == ("unet" in name)
    assert result.evaluation.image_auroc == 1
    assert [p.fraction for p in reports] == sorted(p.fraction for p in reports)
    detector = detection.load(tmp_path / "run", device="cpu")
    assert detector.method == name
    again = detection.evaluate(detector, datasets.scan(spots))
    assert again.confusion == result.evaluation.confusion
    assert again.image_auroc == 1


@pytest.mark.parametrize("name", ["patchcore-padim", "filterbank"])
def test_its_good_scores_are_those_of_a_training_of_what_it_took(
    name, spots, resnet, tmp_path, no_plots, take
):
    take(name)
    asked = replace(ASKED, weights=str(resnet))
    detectors = [
        detection.train(
            datasets.scan(spots), tmp_path / method, replace(asked, method=method), sizes=LITTLE
        ).threshold
        for method in ("auto", name)
    ]
    assert detectors[0].good_scores == pytest.approx(detectors[1].good_scores, rel=1e-5)


def test_the_labels_have_no_say(spots, no_weights, tmp_path, no_plots):
    with_labels = datasets.scan(spots)
    without = detection.Dataset(with_labels.category, with_labels.train)
    scores = []
    for number, dataset in enumerate((with_labels, without)):
        config = detection.train(
            dataset, tmp_path / str(number), replace(ASKED, size=32), sizes=LITTLE
        ).config
        scores.append([c["score"] for c in config["ranking"]["candidates"]])
    assert scores[0] == scores[1]


def test_with_a_handful_of_photos_it_says_that_it_compared_nothing(tmp_path, no_weights):
    few = category(tmp_path / "few", train=3)
    model, ranking = fitted(ASKED, few)
    assert (ranking["chosen"], model.name) == ("filterbank", "filterbank")
    assert "too few to compare" in ranking["why"]


@pytest.mark.parametrize("method", ["auto", "patchcore-padim+unet-features"])
def test_a_handful_of_photos_makes_a_run_all_the_same(method, tmp_path, resnet, no_plots):
    few = datasets.scan(category(tmp_path / "few", train=4, good=2, red=2))
    asked = for_method(method, size=64, minutes=0.0, device="cpu", crop="off", weights=str(resnet))
    result = detection.train(few, tmp_path / "run", asked, sizes=LITTLE)
    assert result.evaluation.image_auroc == 1
    assert detection.load(tmp_path / "run", device="cpu").method == result.config["method"]


def test_another_than_the_usual_method_has_to_be_better_beyond_chance():
    draw = np.random.default_rng(0)
    good, damaged = draw.normal(0, 1, 40), draw.normal(1, 1, 80)
    usual, same = (good, damaged), (2 * good, 2 * damaged)
    # One is better on so few photos that it may be chance, the other a little better on the very same ones.
    lucky, better = (draw.normal(0, 1, 40), draw.normal(1.4, 1, 80)), (good, damaged + 0.05)
    assert auroc(lucky) > auroc(better) > auroc(usual)
    chosen, reason = ranking.decide({"usual": usual, "same": same}, "usual")
    assert (chosen, reason.code) == ("usual", "best")
    assert "as well as any" in reason.sentence()
    chosen, reason = ranking.decide({"usual": usual, "lucky": lucky}, "usual")
    assert (chosen, reason.code, reason.other) == ("usual", "unsure", "lucky")
    assert "in only" in reason.sentence()
    chosen, reason = ranking.decide({"usual": usual, "lucky": lucky, "better": better}, "usual")
    assert (chosen, reason.code) == ("better", "better")
    assert reason.reached > reason.own
    assert "BETTER separates" in reason.sentence(str.upper)


def test_the_method_taken_is_taught_as_itself():
    taught = of_chosen(for_method("auto", size=64, seed=7), "unet-features")
    assert (taught.size, taught.seed) == (64, 7)
    assert (taught.epochs, taught.learning_rate) == (6, 2e-3)
    assert of_chosen(for_method("auto"), "patchcore-padim+unet-features").epochs == 6
    assert of_chosen(for_method("auto", minutes=3.0), "unet-features").minutes == 3
    assert of_chosen(for_method("auto", minutes=0.0), "unet-features").minutes == 0


def test_a_further_candidate_is_a_name(spots, monkeypatch):
    class Coarser(FilterbankMethod):
        name = "coarser"

    monkeypatch.setitem(registry.METHODS, "coarser", Coarser)
    monkeypatch.setitem(catalogue.METHODS, "coarser", catalogue.MethodInfo("coarser", "Coarser", "Coarser."))
    names = ("filterbank", "coarser", "filterbank+coarser", "coarser+unet-features")
    contest = Contest(ASKED, CPU, sizes=LITTLE, candidates=names)
    learned = fill(sorted(datasets.scan(spots).train), contest.prepare, lambda count: None)
    chosen = contest.fit(learned, learned.subset([]), Watch())
    assert {one.method for one in chosen.ranking.candidates} == {*names}
    assert chosen.model.name == chosen.ranking.chosen


def test_it_hears_of_a_cancellation(spots, no_weights):
    with pytest.raises(detection.Cancelled):
        fitted(ASKED, spots, Watch(should_stop=lambda: True))


def test_a_fusion_learns_judges_and_loads_like_any_method(spots, tmp_path, no_plots, monkeypatch):
    class Coarser(FilterbankMethod):
        name = "coarser"

    monkeypatch.setitem(registry.METHODS, "coarser", Coarser)
    options = detection.TrainOptions(method="filterbank+coarser", size=64)
    result = detection.train(datasets.scan(spots), tmp_path / "run", options, sizes=LITTLE)
    assert result.config["method"] == "filterbank+coarser"
    assert result.evaluation.image_auroc == 1
    again = detection.evaluate(tmp_path / "run", datasets.scan(spots))
    assert again.confusion == result.evaluation.confusion


def test_methods_that_see_photos_differently_cannot_be_fused():
    with pytest.raises(BadOptions, match="in the same way"):
        registry.create(detection.TrainOptions(method="filterbank+unet", size=64), CPU)
    assert isinstance(
        registry.create(detection.TrainOptions(method="filterbank+patchcore-padim", size=64), CPU), Fusion
    )


def test_options_of_a_method_are_its_own_unless_given():
    assert (for_method("filterbank").size, for_method("filterbank", size=128).size) == (320, 128)
    assert for_method("unet").size == 256
    with pytest.raises(BadOptions, match="choose auto or"):
        for_method("magic")


def test_two_fused_learn_in_one_pass_and_score_each_photo_by_others(spots, resnet):
    options = for_method("patchcore-padim+unet-features", size=64, width=8, epochs=2, minutes=0.0)
    method = registry.create(replace(options, weights=str(resnet), crop="off"), CPU, sizes=LITTLE)
    assert isinstance(method, Partnered)
    assert isinstance(registry.create(replace(options, method="unet-features"), CPU), UNetFeatures)
    learned = fill(sorted(datasets.scan(spots).train), method.prepare, lambda count: None)
    taught = method.fit(learned, learned.subset([]), Watch())
    seen = torch.cat([taught.model.judge(images).scores for _, images in learned.batches(4, CPU)])
    # A photo that was learned from looks more usual than the same photo when it was not.
    assert np.mean(taught.leave_one_out.scores(learned, Watch())) > seen.mean()
