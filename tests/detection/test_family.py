"""One model for several categories, and a category that joins them without training."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

import detection
from detection import BadOptions, Cancelled, datasets
from detection.cascade import copies, limit, make
from detection.cli import main
from detection.explanations import explain
from detection.explanations.folder import FolderOfGood
from detection.files import artifact
from detection.learning.progress import Watch
from detection.methods import transformer
from detection.methods.setting import Sizes
from detection.normality.bank import OF_ANOTHER
from detection.options import for_method
from detection.options.explanations import NEAREST
from detection.photos.image_cache import fill
from detection.runs.family import join, train_family
from tests.detection.conftest import without_plots
from tests.detection.parts import category
from tests.detection.test_transformer import LITTLE, QUICK

pytestmark = pytest.mark.usefixtures("no_plots")
FEW = replace(LITTLE, spared=30)
SMALL = Sizes(fine=80, coarse=40, turned=1)


def _recoloured(folder, source, **counts):
    """The same plates with another colour: another category."""
    for path in sorted(category(source, **counts).rglob("*.png")):
        copy = folder / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.asarray(Image.open(path))[:, :, ::-1].copy()).save(copy)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("family")
    category(root / "plates", train=16, good=4, red=4)
    for name in ("blue", "late"):
        _recoloured(root / name, root / f"source-of-{name}", train=10, good=3, red=3)
    return root


@pytest.fixture(scope="module")
def family(folders):
    """The results of learning two categories together."""
    runs = {folders / f"runs/{name}/first": datasets.scan(folders / name) for name in ("plates", "blue")}
    with pytest.MonkeyPatch.context() as patch:
        without_plots(patch)
        return train_family(runs, QUICK, sizes=LITTLE)


def test_each_category_has_a_run_of_its_own_and_both_share_a_network(family, folders):
    plates, blue = (artifact.read_weights(one.run_dir) for one in family)
    assert [one.config["category"] for one in family] == ["plates", "blue"]
    common = [name for name in plates if not name.startswith("usual.")]
    assert all(torch.equal(plates[name], blue[name]) for name in common)
    assert not torch.equal(plates["usual.fine"], blue["usual.fine"])
    about = [one.config["family"] for one in family]
    assert about[0] == about[1] and about[0]["categories"] == ["plates", "blue"]
    assert family[0].threshold != family[1].threshold
    for one in family:
        assert one.evaluation.image_auroc > 0.9


def test_a_family_is_in_memory_once_and_judges_as_it_was_tested(family, folders):
    of_others = set(transformer._in_memory)
    first, second = (detection.load(one.run_dir, runtime="torch", device="cpu") for one in family)
    assert first.model.reconstruction is second.model.reconstruction
    photo = folders / "blue/test/red/00.png"
    assert second.predict(photo).score > 2 * second.predict(folders / "blue/test/good/00.png").score
    del first, second
    assert set(transformer._in_memory) <= of_others, "and none of it when nobody uses it"


def test_a_category_joins_without_training(family, folders, tmp_path):
    joined = join(datasets.scan(folders / "late"), tmp_path / "run", family[0].run_dir, sizes=FEW)
    assert joined.config["family"] == family[0].config["family"] | {"joined": True}
    assert joined.config["images"]["learned"] == 10 and not joined.config["images"]["held_back"]
    assert joined.config["options"]["augment"] == "off", "it knows no part at other angles"
    assert "as if it had not been learned from" in joined.threshold.chosen_on
    network, own = (artifact.read_weights(run) for run in (family[0].run_dir, tmp_path / "run"))
    assert all(torch.equal(network[name], own[name]) for name in network if name.startswith("decoder."))
    assert joined.evaluation.image_auroc > 0.9


def test_a_photo_that_joins_is_scored_as_if_it_were_not_known(family, folders):
    model = detection.load(family[0].run_dir, runtime="torch", device="cpu").model
    method = replace(model.method, joins=model.shared)
    photos = fill(sorted((folders / "late/train/good").iterdir()), method.prepare, lambda count: None)
    taught = method.fit(photos, photos.subset([]), Watch())
    without = method.settle(model.shared, photos.subset(range(1, 10)), Watch()).model
    scores = taught.leave_one_out.scores(photos, Watch())
    first = photos.batch(torch.arange(1), torch.device("cpu"))
    assert scores[0] == pytest.approx(float(without.judge(first).scores), rel=1e-5)
    assert scores[0] > float(taught.model.judge(first).scores)


def test_a_category_that_joined_can_have_a_quick_draft(folders, resnet, tmp_path, monkeypatch):
    for module, name, value in ((copies, "GOOD", 10), (copies, "DAMAGED", 30), (limit, "LEAST_DAMAGED", 5)):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(make, "WORTH", math.inf)
    limits = {"threshold": "percentile", "percentile": 50.0, "review": 0.0}
    asked = for_method("patchcore-padim", size=64, weights=str(resnet), crop="off", augment="off", **limits)
    runs = {tmp_path / name: datasets.scan(folders / name) for name in ("plates", "blue")}
    shared = train_family(runs, asked, sizes=SMALL)[0].run_dir
    late = datasets.scan(folders / "late")
    joined = join(late, tmp_path / "late", shared, sizes=SMALL).run_dir
    made = detection.make_cascade(joined, late, runtime="torch")
    assert made.limit.n_damaged
    cascade = detection.load_cascade(joined, runtime="torch")
    for below, who in ((math.inf, "draft"), (-math.inf, "model")):
        cascade.draft = replace(cascade.draft, limit=below)
        assert cascade.predict(late.train[0]).decided_by == who


@pytest.fixture(scope="module")
def banks(folders, resnet):
    """The results of two categories with one memory bank."""
    asked = for_method("patchcore-padim", size=64, weights=str(resnet), crop="off")
    runs = {folders / f"runs/{name}/bank": datasets.scan(folders / name) for name in ("plates", "blue")}
    with pytest.MonkeyPatch.context() as patch:
        without_plots(patch)
        return train_family(runs, asked, sizes=SMALL)


def test_a_memory_bank_is_shared_and_each_category_knows_which_patches_are_its_own(banks):
    plates, blue = (artifact.read_weights(one.run_dir) for one in banks)
    for name, size in (("fine", SMALL.fine), ("coarse", SMALL.coarse)):
        assert torch.equal(plates[f"{name}.vectors"], blue[f"{name}.vectors"])
        assert len(plates[f"{name}.vectors"]) == size, "as large as that of one category"
        own = [one[f"{name}.origins"][:, 0] != OF_ANOTHER for one in (plates, blue)]
        assert torch.equal(own[0], ~own[1]) and int(own[0].sum()) == int(own[1].sum())
        assert 0.3 < float(own[0][: size // 4].float().mean()) < 0.7, "its beginning covers both"
    assert not torch.equal(plates["places.mean"], blue["places.mean"])
    assert banks[0].config["family"] == banks[1].config["family"]
    for one in banks:
        assert one.evaluation.image_auroc > 0.9
        assert "as if it had not been learned from" in one.threshold.chosen_on


def test_a_category_adds_its_patches_to_the_bank_that_it_joins(banks, folders, tmp_path):
    late = datasets.scan(folders / "late")
    joined = join(late, tmp_path / "run", banks[0].run_dir, sizes=SMALL)
    own, others = (artifact.read_weights(run)["fine.vectors"] for run in (joined.run_dir, banks[0].run_dir))
    assert torch.equal(own[-len(others) :], others) and len(own) == len(others) + SMALL.fine
    assert joined.config["family"]["categories"] == ["plates", "blue", "late"]
    assert joined.config["family"]["joined"] and joined.config["options"]["augment"] == "auto"
    assert joined.evaluation.image_auroc > 0.9
    with pytest.raises(BadOptions, match="learned from late already"):
        join(late, tmp_path / "again", joined.run_dir)


def test_the_nearest_good_patch_may_be_of_another_category(banks, folders):
    detector = detection.load(banks[1].run_dir, runtime="torch", device="cpu")
    for bank in (detector.model.fine, detector.model.coarse):
        bank.origins[:, 0] = OF_ANOTHER
    photo = folders / "blue/test/red/00.png"
    told = explain(detector, photo, NEAREST, FolderOfGood(datasets.scan(folders / "blue")))
    assert {good["gone"] for patch in told.facts["patches"] for good in patch["goods"]} == {
        "on a photo of another category of its family"
    }


def test_what_cannot_be_a_family_is_refused(family, folders, tmp_path):
    plates = datasets.scan(folders / "plates")
    with pytest.raises(BadOptions, match=r"one category at a time.*transformer"):
        train_family({tmp_path / "a": plates, tmp_path / "b": plates}, for_method("unet"))
    with pytest.raises(BadOptions, match="plates is given twice"):
        train_family({tmp_path / "a": plates, tmp_path / "b": plates}, QUICK)
    with pytest.raises(BadOptions, match="at least two"):
        train_family({tmp_path / "a": plates}, QUICK)
    with pytest.raises(BadOptions, match="learned from plates already"):
        join(plates, tmp_path / "c", family[1].run_dir)
    assert not list(tmp_path.iterdir())


def test_a_family_that_is_cancelled_while_it_is_written_leaves_nothing(folders, tmp_path):
    runs = {tmp_path / name: datasets.scan(folders / name) for name in ("plates", "blue")}
    phases = []
    with pytest.raises(Cancelled):
        train_family(
            runs,
            replace(QUICK, epochs=1),
            sizes=LITTLE,
            on_progress=lambda progress: phases.append((progress.phase, progress.done)),
            should_stop=lambda: bool(phases) and phases[-1] == ("writing", 1),
        )
    assert not list(tmp_path.iterdir())


def test_in_the_shell(folders, tmp_path, capsys):
    quick = [f"--{name}={getattr(QUICK, name.replace('-', '_'))}" for name in ("method", "size", "width")]
    quick += ["--epochs=1", "--batch-size=16", "--device=cpu", "--runs", str(tmp_path)]
    assert main(["train", str(folders / "plates"), str(folders / "blue"), *quick]) == 0
    plates, blue = capsys.readouterr().out.split()
    assert "/plates/" in plates and "/blue/" in blue
    late = ["train", str(folders / "late"), "--runs", str(tmp_path), "--join", plates]
    assert main([*late, "--size", "64"]) == 1
    assert "--size is taken from the run" in capsys.readouterr().err
    assert main(late) == 0
    assert capsys.readouterr().out.strip().endswith("-joined")
    assert main(["train", str(folders / "plates"), str(folders / "blue"), "--method", "unet"]) == 1
