"""Other runtimes: the same verdicts, and PyTorch whenever one cannot be had."""

import logging
from dataclasses import replace

import numpy as np
import pytest
import torch

import detection
from detection import BadOptions, datasets
from detection.cli import main
from detection.methods.setting import Sizes
from detection.options import for_method
from detection.runtimes import export, runtime
from detection.types import TrainOptions
from tests.detection.conftest import without_plots
from tests.detection.parts import TINY, category

CPU = torch.device("cpu")
FUSED = "patchcore-padim+unet-features"
BASIC = ("unet", "unet-repair", "patchcore-padim", "patchcore", "padim", "padim+filterbank", FUSED)
METHODS = (*BASIC, "transformer", "transformer-filterbank", "diffusion")


@pytest.fixture(autouse=True)
def nothing_said_from_outside(monkeypatch):
    monkeypatch.delenv(runtime.VARIABLE, raising=False)


@pytest.fixture(params=list(runtime.RUNTIMES))
def installed(request) -> str:
    pytest.importorskip(runtime.RUNTIMES[request.param])
    return request.param


@pytest.fixture(scope="module")
def runs(tmp_path_factory, resnet):
    """A run of each method that has a network, made once: (run folders by method, test photos)."""
    folder = tmp_path_factory.mktemp("speed")
    data = category(folder / "plates", train=10, good=4, red=4)
    made = {}
    with pytest.MonkeyPatch.context() as patch:
        without_plots(patch)
        for method in METHODS:
            quick = {"size": 64, "epochs": 1, "minutes": 0.0, "crop": "off", "held_back": 0}
            options = for_method(method, **quick, weights=str(resnet))
            made[method] = folder / "runs" / "plates" / method
            own = {
                "unet": TINY,
                "unet-repair": replace(TINY, method=method, crop="off"),
                FUSED: replace(options, epochs=2, width=8),
                "transformer": replace(options, width=16),
                "transformer-filterbank": replace(options, width=16),
                "diffusion": replace(options, width=8, ddim_steps=2),
            }
            chosen = own.get(method, options)
            detection.train(
                datasets.scan(data),
                made[method],
                chosen,
                sizes=Sizes(copies=12, probes=12, epoch=16, turned=1),
            )
    return made, [image.path for image in datasets.scan(data).test]


@pytest.mark.parametrize("method", METHODS)
def test_parity(method, installed, runs):
    """The same verdicts, scores within 1e-3, maps within 1e-2 of the map's maximum."""
    made, photos = runs
    wanted = detection.load(made[method], device="cpu", runtime="torch").predict(photos)
    detector = detection.load(made[method], device="cpu", runtime=installed)
    assert detector.runtime == installed
    for prediction, expected in zip(detector.predict(photos), wanted, strict=True):
        assert prediction.verdict == expected.verdict
        assert prediction.score == pytest.approx(expected.score, rel=1e-3)
        apart = np.abs(prediction.anomaly_map - expected.anomaly_map)
        # On plates of pure noise a patch may lie as near to one bank vector as to another, of another
        # spread, and the last bit decides: one patch in 64 may differ. Real photos have shown no such tie.
        worst = np.quantile(apart, 0.95) if "patchcore-padim" in method else apart.max()
        assert worst <= 1e-2 * expected.anomaly_map.max()


def test_any_number_of_photos_of_any_aspect(installed, runs, tmp_path):
    from PIL import Image

    made, photos = runs
    Image.open(photos[0]).resize((120, 40)).save(tmp_path / "wide.png")
    mixed = [*photos[:3], tmp_path / "wide.png"]
    torch_, other = (
        detection.load(made["padim"], device="cpu", runtime=name).predict(mixed)
        for name in ("torch", installed)
    )
    assert other[3].anomaly_map.shape == (32, 112)
    assert [p.score for p in other] == pytest.approx([p.score for p in torch_], rel=1e-3)


