"""Vision transformers of timm as backbones: their patch tokens, and what becomes of photos of any shape.

With weights that nobody trained, as everywhere in these tests.
"""

from pathlib import Path

import pytest
import timm
import torch
from torch.nn import functional

import detection
from detection import BadOptions, WeightsMissing, datasets
from detection.methods.setting import Sizes
from detection.networks import from_timm, weights
from detection.networks.backbones import Backbone
from detection.runtimes import runtime
from detection.types import TrainOptions
from tests.detection.conftest import without_plots
from tests.detection.parts import category

TINY = "timm/test_vit"
DINOV2 = "timm/vit_small_patch14_dinov2.lvd142m"
METHODS = ("patchcore", "padim", "patchcore-padim", "patchcore-padim+unet-features", "transformer")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """Positions as strong as those of trained networks: where they are lost, results differ."""
    torch.manual_seed(0)
    network = timm.create_model(TINY.removeprefix("timm/"), pretrained=False)
    torch.nn.init.normal_(network.pos_embed)
    path = tmp_path_factory.mktemp("weights") / "test_vit.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def runs(tiny, tmp_path_factory):
    """A run of each method, made once: (results, the data set)."""
    folder = tmp_path_factory.mktemp("transformers")
    spots = datasets.scan(category(folder / "plates", train=6, good=2, red=2))
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        without_plots(patch)
        for method in METHODS:
            asked = TrainOptions(
                method=method, size=64, backbone=TINY, weights=str(tiny), crop="off", epochs=1, width=4
            )
            run = folder / "runs" / "plates" / method
            made[method] = detection.train(spots, run, asked, sizes=Sizes(copies=12, probes=12, epoch=16))
    return made, spots


@pytest.mark.parametrize("method", METHODS)
def test_a_category_is_learned_by_tokens_and_loads_as_it_was(runs, method, monkeypatch):
    made, spots = runs
    result = made[method]
    assert result.evaluation.image_auroc == 1
    assert result.config["learning"]["weights_sha256"]
    detector = detection.load(result.run_dir, device="cpu", runtime="torch")
    assert detection.evaluate(detector, spots).confusion == result.evaluation.confusion


@pytest.mark.parametrize("name", list(runtime.RUNTIMES))
def test_other_runtimes_give_the_same_scores_for_photos_of_any_shape(runs, name, tmp_path):
    from PIL import Image

    pytest.importorskip(runtime.RUNTIMES[name])
    made, spots = runs
    run = made["patchcore"].run_dir
    Image.open(spots.test[0].path).resize((120, 40)).save(tmp_path / "wide.png")
    photos = [*(image.path for image in spots.test), tmp_path / "wide.png"]
    wanted = detection.load(run, device="cpu", runtime="torch").predict(photos)
    detector = detection.load(run, device="cpu", runtime=name)
    assert detector.runtime == name
    scores = [prediction.score for prediction in detector.predict(photos)]
    assert scores == pytest.approx([prediction.score for prediction in wanted], rel=1e-3)


def test_maps_are_the_tokens_of_the_network_as_unit_vectors(tiny):
    """Without class token, normalised as in its pretraining, its last norm on each; the last map is what the
    network itself gives."""
    backbone, _ = weights.backbone(TINY, str(tiny))
    photo = torch.rand(1, 3, 160, 160)
    maps = backbone(photo)
    assert (backbone.tokens, backbone.strides) == (True, (16, 16, 16))
    assert {tuple(one.shape) for one in maps} == {(1, 64, 10, 10)}
    torch.testing.assert_close(maps[0].norm(dim=1), torch.ones(1, 10, 10))
    whole = timm.create_model("test_vit", pretrained=False).eval()
    whole.load_state_dict(torch.load(tiny, weights_only=True))
    taught = whole.pretrained_cfg
    mean, deviation = (torch.tensor(taught[name]).view(1, 3, 1, 1) for name in ("mean", "std"))
    tokens = whole.forward_features((photo - mean) / deviation)[:, 1:]
    wanted = functional.normalize(tokens, dim=2).transpose(1, 2).reshape(1, 64, 10, 10)
    torch.testing.assert_close(maps[2], wanted)


def test_positions_follow_the_shape_of_the_photo(tiny):
    backbone, _ = weights.backbone(TINY, str(tiny))
    wide, high = (backbone(torch.full((1, 3, *shape), 0.5))[2] for shape in ((32, 96), (96, 32)))
    assert wide.shape[2:] == (2, 6)
    assert not torch.allclose(wide[0, :, 0, 0], wide[0, :, 0, 5])
    assert not torch.allclose(wide[0, :, 0, 5], high[0, :, 5, 0])


@pytest.mark.parametrize(("side", "rounded"), [(320, 322), (336, 336), (64, 70), (32, 28)])
def test_sides_go_to_the_nearest_multiple_of_the_patch(side, rounded):
    assert from_timm.in_patches(torch.rand(1, 3, side, 2 * 56), 14).shape == (1, 3, rounded, 112)
    assert from_timm.in_patches(torch.rand(1, 3, side, 32), 16).shape == (1, 3, side, 32)


def test_a_name_of_timm_is_all_that_dinov2_needs(tmp_path, monkeypatch):
    """From the hub, which is asked for the file that timm names; patches of 14 px."""
    file = tmp_path / "model.safetensors"

    def download(repository, name, **more):
        assert (repository, name) == ("timm/vit_small_patch14_dinov2.lvd142m", "model.safetensors")
        return file

    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    from safetensors.torch import save_file

    network = Backbone(DINOV2)
    save_file(network.network.state_dict(), file)
    monkeypatch.setattr(weights, "Backbone", lambda name: network)
    again, used = weights.backbone(DINOV2)
    assert (used.file, again.strides) == ("model.safetensors", (14, 14, 14))
    assert [tuple(one.shape) for one in again(torch.rand(1, 3, 32, 64))] == [(1, 384, 2, 5)] * 3


def test_weights_under_their_authors_names_are_read_by_timms_own_function(tiny, tmp_path):
    """Such as those of a checkpoint in which the network is a part of another."""
    theirs = {f"visual.trunk.{name}": value for name, value in torch.load(tiny, weights_only=True).items()}
    torch.save(theirs, tmp_path / "theirs.pth")
    network, _ = weights.backbone(TINY, str(tmp_path / "theirs.pth"))
    torch.testing.assert_close(network.network.pos_embed, theirs["visual.trunk.pos_embed"])


@pytest.mark.parametrize("method", ["patchcore", "auto"])
def test_a_transformer_for_photos_of_one_shape_is_refused_before_a_photo_is_read(
    method, plates, tmp_path, monkeypatch
):
    monkeypatch.setattr("detection.runs.material.levels", lambda *_: pytest.fail("photos were read"))
    asked = TrainOptions(method=method, backbone="timm/test_vit_relpos")
    with pytest.raises(BadOptions, match=r"photos of any shape\. Choose .*vit_small_patch14_dinov2"):
        detection.train(datasets.scan(plates), tmp_path / "run", asked)


def test_a_file_of_another_transformer_is_refused(tiny):
    with pytest.raises(WeightsMissing, match="does not contain the weights of timm/test_vit2"):
        weights.backbone("timm/test_vit2", str(tiny))
