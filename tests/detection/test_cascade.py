"""A quick draft in front of the model: measured, stored, refused, and deciding only what it may."""

import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

import detection
from detection import datasets
from detection.cascade import NoUse, copies, limit, make
from detection.cascade.limit import DEFECTIVE, PROMISE, choose
from detection.cli import main
from detection.files import artifact
from detection.judging.cascade import ok_below
from detection.methods.setting import Sizes
from detection.normality.bank import PatchBank
from detection.options import for_method
from detection.runtimes import runtime
from tests.detection.conftest import without_plots
from tests.detection.parts import category


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    return category(tmp_path_factory.mktemp("data") / "parts", train=12, good=6, red=4)


@pytest.fixture(scope="module")
def small():
    """Few copies, and a draft that always counts as worth its time, which at 64 px says nothing."""
    with pytest.MonkeyPatch.context() as patch:
        without_plots(patch)
        patch.setattr(copies, "GOOD", 24)
        patch.setattr(copies, "DAMAGED", 48)
        patch.setattr(limit, "LEAST_DAMAGED", 5)
        patch.setattr(make, "WORTH", math.inf)
        yield patch


@pytest.fixture(scope="module")
def made(parts, small, tmp_path_factory, resnet):
    """A cascade of a method with a network, which another runtime can compute."""
    folder = tmp_path_factory.mktemp("runs") / "parts" / "first"
    limits = {"threshold": "percentile", "percentile": 50.0, "review": 0.0}
    plain = {"crop": "off", "augment": "off"}
    options = for_method("patchcore-padim", size=64, weights=str(resnet), **plain, **limits)
    sizes = Sizes(fine=60, coarse=30, sample=600, spared=20)
    detection.train(replace(datasets.scan(parts), test=()), folder, options, sizes=sizes)
    return detection.make_cascade(folder, datasets.scan(parts), runtime="torch")


@pytest.fixture
def run(made, tmp_path):
    """A copy of the run, to be changed."""
    return shutil.copytree(made.run_dir, tmp_path / "runs/parts/first")


@pytest.fixture
def photos(parts):
    return [image.path for image in datasets.scan(parts).test]


def limited(run, below: float) -> detection.Cascade:
    """The run's cascade, whose draft decides below this limit."""
    cascade = detection.load_cascade(run, runtime="torch")
    cascade.draft = replace(cascade.draft, limit=below)
    return cascade


def same(one: detection.Prediction, other: detection.Prediction) -> bool:
    return one.score == pytest.approx(other.score, rel=1e-4) and bool(
        np.allclose(one.anomaly_map, other.anomaly_map, rtol=1e-3, atol=1e-6)
    )


def test_a_cascade_is_made_and_says_what_its_promise_rests_on(made, parts):
    assert made.limit.value <= min(made.limit.by_good, made.limit.by_damaged, 0.0)
    assert (made.photos, made.half) == (12, False)
    assert "copies of 12 good photos" in str(made)
    cascade = detection.load_cascade(made.run_dir, runtime="torch")
    assert cascade.draft.limit == made.limit.value


def test_the_same_seed_gives_the_same_limit_and_leaves_the_run_as_it_was(made, parts, run):
    again = detection.make_cascade(run, datasets.scan(parts), runtime="torch")
    assert again.limit == made.limit
    detection.load(run, runtime="torch")


def test_what_the_draft_does_not_decide_is_the_models(run, photos):
    cascade = limited(run, -50.0)
    for mine, own in zip(cascade.predict(photos), cascade.detector.predict(photos), strict=True):
        assert mine.decided_by == own.decided_by == "model"
        assert same(mine, own)
        assert (mine.p_value, mine.verdict) == (own.p_value, own.verdict)


def test_what_it_decides_is_marked_and_is_no_score_of_the_model(run, photos):
    cascade = limited(run, 0.0)
    prepared = [cascade.prepare(path) for path in photos]
    judged = cascade.predict(prepared)
    decided = [one for one in judged if one.decided_by == "draft"]
    assert decided
    for one in decided:
        assert one.anomaly_map.shape == (64, 64)
        assert one.score < ok_below(cascade.detector.threshold)
        assert one.verdict == "OK"
        assert one.p_value is one.p_interval is one.reconstruction is None
    examined = detection.examine(cascade.detector, prepared, judged)
    assert all(one.stability is None for one in examined if one.decided_by == "draft")


def test_a_photo_is_decided_alike_alone_and_among_others(run, photos):
    every = limited(run, 50.0)
    scores = [one.score for one in every.predict(photos)]
    cascade = limited(run, math.log(float(np.median(scores)) / every.draft.unit))
    together = cascade.predict(photos)
    assert {one.decided_by for one in together} == {"draft", "model"}
    for path, one in zip(photos, together, strict=True):
        alone = cascade.predict(path)
        assert alone.decided_by == one.decided_by
        assert same(alone, one)
    assert cascade.predict([]) == []


