"""Backbones of timm: found by name, from a file or a folder, kept by the run, refused with what to do."""

import sys

import pytest
import timm
import torch

import detection
from detection import BadOptions, WeightsMissing, datasets, options
from detection.networks import weights
from detection.types import TrainOptions
from tests.detection.parts import category

SMALL = "timm/mobilenetv3_small_050"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Weights nobody trained, where INSPECTOR_WEIGHTS_DIR could point."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / f"{SMALL}.pth"
    path.parent.mkdir()
    torch.save(timm.create_model(SMALL.removeprefix("timm/"), pretrained=False).state_dict(), path)
    return path.parent.parent


def test_a_category_learned_by_a_network_of_timm_needs_no_file_any_more(
    folder, tmp_path, monkeypatch, no_plots
):
    spots = datasets.scan(category(tmp_path / "plates", train=8, good=3, red=3))
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(folder))
    asked = TrainOptions(method="patchcore-padim", size=64, backbone=SMALL, crop="off")
    result = detection.train(spots, tmp_path / "run", asked)
    assert result.evaluation.image_auroc == 1
    assert result.config["learning"]["weights"] == "mobilenetv3_small_050.pth"
    monkeypatch.delenv(weights.FOLDER_VARIABLE)
    detector = detection.load(tmp_path / "run", device="cpu")
    assert detection.evaluate(detector, spots).image_auroc == 1
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(detection.BadArtifact, match=r"this machine: .* needs timm: pip install"):
        detection.load(tmp_path / "run", device="cpu")


def test_its_weights_are_not_taken_for_those_of_torchvision(tmp_path, monkeypatch):
    """Both libraries have a network of this name, with different weights."""
    theirs = tmp_path / "timm/resnet18.a1_in1k.safetensors"
    theirs.parent.mkdir()
    theirs.write_bytes(b"not opened here")
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    assert weights.locate("timm/resnet18") == theirs
    assert weights.locate("resnet18") is None


@pytest.mark.parametrize("name", ["timm/convnext_atto", "timm/resnet10t"])
def test_its_maps_have_the_strides_that_methods_expect(name):
    stages = weights.Backbone(name)(torch.rand(2, 3, 64, 96))
    assert [tuple(one.shape[2:]) for one in stages] == [(16, 24), (8, 12), (4, 6)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("timm/no_such_network", "timm has no network no_such_network"),
        ("timm/test_vit_relpos", "neither feature maps of strides 4, 8 and 16 .* nor patch"),
    ],
)
def test_a_network_that_cannot_be_used_is_refused(name, message):
    with pytest.raises(BadOptions, match=message):
        weights.Backbone(name)


def test_without_timm_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(BadOptions, match=r"pip install -r requirements-timm\.txt"):
        weights.Backbone(SMALL)


def test_offline_it_says_the_ways_out(monkeypatch):
    def offline(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", offline)
    ways = r"could not be downloaded\. .*mobilenetv3_small_050.safetensors.*--weights"
    with pytest.raises(WeightsMissing, match=ways):
        weights.backbone(SMALL)


def test_options_take_names_of_timm_and_no_others():
    options.check(TrainOptions(backbone="timm/anything"))
    for name in ("timm/", "vgg", "timm/hf-hub:a/b", "timm/../x", "timm/a b", "timm/a.b.c"):
        with pytest.raises(BadOptions, match="backbone"):
            options.check(TrainOptions(backbone=name))
