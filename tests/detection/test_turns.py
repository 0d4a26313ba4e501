"""At which angles good parts lie: estimated from their photos, and learned from where photos are few."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

import detection
from detection import datasets
from detection.files import artifact
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.setting import Geometry, Sizes
from detection.metrics.separation import auroc
from detection.normality import turns
from detection.normality.turns import NONE, Turns, turned
from detection.options import for_method
from detection.photos.image_cache import fill
from detection.photos.transforms import Prepare

CPU = torch.device("cpu")
SIDE = 64


def part(path, seed, degrees, *, spot=False, level=False):
    """A plate with a bar, and a bolt at one end of it; `level`: with one at either end, so that it is its own
    mirror image, but has a foot."""
    noise = np.random.default_rng(seed)
    image = Image.new("RGB", (SIDE, SIDE), (120, 120, 120))
    draw = ImageDraw.Draw(image)
    draw.rectangle((14, 27, 49, 36), fill=(200, 200, 190))
    draw.ellipse((40, 20, 56, 36), fill=(60, 70, 90))
    if level:
        draw.ellipse((7, 20, 23, 36), fill=(60, 70, 90))
    if spot:
        draw.rectangle((26, 29, 31, 34), fill=(160, 160, 150))
    image = image.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=(120, 120, 120))
    pixels = np.asarray(image, dtype=np.int16) + noise.integers(-4, 5, (SIDE, SIDE, 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    return path


def angle(seed):
    return float(np.random.default_rng(1000 + seed).uniform(0, 360))


def cache(paths):
    return fill(paths, Prepare(SIDE, keeps_aspect=True), lambda count: None)


@pytest.fixture(scope="module")
def lying(tmp_path_factory):
    """A category whose parts lie at any angle, and never twice at the same one."""
    folder = tmp_path_factory.mktemp("turns") / "levers"
    for n in range(18):
        part(folder / f"train/good/{n:02}.png", n, angle(n))
    for n in range(6):
        part(folder / f"test/good/{n:02}.png", 100 + n, angle(100 + n))
        part(folder / f"test/spot/{n:02}.png", 200 + n, angle(200 + n), spot=True)
    return folder


# For what is not about how well turned copies work.
FEW = Sizes(turned=3, copies=18, probes=18)


def fitted(name, folder, known, weights=""):
    options = replace(for_method(name, size=SIDE, weights=str(weights)), device="cpu", crop="off")
    learned = cache(sorted((folder / "train/good").iterdir()))
    method = registry.create(options, CPU, Geometry(turns=known), FEW)
    return method.fit(learned, learned.subset([]), Watch()).model


def turns_of(paths, **sizes):
    return turns.find(cache(paths), 0, CPU, Watch(), **sizes)


def test_parts_that_lie_at_any_angle_are_told_and_copies_are_spread_evenly(lying):
    known = turns_of(sorted((lying / "train/good").iterdir()))
    assert known.any_angle
    assert [degrees for degrees, _ in known.copies] == [45 * n for n in range(1, 8)]


def test_parts_that_always_lie_alike_are_left_as_they_are(tmp_path):
    known = turns_of([part(tmp_path / f"{n}.png", n, n / 6) for n in range(18)])
    assert (known.supported, known.copies) == ((), ())
    assert min(known.evidence.values()) > 0.9


def test_a_part_that_is_its_own_mirror_image_may_be_mirrored_and_no_more(tmp_path):
    known = turns_of([part(tmp_path / f"{n}.png", n, 0, level=True) for n in range(18)])
    assert (known.supported, known.copies) == (("mirrored",), ((0.0, True),))


def test_few_photos_show_nothing(tmp_path):
    assert turns_of([part(tmp_path / f"{n}.png", n, angle(n)) for n in range(turns.LEAST - 1)]) == NONE


def test_many_photos_need_no_copies_but_their_angles_are_known(lying):
    known = turns_of(sorted((lying / "train/good").iterdir()), enough=18)
    assert known.any_angle and not known.copies


@pytest.mark.parametrize(
    ("supported", "room", "expected"),
    [
        ((), 9, []),
        (("half",), 9, [(180, False)]),
        (("half", "quarter"), 9, [(180, False), (90, False), (270, False)]),
        (("mirrored", "half"), 9, [(180, False), (0, True), (180, True)]),
        (("half", "quarter"), 1, [(180, False)]),
        (("mirrored", "half", "quarter", "any"), 3, [(90, True), (180, False), (270, True)]),
        (("any",), 0, []),
    ],
)
def test_which_copies_are_made(supported, room, expected):
    assert list(turns.copies(supported, room)) == expected


def test_a_photo_is_turned_within_its_window():
    images = torch.rand(2, 3, 32, 48, generator=torch.Generator().manual_seed(0))
    assert torch.equal(turned(images, (0.0, False)), images)
    assert torch.equal(turned(images, (0.0, True)), images.flip(3))
    assert torch.equal(turned(images, (180.0, False)), images.flip((2, 3)))
    for degrees in (45.0, 90.0):
        there = turned(images, (degrees, False))
        assert there.shape == images.shape
        assert there.min() > 0, "what comes in from outside is no black corner"
    square = images[:, :, :, 8:40]
    assert torch.allclose(turned(square, (90.0, False)), square.rot90(1, (2, 3)), atol=1e-5)


def test_copies_tell_a_further_angle_from_a_faint_spot(lying):
    good, spots = (cache(sorted((lying / "test" / label).iterdir())) for label in ("good", "spot"))

    def told_apart(known):
        model = fitted("filterbank", lying, known)
        scores = [model.judge(next(photos.batches(8, CPU))[1]).scores.numpy() for photos in (good, spots)]
        assert model.extraction.filters.lines == ("pooled" if known.any_angle else "oriented")
        return auroc((scores[0], scores[1]))

    assert told_apart(NONE) < 0.8
    assert told_apart(turns_of(sorted((lying / "train/good").iterdir()))) == 1


@pytest.mark.parametrize("augment", ["auto", "off"])
def test_a_run_tells_what_it_learned_from(lying, tmp_path, augment, no_plots):
    options = replace(for_method("filterbank", size=SIDE), device="cpu", augment=augment)
    result = detection.train(datasets.scan(lying), tmp_path / "run", options, sizes=FEW)
    known = turns.read(artifact.read_json(tmp_path / "run", "config.json")["turns"])
    assert len(known.copies) == (3 if augment == "auto" else 0)
    assert known.any_angle == (augment == "auto")
    again = detection.evaluate(tmp_path / "run", datasets.scan(lying))
    assert again.confusion == result.evaluation.confusion


@pytest.mark.parametrize("name", ["filterbank", "unet-features", "filterbank+patchcore-padim"])
def test_a_model_that_is_loaded_knows_that_places_mean_nothing(lying, name, resnet):
    model = fitted(name, lying, turns_of(sorted((lying / "train/good").iterdir()), most=3), resnet)
    images = next(cache(sorted((lying / "test/good").iterdir())).batches(4, CPU))[1]
    scores = model.judge(images).scores
    other = registry.create(model.options, CPU, model.geometry).unpack(model.pack())
    assert torch.allclose(other.judge(images).scores, scores, rtol=1e-6)
    unturned = registry.create(model.options, CPU, Geometry()).unpack(model.pack())
    assert not torch.allclose(unturned.judge(images).scores, scores, rtol=0.1)


def test_runs_from_before_there_were_turns_have_none():
    assert turns.read(None) == NONE
    assert turns.read(Turns({"half": 0.5}, ("half",), ((180.0, False),)).as_dict()).copies == (
        (180.0, False),
    )
