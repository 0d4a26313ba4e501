"""Where weights lie is known without torch, and a training that lacks them ends before it begins."""

import sys

import pytest
import torch
from torchvision import models

import detection
from detection import datasets
from detection.cli import main
from detection.cli.output import REFUSED
from detection.errors import WeightsMissing
from detection.networks import weights
from detection.options import CHOICES, weight_files
from detection.options.catalogue import BACKBONES, METHODS, WELL_KNOWN, needs_weights


def test_the_files_are_those_that_torchvision_downloads():
    assert {
        name: models.get_model_weights(name)["IMAGENET1K_V1"].url for name in CHOICES["backbone"]
    } == weight_files.URLS
    assert BACKBONES.keys() == weight_files.URLS.keys()


@pytest.mark.parametrize("variable", ["TORCH_HOME", "XDG_CACHE_HOME", ""])
def test_they_lie_where_torch_looks(monkeypatch, tmp_path, variable):
    for name in ("TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path))
    assert str(weight_files.kept("resnet18").parent) == f"{torch.hub.get_dir()}/checkpoints"


def test_each_network_is_here_or_can_be_downloaded_or_is_missing(no_weights, monkeypatch, tmp_path):
    monkeypatch.setenv(weight_files.FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "resnet18-features.pth").write_bytes(b"x")
    asked = []
    monkeypatch.setattr(weight_files, "head", lambda url, seconds: asked.append(url))
    states = weight_files.states()
    assert (states["resnet18"], states["resnet50"]) == ("here", "download")
    assert len(asked) == 2, "each host is asked once"
    assert weight_files.states(ask=False)["resnet50"] == "missing"


def test_offline_they_are_missing(no_weights):
    assert set(weight_files.states().values()) == {"missing"}


def test_networks_of_timm_are_those_that_lie_here_and_the_well_known(no_weights, monkeypatch, tmp_path):
    (tmp_path / "timm").mkdir()
    for file in ("vit_small.safetensors", "resnet18d.ra2-mine.pth", "my own.pth", "notes.txt"):
        (tmp_path / "timm" / file).write_bytes(b"x")
    monkeypatch.setenv(weight_files.FOLDER_VARIABLE, str(tmp_path))
    states = weight_files.states()
    timm = {name for name in states if name.startswith("timm/")}
    assert timm == {"timm/", *WELL_KNOWN, "timm/vit_small", "timm/resnet18d.ra2"}
    ways = {name: weight_files.state_of(f"timm/{name}", states) for name in ("resnet18d", "resnet18", "vit")}
    assert ways == {"resnet18d": "here", "resnet18": "missing", "vit": "missing"}
    assert [weight_files.locate(f"timm/{name}") is not None for name in ways] == [True, False, False]
    monkeypatch.setattr(weight_files, "head", lambda url, seconds: None)
    assert weight_files.state_of("timm/any", weight_files.states()) == "download"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert weight_files.state_of("timm/any", weight_files.states()) == "missing"
    monkeypatch.setitem(sys.modules, "timm", None)
    assert weight_files.states().keys() == {*CHOICES["backbone"]}


def test_what_the_hub_downloaded_is_here(monkeypatch, tmp_path):
    """As it stores files: by the commit that a branch names."""
    name = next(iter(WELL_KNOWN))
    kept = tmp_path / f"models--{name.replace('/', '--')}"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("abc")
    (kept / "snapshots" / "abc").mkdir(parents=True)
    (kept / "snapshots" / "abc" / "model.safetensors").write_bytes(b"x")
    monkeypatch.delenv(weight_files.FOLDER_VARIABLE, raising=False)
    for module in ("huggingface_hub.constants", "huggingface_hub.file_download.constants"):
        monkeypatch.setattr(f"{module}.HF_HUB_CACHE", str(tmp_path))
    assert weight_files.locate(name) == kept / "snapshots" / "abc" / "model.safetensors"
    assert weight_files.states(ask=False)[name] == "here"


@pytest.mark.parametrize("method", [name for name in METHODS if needs_weights(name)])
def test_a_training_without_its_weights_ends_before_a_photo_is_read(
    method, plates, no_weights, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr("detection.runs.material.read", lambda *_: pytest.fail("photos were read"))
    monkeypatch.setattr("detection.runs.material.region", lambda *_: pytest.fail("photos were read"))
    with pytest.raises(detection.WeightsMissing):
        options = detection.TrainOptions(method=method)
        detection.train(datasets.scan(plates), tmp_path / "run", options)
    command = ["train", str(plates), "--runs", str(tmp_path / "runs"), "--method", method]
    assert main(command) == REFUSED
    said = capsys.readouterr().err
    assert "The weights of ResNet-18 are not on this machine" in said
    assert "no route to host" not in said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hi",
        b"version https://git-lfs.github.com/spec/v1\n",
        b"<!DOCTYPE html>\n<html>",
        b"\x80\x02}q\x00.",
    ],
)
def test_what_was_saved_instead_of_weights_is_refused(tmp_path, content):
    (tmp_path / "resnet18.pth").write_bytes(content)
    with pytest.raises(WeightsMissing, match=r"resnet18\.pth"):
        weights.backbone("resnet18", str(tmp_path / "resnet18.pth"))


def test_weights_that_are_no_numbers_are_refused(tmp_path, resnet):
    tensors = torch.load(resnet, weights_only=True)
    tensors["layer1.0.conv1.weight"][0] = float("nan")
    torch.save(tensors, tmp_path / "nan.pth")
    with pytest.raises(WeightsMissing, match="not numbers"):
        weights.backbone("resnet18", str(tmp_path / "nan.pth"))
