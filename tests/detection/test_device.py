"""Where the arithmetic is done: the same way each time, and nothing left behind for others."""

import pytest
import torch

import detection
from detection import BadOptions, datasets
from detection.learning import device as devices
from detection.methods.unet import UNetModel
from tests.detection.parts import TINY


def cudnn() -> tuple[bool, bool]:
    return torch.backends.cudnn.deterministic, torch.backends.cudnn.allow_tf32


@pytest.fixture
def usual():
    before = cudnn()
    assert before != (True, False), "what the tests ask for would always be true"
    yield before
    assert cudnn() == before


def test_a_gpu_learns_and_judges_the_same_way_each_time(usual, plates, tmp_path, no_plots, monkeypatch):
    seen = set()
    detection.train(datasets.scan(plates), tmp_path / "run", TINY, on_progress=lambda _: seen.add(cudnn()))
    detector = detection.load(tmp_path / "run", runtime="torch")
    judge = UNetModel.judge
    monkeypatch.setattr(UNetModel, "judge", lambda *given: (seen.add(cudnn()), judge(*given))[1])
    detector.predict([datasets.scan(plates).train[0]])
    assert seen == {(True, False)}


def test_a_failed_training_leaves_the_settings_as_they_were(usual, plates, tmp_path):
    def fail(_):
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        detection.train(datasets.scan(plates), tmp_path / "run", TINY, on_progress=fail)


def test_a_device_that_is_not_there_is_named():
    if torch.cuda.is_available():
        assert devices.choose("auto").type == "cuda"
        return
    assert devices.choose("auto").type == "cpu"
    for name, said in (("cuda", "finds no CUDA GPU"), ("tpu", "choose auto, cpu or cuda")):
        with pytest.raises(BadOptions, match=said):
            devices.choose(name)