def test_photos_that_are_drawn_are_judged_by_both(run, photos):
    cascade = detection.load_cascade(run, runtime="torch", compared=1.0)
    cascade.draft = replace(cascade.draft, limit=50.0)
    both, own = cascade.predict(photos), cascade.detector.predict(photos)
    assert {one.draft_agrees for one in both} == {True, False}
    for one, other in zip(both, own, strict=True):
        assert one.decided_by == "model" and same(one, other) and one.p_value == other.p_value
        assert one.draft_agrees == (one.verdict == "OK")
    cascade.draft = replace(cascade.draft, limit=-50.0)
    assert all(one.draft_agrees is None for one in cascade.predict(photos)), "the draft said nothing"
    with pytest.raises(detection.BadOptions, match="between 0 and 1"):
        detection.load_cascade(run, runtime="torch", compared=2.0)


def test_a_part_is_drawn_and_always_the_same(run, photos):
    cascade = detection.load_cascade(run, runtime="torch", compared=0.5)
    cascade.draft = replace(cascade.draft, limit=50.0)
    drawn = [one.draft_agrees is not None for one in cascade.predict(photos)]
    assert 0 < sum(drawn) < len(photos)
    assert [cascade.predict(path).draft_agrees is not None for path in photos] == drawn


def test_photos_of_any_shape_are_drafted_and_those_unlike_the_part_are_not(run, photos):
    cascade = limited(run, 50.0)
    prepared = cascade.prepare(photos[0])
    wider = replace(prepared, pixels=torch.cat([prepared.pixels] * 2, dim=2))
    assert cascade.predict(wider).anomaly_map.shape == (64, 128)
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    assert cascade.predict(noise).decided_by == "model"


def test_a_rough_distance_is_never_nearer_and_exact_ones_can_be_had_at_some_places():
    generator = torch.Generator().manual_seed(0)
    bank = PatchBank(torch.randn(1024, 16, generator=generator), torch.ones(1024))
    features = torch.randn(2, 16, 12, 10, generator=generator)
    exact, rough = bank.distances(features), bank.roughly(features)
    assert bool((rough >= exact - 1e-5).all())
    assert bool((rough > exact + 1e-3).any())
    places = torch.tensor([[0, 57, 119], [3, 3, 11]])
    assert torch.allclose(bank.at(features, places), exact.flatten(1).gather(1, places), atol=1e-5)


@pytest.mark.skipif(not runtime.halves("openvino"), reason="needs OpenVINO, and bfloat16 of the processor")
def test_a_network_in_bfloat16_is_the_drafts_alone(run, parts, photos):
    made = detection.make_cascade(run, datasets.scan(parts), runtime="openvino")
    assert made.half
    cascade = detection.load_cascade(run, runtime="openvino")
    own = detection.load(run, runtime="openvino").predict(photos)
    cascade.draft = replace(cascade.draft, limit=-50.0)
    assert all(same(*both) for both in zip(cascade.predict(photos), own, strict=True))
    cascade.draft = replace(cascade.draft, limit=50.0)
    full = limited(run, 50.0)
    for mine, other in zip(cascade.predict(photos), full.predict(photos), strict=True):
        assert mine.decided_by == other.decided_by
        assert mine.score == pytest.approx(other.score, rel=0.5)
    assert full.draft.model is full.detector.model, "PyTorch computes in full, which is nearer to the model"


def _missing(run):
    (run / artifact.CASCADE).unlink()


def _of_another_run(run):
    """As if the folder's run had been replaced, by another method or another training."""
    manifest = run / artifact.MANIFEST
    manifest.write_text(manifest.read_text() + "\n")


def _broken(run):
    (run / artifact.CASCADE).write_text("{")


def _no_object(run):
    (run / artifact.CASCADE).write_text("[]")


def _without_a_limit(run):
    about = artifact.read_json(run, artifact.CASCADE)
    artifact.write_json(run, artifact.CASCADE, about | {"limit": 0.5})


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (_missing, "has no cascade"),
        (_of_another_run, "from another run"),
        (_broken, "cannot be read"),
        (_no_object, "cannot be read"),
        (_without_a_limit, "not written by this version"),
    ],
)
def test_a_cascade_that_is_not_whole_or_not_of_this_run_is_refused(run, photos, harm, says):
    harm(run)
    with pytest.raises(detection.BadArtifact, match=f"{says}.*detection cascade"):
        detection.load_cascade(run, runtime="torch")
    assert detection.load(run, runtime="torch").predict(photos[0]).decided_by == "model"


def _interrupt(done: int, total: int) -> None:
    raise KeyboardInterrupt


