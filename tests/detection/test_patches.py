"""The methods on patches: they find what a good part does not have, and say the same again after loading."""

from dataclasses import replace
from functools import cache
from itertools import groupby

import pytest
import torch

import detection
from detection import BadArtifact, BadOptions, WeightsMissing, datasets
from detection.damage import harmless
from detection.learning.progress import Watch
from detection.methods import registry
from detection.methods.feature_maps import smooth
from detection.methods.setting import Sizes
from detection.networks import weights
from detection.options import CHOICES
from detection.photos.image_cache import fill
from detection.types import TrainOptions
from tests.detection.conftest import without_plots
from tests.detection.parts import category

CPU = torch.device("cpu")
PRETRAINED = ("patchcore-padim", "patchcore", "padim")
FEW = Sizes(turned=1)


@pytest.fixture(scope="module")
def spots(tmp_path_factory):
    return category(tmp_path_factory.mktemp("spots") / "plates", train=12, good=4, red=4)


@pytest.fixture(scope="module")
def asked(resnet):
    """asked("padim") -> the options of the training of that method that the tests share."""
    return lambda method: TrainOptions(method=method, size=64, weights=str(resnet), crop="off", seed=3)


@pytest.fixture(scope="module")
def trained(spots, asked, tmp_path_factory):
    """trained("padim") -> the result of a training, and what it reported; trained once."""
    folder = tmp_path_factory.mktemp("runs")

    @cache
    def train(method):
        reports = []
        with pytest.MonkeyPatch.context() as patch:
            without_plots(patch)
            dataset = datasets.scan(spots)
            result = detection.train(
                dataset, folder / method, asked(method), on_progress=reports.append, sizes=FEW
            )
        return result, reports

    return train


@pytest.mark.parametrize("method", [*PRETRAINED, "filterbank"])
def test_it_finds_the_spots_and_loads_as_it_was(method, spots, trained):
    dataset, (result, _) = datasets.scan(spots), trained(method)
    assert result.evaluation.image_auroc == 1
    detector = detection.load(result.run_dir, device="cpu")
    again = detection.evaluate(detector, dataset)
    assert (again.image_auroc, again.confusion) == (1, result.evaluation.confusion)
    spotted = next(image.path for image in dataset.test if image.is_defect)
    (prediction,) = detector.predict([spotted])
    worst = divmod(int(prediction.anomaly_map.argmax()), prediction.anomaly_map.shape[1])
    assert all(18 <= place <= 40 for place in worst), "the spot is at 22..35 of 64"


def test_copies_in_other_light_make_other_light_usual_and_prove_nothing_of_themselves(spots):
    paths, of_good, noisy = sorted((spots / "train/good").iterdir()), {}, {}
    for light in ("off", "on"):
        options = TrainOptions(method="filterbank", size=64, crop="off", light=light)
        learner = registry.create(options, CPU)
        learned = fill(paths, learner.prepare, lambda count: None)
        taught = learner.fit(learned, learned.subset([]), Watch())
        of_good[light] = taught.leave_one_out.scores(learned, Watch())
        _, images = next(learned.batches(4, CPU))
        changed = harmless.changed(images, "noise", 2, torch.Generator().manual_seed(7))
        noisy[light] = taught.model.judge(changed).scores / torch.tensor(of_good[light]).max()
    assert noisy["on"].mean() < noisy["off"].mean()
    assert min(of_good["on"]) > 0.3 * min(of_good["off"]), "a photo's own copies are left out with it"


def test_the_same_seed_gives_the_same_scores(spots, trained, asked, tmp_path, no_plots):
    dataset, method = datasets.scan(spots), "patchcore-padim"
    runs = trained(method)[0].run_dir, tmp_path / "again"
    detection.train(dataset, runs[1], asked(method), sizes=FEW)
    photos = [image.path for image in dataset.test]
    one, other = ([p.score for p in detection.load(run, device="cpu").predict(photos)] for run in runs)
    assert one == pytest.approx(other, rel=1e-6)


def test_a_run_says_with_which_weights_and_needs_no_file_any_more(spots, resnet, tmp_path, no_plots):
    copy = tmp_path / "mine.pth"
    copy.write_bytes(resnet.read_bytes())
    options = TrainOptions(method="padim", size=32, weights=str(copy), crop="off")
    config = detection.train(datasets.scan(spots), tmp_path / "run", options, sizes=FEW).config
    assert config["learning"]["weights"] == "mine.pth"
    assert config["learning"]["weights_sha256"] == datasets.sha256(copy)
    copy.unlink()
    detection.load(tmp_path / "run", device="cpu")


@pytest.mark.parametrize("name", CHOICES["backbone"])
def test_every_backbone_has_the_strides_that_methods_expect(name):
    stages = weights.Backbone(name)(torch.rand(1, 3, 64, 96))
    assert [(one.shape[2], one.shape[3]) for one in stages] == [(16, 24), (8, 12), (4, 6)]


def test_weights_are_looked_for_where_the_variable_says(resnet, monkeypatch):
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(resnet.parent))
    assert weights.locate("resnet18") == resnet
    assert weights.locate("resnet18", str(resnet)) == resnet


