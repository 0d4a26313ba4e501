"""One category, and one run trained on it."""

from pathlib import Path

import pytest
import torch
from torchvision import models

import detection
from detection import datasets
from detection.networks import weights
from tests.detection.parts import TINY, category


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def same_chance():
    """What a test draws does not depend on the tests that ran before it."""
    torch.manual_seed(0)


def without_plots(patch):
    """Figures take most of a tiny training's time, and have their own tests."""
    patch.setattr("detection.runs.plots.write", lambda folder, *rest: folder.mkdir() or [])


@pytest.fixture
def no_plots(monkeypatch):
    without_plots(monkeypatch)


@pytest.fixture(scope="session")
def resnet(tmp_path_factory) -> Path:
    """A backbone nobody trained: its features are random, and still tell a red spot from a grey plate."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "resnet18-none.pth"
    torch.save(models.resnet18(weights=None).state_dict(), path)
    return path


@pytest.fixture
def no_weights(monkeypatch, tmp_path):
    """Offline, without a file: only what needs no weights can be had."""

    def offline(*args, **kwargs):
        raise OSError("no route to host")

    monkeypatch.delenv(weights.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("detection.options.weight_files._downloaded", lambda name: None)
    monkeypatch.setattr("urllib.request.urlopen", offline)


@pytest.fixture(scope="session")
def plates(tmp_path_factory) -> Path:
    return category(tmp_path_factory.mktemp("data") / "plates", good=6, red=4, dark=3, masks=3)


@pytest.fixture(scope="session")
def result(plates, tmp_path_factory) -> detection.TrainResult:
    folder = tmp_path_factory.mktemp("runs") / "plates" / "first"
    return detection.train(datasets.scan(plates), folder, TINY)


@pytest.fixture
def run_dir(result) -> Path:
    """The folder of the trained run; not to be changed."""
    return result.run_dir