def test_a_second_load_takes_the_file_of_the_first(installed, runs, monkeypatch):
    made, _ = runs
    detection.load(made["unet"], device="cpu", runtime=installed)
    before = sorted(made["unet"].rglob("*"))
    monkeypatch.setattr(export, "to_onnx", None)
    assert detection.load(made["unet"], device="cpu", runtime=installed).runtime == installed
    assert sorted(made["unet"].rglob("*")) == before, "a run folder is sealed"


def test_what_computes_something_else_is_not_used(installed, runs, caplog):
    made, _ = runs
    file = export.folder_of(made["unet"]) / "network.onnx"
    other = torch.nn.Conv2d(3, 3, 3, padding=1)
    export._write(file, export.to_onnx(other, (2, 3, 32, 32), any_sides=False))
    assert detection.load(made["unet"], device="cpu", runtime=installed).runtime == "torch"
    assert "its results differ" in caplog.text
    assert not file.exists(), "or it would be in the way for good"


def test_a_failing_export_leaves_pytorch(installed, runs, monkeypatch, caplog):
    made, photos = runs

    def refuses(*args, **more):
        raise ValueError("no such operator")

    monkeypatch.setattr(export, "cached", refuses)
    detector = detection.load(made["padim"], device="cpu", runtime=installed)
    assert detector.runtime == "torch"
    assert "no such operator" in caplog.text
    assert len(detector.predict(photos[:1])) == 1


def test_a_place_that_cannot_be_written_costs_only_the_file(installed, runs, monkeypatch):
    made, _ = runs

    def full(path, content):
        raise OSError("no space left")

    monkeypatch.setattr(export, "_write", full)
    monkeypatch.setattr(export, "folder_of", lambda run: run / "nowhere")
    assert detection.load(made["padim"], device="cpu", runtime=installed).runtime == installed


def test_which_one_is_chosen(monkeypatch, caplog):
    here = {"onnx"}
    monkeypatch.setattr(runtime, "installed", lambda name: name in here)
    assert runtime.choose("auto", CPU) == "onnx"
    assert runtime.choose("torch", CPU) == "torch"
    assert runtime.choose("auto", torch.device("cuda")) == "torch"
    assert not caplog.records
    assert runtime.choose("openvino", CPU) == "torch"
    assert "not installed" in caplog.text
    assert runtime.choose("onnx", torch.device("cuda")) == "torch"
    here.clear()
    assert runtime.choose("auto", CPU) == "torch"
    monkeypatch.setenv(runtime.VARIABLE, "torch")
    here.add("openvino")
    assert runtime.choose("auto", CPU) == "torch"
    assert runtime.choose("openvino", CPU) == "openvino"


def test_an_unknown_one_is_refused_and_not_taken_for_a_damaged_run(run_dir):
    with pytest.raises(BadOptions, match='runtime is "tensorrt"'):
        detection.load(run_dir, runtime="tensorrt")


def test_export_writes_beside_the_runs_or_where_it_is_told(runs, tmp_path, capsys):
    pytest.importorskip("onnx")
    made, _ = runs
    assert main(["export", str(made["padim"])]) == 0
    printed = capsys.readouterr().out.strip()
    assert printed == str(export.folder_of(made["padim"]) / "backbone.onnx")
    assert main(["export", str(made["unet"]), "--out", str(tmp_path / "mine.onnx")]) == 0
    assert (tmp_path / "mine.onnx").stat().st_size > 10_000
    detection.load(made["unet"], runtime="torch")  # its seal is whole


def test_a_method_without_a_network_says_so(tmp_path, no_plots, capsys, caplog):
    pytest.importorskip("onnx")
    plates = category(tmp_path / "plates", train=6)
    run = tmp_path / "runs/plates/one"
    detection.train(datasets.scan(plates), run, TrainOptions(method="filterbank", size=64))
    assert main(["export", str(run)]) == 1
    assert "no network to export" in capsys.readouterr().err
    caplog.set_level(logging.WARNING)
    assert detection.load(run, device="cpu", runtime="auto").runtime == "torch"
    assert not caplog.records
