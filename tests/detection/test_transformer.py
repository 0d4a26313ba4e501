"""A transformer on feature tokens: it reconstructs good parts, and no spot that it has never seen."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from detection import BadArtifact
from detection.learning.progress import Watch
from detection.methods import registry, tokens
from detection.methods.extractors import OnPlainFilters
from detection.methods.setting import Geometry, Sizes
from detection.methods.tokens import Scale, TokenCache
from detection.networks.token_decoder import Places, TokenDecoder
from detection.normality.turns import Turns
from detection.normality.usual import UsualDistances, usual
from detection.options import for_method
from detection.photos.image_cache import InTurn, fill
from tests.detection.parts import category, part

CPU = torch.device("cpu")
QUICK = for_method(
    "transformer-filterbank",
    size=64,
    width=16,
    epochs=3,
    batch_size=16,
    validate_every=1,
    learning_rate=5e-3,
    minutes=0.0,
    device="cpu",
    held_back=0.25,
)


LITTLE = Sizes(epoch=16)


@pytest.fixture(scope="module")
def plates(tmp_path_factory):
    return category(tmp_path_factory.mktemp("transformer") / "plates", train=16, good=4, red=4)


@pytest.fixture(scope="module")
def photos(plates):
    method = registry.create(QUICK, CPU)
    return fill(sorted((plates / "train/good").iterdir()), method.prepare, lambda count: None)


@pytest.fixture(scope="module")
def fitted(photos):
    return registry.create(QUICK, CPU).fit(photos.subset(range(12)), photos.subset(range(12, 16)), Watch())


def test_it_learns_and_spots_it_never_saw_score_highest_where_they_are(fitted, plates):
    losses = [epoch.validation_loss for epoch in fitted.how.history if epoch.validation_loss is not None]
    assert len(losses) == 3 and losses[-1] < losses[0]
    assert fitted.how.summary["photos"] == 12
    tested = sorted((plates / "test").rglob("*.png"))
    judged = fitted.model.judge(
        fill(tested, fitted.model.prepare, lambda count: None).batch(torch.arange(8), CPU)
    )
    assert judged.scores[4:].min() > judged.scores[:4].max(), "red comes after good"
    assert judged.maps[4:, 22:36, 22:36].mean() > 2 * judged.maps[4:, :, :12].mean()


def test_one_seed_gives_the_same_scores(photos):
    learned, held_back = photos.subset(range(12)), photos.subset(range(12, 16))
    images = photos.batch(torch.arange(4), CPU).flip(2)
    scores = []
    for _ in range(2):
        torch.rand(1)  # whatever else draws at random in the same process
        model = registry.create(QUICK, CPU, sizes=LITTLE).fit(learned, held_back, Watch()).model
        scores.append(model.judge(images).scores)
    assert torch.equal(*scores)


def test_weights_of_another_width_are_refused(fitted):
    with pytest.raises(BadArtifact, match="width 12"):
        registry.create(replace(QUICK, width=12), CPU).unpack(fitted.model.pack())


@pytest.mark.parametrize("width", [1, 10, 16])
def test_any_width_and_any_grid(width):
    decoder = TokenDecoder(12, width).eval()
    seen = torch.rand(2, 12, 3, 5)
    assert decoder(seen).shape == seen.shape
    assert torch.allclose(decoder(seen)[:1], decoder(seen[:1]), atol=1e-6)


def test_a_place_is_a_share_of_the_photo_whatever_its_grid():
    places = Places(16)
    coarse, fine = places(4, 6), places(12, 18)
    middle = fine.reshape(12, 18, 16)[1::3, 1::3].flatten(0, 1)
    assert torch.allclose(coarse, middle, atol=1e-5)
    assert len(coarse.unique(dim=0)) == 24


def test_tokens_are_scaled_by_good_photos_and_keep_their_places(photos):
    extractor, _ = OnPlainFilters.begin(QUICK, CPU)
    scale = Scale.of(extractor, [photos], CPU, Watch())
    _, fine, coarse = extractor(photos.batch(torch.arange(16), CPU))
    scaled = scale(fine, coarse)
    assert scaled.shape == (16, scale.inputs, 4, 4)
    assert scaled.mean() == pytest.approx(0, abs=1e-3)
    assert 0.5 < scaled.std(dim=(0, 2, 3)).median() < 1.2
    other = scaled.clone()
    other[:, :, 1, 2] -= 5
    near, far = scale.distances(scaled, other)
    assert (near[:, 2:4, 4:6] > 0.1).all() and (far[:, 1, 2] > 0.1).all()
    near[:, 2:4, 4:6], far[:, 1, 2] = 0, 0
    assert near.abs().max() < 1e-5 and far.abs().max() < 1e-5


def test_what_is_usual_at_a_place_is_no_excess():
    maps = torch.rand(20, 6, 8) * 0.1
    maps[:, 2, 3] += 1  # an edge, hard to reconstruct on every photo
    here = usual([maps[:10], maps[10:]], (6, 8))
    good, bad = maps[:1].clone(), maps[:1].clone()
    bad[0, 4, 5] = 1
    assert here.excess(bad).flatten().argmax() == 4 * 8 + 5
    assert here.excess(good).max() < here.excess(bad).max() / 3
    assert torch.equal(UsualDistances.of(here.tensor()).excess(bad), here.excess(bad))
    anywhere = usual([maps], (1, 1))
    assert anywhere.excess(bad).flatten().topk(2).indices.tolist() != [4 * 8 + 5]
    assert anywhere.excess(torch.rand(2, 3, 9)).shape == (2, 3, 9), "of any grid"


def test_an_epoch_takes_photos_in_turn_and_batches_have_one_shape(tmp_path):
    paths = [part(tmp_path / f"{n}.png", n) for n in range(10)]
    for path in paths[::2]:
        Image.open(path).crop((0, 0, 40, 30)).save(path)
    mixed = fill(paths, registry.create(QUICK, CPU).prepare, lambda count: None)
    extractor, _ = OnPlainFilters.begin(QUICK, CPU)
    scale = Scale.of(extractor, [mixed], CPU, Watch())
    kept = tokens.store(extractor, scale, mixed, CPU, Watch(), room=2**24, seed=0)
    cache = InTurn(TokenCache(kept), 64)
    seen = np.zeros(10, int)
    for _ in range(5):
        for numbers, batch in cache.batches(8, CPU, torch.randperm(len(cache))):
            assert len(numbers) == len(batch) <= 8 and batch.dtype == torch.float32
            np.add.at(seen, numbers.numpy(), 1)
    assert seen.sum() == 5 * len(cache) and seen.max() - seen.min() <= 1
    once = TokenCache(kept)
    assert sorted(n for numbers, _ in once.batches(4, CPU) for n in numbers.tolist()) == list(range(10))


def test_what_does_not_fit_is_left_out_copies_first(photos):
    extractor, _ = OnPlainFilters.begin(QUICK, CPU)
    scale = Scale.of(extractor, [photos], CPU, Watch())
    turns = ((0.0, True), (180.0, False))
    each = 2 * scale.inputs * 4 * 4

    def stored(room):
        return len(tokens.store(extractor, scale, photos, CPU, Watch(), room=room, seed=0, copies=turns))

    assert [stored(each * count) for count in (100, 40, 16, 5, 0)] == [48, 32, 16, 5, 1]


def test_turned_copies_are_learned_from_where_photos_support_them(photos):
    geometry = Geometry(turns=Turns({}, ("mirrored",), ((0.0, True),)))
    method = registry.create(replace(QUICK, epochs=1), CPU, geometry, LITTLE)
    assert method.fit(photos, photos.subset([]), Watch()).how.summary["photos"] == 32