def test_what_is_no_use_is_refused_and_a_former_cascade_stays(run, parts, small):
    before = (run / artifact.CASCADE).read_bytes()
    data = datasets.scan(parts)
    with pytest.raises(detection.BadDataset, match="5 of them are here"):
        detection.make_cascade(run, replace(data, train=data.train[:5]), runtime="torch")
    for module, name, value, says in (
        (make, "WORTH", 0.0, "save next to nothing"),
        (limit, "LEAST_DAMAGED", 1000, "calls nearly all copies"),
    ):
        with small.context() as patch:
            patch.setattr(module, name, value)
            with pytest.raises(NoUse, match=says):
                detection.make_cascade(run, data, runtime="torch")
    with small.context() as patch:
        patch.setattr(make, "_passed", lambda *known: 0.0)
        patch.setattr(make, "_pace", lambda judge, photos: 1.0)
        patch.setattr(make, "WORTH", 1.06)
        with pytest.raises(NoUse, match="need no more than the draft"):
            detection.make_cascade(run, data, runtime="torch")
        patch.setattr(make, "WORTH", 1.04)
        with pytest.raises(NoUse, match="next to nothing"):  # before any copy is judged
            detection.make_cascade(run, data, runtime="torch", on_step=_interrupt)
    with pytest.raises(KeyboardInterrupt):
        detection.make_cascade(run, data, runtime="torch", on_step=_interrupt)
    assert (run / artifact.CASCADE).read_bytes() == before


def test_the_shell_predicts_by_both_and_says_who_decided(run, parts, capsys, small):
    about = artifact.read_json(run, artifact.CASCADE)
    artifact.write_json(run, artifact.CASCADE, about | {"limit": -1e-6})
    out = ["--out", str(run.parent / "pictures"), "--runtime", "torch"]
    every = str(parts / "test")
    assert main(["predict", str(run), every, "--fast", "--json", *out]) == 0
    rows = json.loads(capsys.readouterr().out)["predictions"]
    assert {row["decided_by"] for row in rows} == {"draft", "model"}
    assert main(["predict", str(run), every, "--fast", *out]) == 0
    said = capsys.readouterr()
    assert said.out.count("~") == sum(row["decided_by"] == "draft" for row in rows)
    assert "The draft decided" in said.err
    table = (run.parent / "pictures/predict_summary.csv").read_text()
    assert "parts,,".replace("parts", rows[0]["visualization_path"].split("/")[-1].split("-")[0]) in table
    assert main(["predict", str(run), every, *out]) == 0
    assert "~" not in capsys.readouterr().out
    (run / artifact.CASCADE).unlink()
    assert main(["predict", str(run), every, "--fast", *out]) == 1
    assert "has no cascade" in capsys.readouterr().err
    assert main(["cascade", str(run), str(parts), "--json", "--runtime", "torch"]) == 0
    assert json.loads(capsys.readouterr().out)["photos"] == 12


def test_the_limit_keeps_its_promise_for_good_parts_and_for_damage():
    """The draft's error is normally distributed: few photos beyond the limit pass."""
    random = np.random.default_rng(0)
    wrong = missed = 0.0
    for _ in range(40):
        model, damaged = random.normal(-0.6, 0.3, 240), random.normal(0.5, 0.6, 600)
        drafts = model + random.normal(0, 0.05, 240), damaged + random.normal(0, 0.3, 600)
        chosen = choose(drafts[0], model, drafts[1], damaged)
        assert chosen is not None
        further = random.normal(-0.6, 0.3, 20_000)
        passed = further + random.normal(0, 0.05, 20_000) < chosen.value
        assert passed.mean() > 0.3
        wrong += (passed & (further >= 0)).mean() / 40
        bad = random.normal(0.5, 0.6, 20_000)
        bad = bad[bad >= 0]
        missed += (bad + random.normal(0, 0.3, len(bad)) < chosen.value).mean() / 40
    assert wrong <= PROMISE / 2
    assert missed <= PROMISE / 2 / DEFECTIVE * 1.2


def test_the_limit_is_an_estimate_with_few_copies_and_exact_with_many():
    random = np.random.default_rng(0)
    model, bad = random.normal(-0.6, 0.3, 20_000), np.full(100, 0.1)
    draft = model + random.normal(0, 0.05, 20_000)
    few, many = (choose(draft[:n], model[:n], bad, bad) for n in (24, 20_000))
    assert few is not None
    assert many is not None
    assert (few.basis, many.basis) == ("tail", "conformal")
    assert many.by_good == pytest.approx(-3.29 * 0.05, abs=0.02)
    assert few.by_good < many.by_good
    assert many.missed == PROMISE / 2 / DEFECTIVE
    assert many.promise == pytest.approx(PROMISE, rel=0.03)
    fewer = choose(draft, model, bad[:60], bad[:60])
    assert fewer is not None
    assert fewer.promise > PROMISE
    assert choose(draft, model, bad[:4], bad[:4]) is None
