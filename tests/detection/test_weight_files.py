"""Where weights lie is known without torch, and a training that lacks them ends before it begins."""

import pytest
import torch
from torchvision import models

import detection
from detection import datasets
from detection.cli import main
from detection.cli.output import REFUSED
from detection.options import CHOICES, weight_files
from detection.options.catalogue import BACKBONES, METHODS, needs_weights


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
    assert len(asked) == 1, "one host, asked once"
    assert weight_files.states(ask=False)["resnet50"] == "missing"


def test_offline_they_are_missing(no_weights):
    assert set(weight_files.states().values()) == {"missing"}


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