def test_without_weights_it_says_the_ways_out(no_weights):
    ways = r"of ResNet-18 .*allow access to download\.pytorch\.org.*--weights.*filterbank"
    with pytest.raises(WeightsMissing, match=ways) as raised:
        weights.backbone("resnet18")
    assert "no route to host" not in str(raised.value)
    assert raised.value.details == "OSError: no route to host"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no weights at all", "cannot be read"),
        ({"other": torch.zeros(1)}, "missing or has another shape"),
        ([1], "state"),
    ],
)
def test_a_file_without_the_weights_is_refused(tmp_path, content, message):
    path = tmp_path / "weights.pth"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(WeightsMissing, match=message):
        weights.backbone("resnet18", str(path))


def test_a_named_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(WeightsMissing, match="There is no file"):
        weights.backbone("resnet18", str(tmp_path / "gone.pth"))


@pytest.mark.parametrize("method", [*PRETRAINED, "filterbank"])
def test_a_damaged_run_is_refused(method):
    with pytest.raises(BadArtifact):
        registry.create(TrainOptions(method=method, size=64), CPU).unpack({"extractor.x": torch.zeros(1)})


def test_large_photos_have_no_more_places_than_fit(spots, tmp_path, no_plots):
    """Their patches are looked at one by one all the same: the spot is found where it is."""
    options = TrainOptions(method="filterbank", size=96, crop="off")
    result = detection.train(datasets.scan(spots), tmp_path / "run", options, sizes=replace(FEW, places=9))
    assert result.evaluation.image_auroc == 1
    detector = detection.load(tmp_path / "run", device="cpu")
    assert detector.model.places.grid == (3, 3)
    spotted = next(image.path for image in datasets.scan(spots).test if image.is_defect)
    (prediction,) = detector.predict([spotted])
    height, width = prediction.anomaly_map.shape
    row, column = divmod(int(prediction.anomaly_map.argmax()), width)
    assert 0.28 <= row / height <= 0.63
    assert 0.28 <= column / width <= 0.63


def test_an_unknown_backbone_is_refused():
    from detection import options

    with pytest.raises(BadOptions, match="backbone"):
        options.check(TrainOptions(backbone="vgg"))


def test_a_small_category_spares_no_photo_and_still_knows_what_is_usual(spots, tmp_path, no_plots):
    """Each of the 12 good photos is scored as if it had not been learned from."""
    options = TrainOptions(method="filterbank", size=32, threshold="conformal", target=0.1, crop="off")
    result = detection.train(datasets.scan(spots), tmp_path / "run", options)
    assert result.config["images"]["learned"] == 12
    assert len(result.threshold.good_scores) == 12
    assert "each scored as if it had not been learned from" in result.threshold.chosen_on
    assert min(result.threshold.good_scores) > 0


@pytest.mark.parametrize("method", ["filterbank", "padim"])
def test_what_follows_the_fit_tells_how_far_it_is(method, trained):
    """Leave-one-out of `filterbank`, five further fits of `padim`."""
    _, reports = trained(method)
    assert [phase for phase, _ in groupby(reports, key=lambda progress: progress.phase)] == [
        "reading",
        "training",
        "calibrating",
        "writing",
    ]
    learning = [progress for progress in reports if progress.phase == "training"]
    # Some of the time is left after the first fit.
    assert len({p.done for p in learning if 0.75 * p.total < p.done < p.total}) > 1
    assert [p.done for p in learning] == sorted(p.done for p in learning)
    assert learning[-1].done == learning[-1].total


def test_a_large_one_holds_some_back(tmp_path, no_plots):
    plates = category(tmp_path / "plates", train=12)
    options = TrainOptions(method="filterbank", size=32, held_back=0.25, crop="off")
    result = detection.train(datasets.scan(plates), tmp_path / "run", options, sizes=Sizes(spared=8))
    assert (result.config["images"]["learned"], len(result.threshold.good_scores)) == (9, 3)


def test_the_mean_at_the_border_is_that_of_the_next_place_inside():
    """One of fewer patches is noisier: the worst patches of good photos lay there, and hid thin cracks."""
    drawn = torch.randn(500, 2, 6, 9)
    smoothed = smooth(drawn, "inside")
    assert torch.equal(smoothed[:, :, 0], smoothed[:, :, 1])
    assert torch.equal(smoothed[..., -1], smoothed[..., -2])
    torch.testing.assert_close(smoothed[:, :, 2, 3], drawn[:, :, 1:4, 2:5].mean(dim=(2, 3)))
    assert smoothed.std() == pytest.approx(1 / 3, rel=0.1), "as quiet at the border as elsewhere"
    assert smooth(torch.ones(1, 1, 2, 5), "inside").unique().tolist() == [1], "too small to have an inside"


@pytest.mark.parametrize("method", ["patchcore-padim", "filterbank"])
def test_a_run_of_before_judges_its_borders_as_before(method, spots, resnet):
    now = registry.create(TrainOptions(method=method, size=64, weights=str(resnet), crop="off"), CPU)
    photos = fill(datasets.scan(spots).train, now.prepare, lambda count: None)

    class Before(type(now)):
        border = "fewer"

    old = Before(now.options, CPU).fit(photos, photos.subset([]), Watch()).model
    images = photos.batch(torch.tensor([0]), CPU)
    before, kept = old.judge(images), old.pack()
    del kept["border.inside"]
    assert torch.equal(now.unpack(kept).judge(images).maps, before.maps)
    inside = now.unpack({**kept, "border.inside": torch.tensor(1)})
    assert not torch.allclose(inside.judge(images).maps, before.maps, rtol=1e-3)
    assert torch.equal(now.unpack(inside.pack()).judge(images).maps, inside.judge(images).maps)
