"""One category, and one run trained on it."""

from pathlib import Path

import pytest
import torch

import detection
from detection import datasets
from tests.detection.parts import TINY, category


@pytest.fixture(autouse=True, scope="session")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def no_plots(monkeypatch):
    """Figures take most of a tiny training's time, and have their own tests."""
    monkeypatch.setattr("detection.plots.write", lambda folder, *rest: folder.mkdir())


@pytest.fixture(scope="session")
def plates(tmp_path_factory) -> Path:
    return category(tmp_path_factory.mktemp("data") / "plates", good=6, red=4, dark=3, masks=3)


@pytest.fixture(scope="session")
def result(plates, tmp_path_factory) -> detection.TrainResult:
    folder = tmp_path_factory.mktemp("runs") / "plates" / "first"
    return detection.train(datasets.scan(plates), folder, TINY)


@pytest.fixture
def run_dir(result) -> Path:
    """Of the trained run; not to be changed."""
    return result.run_dir
