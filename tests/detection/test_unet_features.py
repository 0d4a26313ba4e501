"""A UNet on a filter bank: it marks damage, and has a say only where it finds damage it never learned."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import detection
from detection import BadArtifact, datasets
from detection.learning.progress import Watch
from detection.methods import joint_fit, lessons, marking, registry, trust
from detection.methods.combine import FILTERS
from detection.methods.setting import Sizes
from detection.methods.unet_features import UNetFeatures
from detection.networks.marker import Marker
from detection.options import for_method
from detection.photos.image_cache import fill
from detection.selection import ranking
from tests.detection.parts import category, part

CPU = torch.device("cpu")
QUICK = replace(
    for_method("unet-features"), size=64, width=8, epochs=3, batch_size=4, minutes=0.0, device="cpu"
)


LITTLE = Sizes(copies=24, probes=24)


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    return category(tmp_path_factory.mktemp("features") / "plates", train=10, good=4, red=4)


@pytest.fixture(scope="module")
def learned(plates):
    method = registry.create(QUICK, CPU)
    return fill(sorted((plates / "train/good").iterdir()), method.prepare, lambda count: None)


def same_scores(one, other, learned):
    """Of photos that neither has learned from: those look far from usual, and no tolerance hides them."""
    images = next(learned.batches(4, CPU))[1].flip(2)
    scores = one.judge(images).scores
    assert scores.min() > 1e-3
    assert torch.allclose(scores, other.judge(images).scores, rtol=1e-6, atol=0)


def method(options=QUICK, sizes=LITTLE):
    return UNetFeatures(options, CPU, sizes=sizes)


@pytest.fixture
def fitted(learned):
    return method().fit(learned, learned.subset([]), Watch())


def test_it_finds_spots_it_never_saw_and_loads_as_it_was(plates, tmp_path, no_plots):
    result = detection.train(datasets.scan(plates), tmp_path / "run", QUICK, sizes=LITTLE)
    assert result.evaluation.image_auroc == 1
    assert result.config["learning"]["trust"]["n_good"] == 20, "each as it is, and with a harmless change"
    again = detection.evaluate(tmp_path / "run", datasets.scan(plates))
    assert again.confusion == result.evaluation.confusion


@pytest.mark.parametrize("trusted", [True, False])
def test_what_it_learned_can_be_taken_up_again(fitted, learned, trusted):
    model = replace(fitted.model, trusted=trusted, weight=0.125)
    other = method().unpack(model.pack())
    same_scores(model, other, learned)
    assert other.trusted is trusted


def test_networks_of_another_width_are_refused(fitted):
    with pytest.raises(BadArtifact, match="width 4"):
        method(replace(QUICK, width=4)).unpack(fitted.model.pack())


def test_each_photo_is_scored_by_parts_that_have_not_learned_from_it(fitted, learned):
    own = fitted.leave_one_out.scores(learned, Watch())
    assert len(own) == len(learned)
    seen = torch.cat([fitted.model.judge(images).scores for _, images in learned.batches(4, CPU)])
    # A photo that was learned from looks more usual than the same photo when it was not.
    assert np.mean(own) > seen.mean()


def test_one_seed_gives_the_same_scores(learned):
    taught = []
    for _ in range(2):
        torch.rand(1)  # whatever else draws at random in the same process
        model = method().fit(learned, learned.subset([]), Watch()).model
        taught.append(replace(model, trusted=True))  # so that the networks have a say in what is compared
    same_scores(*taught, learned)


def test_a_handful_of_photos_teaches_the_measures_alone(tmp_path):
    few = fill([part(tmp_path / f"{n}.png", n) for n in range(3)], method().prepare, lambda count: None)
    taught = method().fit(few, few.subset([]), Watch())
    assert "fewer than" in taught.how.summary["why"]
    assert len(taught.leave_one_out.scores(few, Watch())) == 3
    assert taught.model.judge(next(few.batches(3, CPU))[1]).scores.shape == (3,)


def test_a_single_photo_of_the_smallest_size_is_a_batch_too():
    """Its coarsest level has one place: nothing to normalise over."""
    network = Marker(6, 4).train()
    odds = network(torch.randn(1, 6, 4, 4))
    odds.mean().backward()
    assert torch.isfinite(odds).all()


def test_photos_of_several_shapes_are_learned_together(tmp_path):
    paths = [part(tmp_path / f"{n}.png", n) for n in range(8)]
    for path in paths[::2]:
        Image.open(path).crop((0, 0, 40, 30)).save(path)
    mixed = fill(paths, method().prepare, lambda count: None)
    assert len(set(mixed.shapes)) == 2
    assert len(method().fit(mixed, mixed.subset([]), Watch()).leave_one_out.scores(mixed, Watch())) == 8


def test_the_network_is_trusted_only_where_it_helps_beyond_chance():
    draw = np.random.default_rng(0)
    good, damaged = draw.normal(0, 1, 60), draw.normal(1, 1, 60)
    alone = (good, damaged)
    helped = trust.decide(alone, {0.5: (good, damaged + 1)})
    assert helped.trusted
    assert helped.together > helped.alone
    assert not trust.decide(alone, {0.5: (good, damaged - 0.5)}).trusted
    assert not trust.decide(alone, {0.5: alone}).trusted
    assert not trust.decide((good[:0], damaged), {0.5: (good[:0], damaged)}).trusted


def test_standing_other_light_alone_earns_no_trust():
    draw = np.random.default_rng(0)
    plain, lit, damaged = draw.normal(0, 1, 60), draw.normal(1, 1, 60), draw.normal(0.3, 1, 60)
    alone, calmer = (np.append(plain, lit), damaged), (np.append(plain, lit - 1), damaged)
    assert trust.decide(alone, {0.5: calmer}).trusted, "among all of them it looks better"
    assert not trust.decide(alone, {0.5: calmer}, lit=60).trusted
    assert trust.decide(alone, {0.5: (calmer[0], damaged + 0.3)}, lit=60).trusted
    assert ranking.decide({"usual": alone, "calmer": calmer}, "usual", lit=60)[0] == "usual"


def test_thin_evidence_gives_the_network_a_small_weight_and_strong_evidence_a_large_one():
    draw = np.random.default_rng(0)
    good, damaged = draw.normal(0, 1, 60), draw.normal(1, 1, 60)
    # It helps as much as it weighs, and its freaks rise with the square of that.
    freaks = 3 * draw.normal(0, 1, 60)

    def proof(gain):
        return {w: (good + freaks * w**2, damaged + gain * w - freaks * w**2) for w in (0.5, 0.25, 0.125)}

    weights = [trust.decide((good, damaged), proof(gain)).weight for gain in (0.5, 8)]
    assert weights[0] < weights[1] == 0.5


def test_a_network_that_marks_a_lamp_is_not_trusted(learned, monkeypatch):
    """It finds all damage and nothing on good photos; but it marks those in other light, too."""
    made = {}

    def make(self, watch):
        made["lessons"] = lessons_made = lessons.Maker.made(self, watch)
        return lessons_made

    def marks(network, features):
        kept = made["lessons"]
        fires = [
            strength
            for looks, strength in ((kept.lit, 60.0), (kept.probes, 30.0))
            if any(torch.equal(features[0], look.features.float()) for look in looks)
        ]
        odds = torch.zeros_like(features[:, 0])
        odds[:, :2, :2] = fires[0] if fires else 0.0
        return odds

    monkeypatch.setattr(lessons.Maker, "made", lessons.Maker.make, raising=False)
    monkeypatch.setattr(lessons.Maker, "make", make)
    monkeypatch.setattr(marking, "marks", marks)
    joint = joint_fit.learn(method().parts, learned, Watch())
    assert not method().of(joint).model.trusted
    alone, together = (joint.evidence.trial(name).scores for name in (FILTERS, "unet-features"))
    as_they_are = [(good[: len(learned)], damaged) for good, damaged in (alone, together)]
    assert trust.decide(as_they_are[0], {0.5: as_they_are[1]}).trusted, (
        "without harmless changes in the proof it would be"
    )


def test_time_that_is_over_ends_the_making_of_copies(learned):
    maker = lessons.Maker(method(sizes=Sizes(copies=200, probes=200)).parts, learned, 2)
    clock = iter(range(0, 100_000, 10))
    late = maker.make(Watch(minutes=1, clock=lambda: next(clock)))
    # As it is, and damaged once; and probed once.
    assert len(late.examples) == 2 * len(learned)
    assert len(late.probes) <= len(learned)


def test_features_of_all_examples_fit_into_the_room_for_them(learned):
    each = (72 * 56 // 64) * 2 * (2 * 64 + 5)
    sizes = Sizes(copies=200, probes=200, room=16 * each)
    made = lessons.Maker(method(sizes=sizes).parts, learned, 2).make(Watch())
    assert len(made.examples) <= 16
    assert not made.complete
    assert len(made.probes) <= 8
