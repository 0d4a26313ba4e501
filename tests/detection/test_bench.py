"""The bench: tables of what was measured, gone on with after a stop, whatever fails."""

import json
import os
import subprocess
import sys

import pytest
from PIL import Image

import detection
from detection import TrainOptions, bench, datasets
from detection.bench import light, markdown, parent
from detection.cli import main
from detection.cli.output import CANCELLED, REFUSED
from detection.methods import registry
from detection.options import catalogue
from tests.detection.parts import category, part

SET = ["--size", "32", "--set", "width=4", "--set", "epochs=1"]
EVALUATION = {
    "n_good": 4,
    "n_defect": 6,
    "image_auroc": 0.9,
    "average_precision": 0.91,
    "f1": 0.8,
    "precision": 0.7,
    "recall": None,
    "ms_per_image": 12.3,
    "intervals": {"image_auroc": [0.8, 1.0]},
    "pixel": {"auroc": 0.95, "aupro": 0.85, "f1": 0.5, "n_masks": 2},
}
ROW = {
    "images": {"train": 6},
    "device": "CPU, 1 threads",
    "fit_seconds": 3.4,
    "seconds": 5.0,
    "libraries_mb": 700,
    "peak_mb": 1234,
    "cpu_seconds": 9.6,
    "threshold": {"policy": "f1"},
    "evaluation": EVALUATION,
}


@pytest.fixture
def data(tmp_path):
    for name in ("nuts", "bolts"):
        category(tmp_path / f"data/{name}", train=3, good=2, red=2, masks=1)
    return tmp_path / "data"


@pytest.fixture
def measured(monkeypatch):
    """Instead of trainings; `measured.fail` names the categories whose training fails."""

    class Measured(list):
        fail = ()

    measured = Measured()

    def measure(task, on_share):
        name = task["category_dir"].rsplit("/", 1)[1]
        measured.append((name, task["options"]["method"]))
        on_share(0.5)
        if name in measured.fail:
            return {"error": {"code": "bad_dataset", "message": "torn | photo"}}
        return ROW

    monkeypatch.setattr(bench, "measure", measure)
    return measured


def run(data, *more):
    return main(["bench", str(data), "--methods", "unet", "--out", str(data.parent / "out"), *SET, *more])


def test_a_real_training_is_measured_in_a_process_of_its_own(data, capsys):
    assert run(data, "--categories", "nuts", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert result == json.loads((data.parent / "out/bench.json").read_text())
    (row,) = result["rows"]
    assert (row["category"], row["method"], row["options"]["width"]) == ("nuts", "unet", 4)
    assert row["evaluation"]["pixel"]["n_masks"] == 1
    assert row["peak_mb"] > row["libraries_mb"] > 50
    assert 0 <= row["fit_seconds"] <= row["seconds"]
    assert row["cpu_seconds"] > 0, "loading torch alone takes some"
    assert result["machine"]["torch"]
    assert str(data.parent) not in (data.parent / "out/bench.json").read_text()
    assert sorted(path.name for path in (data.parent / "out").iterdir()) == ["bench.json", "bench.md"]


def test_every_category_by_every_method_and_a_table_of_it(data, measured, capsys):
    assert run(data) == 0
    assert measured == [("bolts", "unet"), ("nuts", "unet")]
    page = capsys.readouterr().out
    assert "| nuts | unet | 6 | 4 / 6 | 0.900 (0.800 to 1.000) | 0.910 | 0.800 | 0.700 | - | f1 |" in page
    assert "| nuts | unet | 2 | 0.950 | 0.850 | 0.500 |" in page
    assert "| nuts | unet | 3 | 5 | 10 | 12 | 1,234 |" in page
    assert "| **mean** | **0.900** |" in page
    assert "`python -m detection bench DATA --methods unet --size 32 --set width=4 --set epochs=1`" in page


@pytest.mark.parametrize("given", [["nuts,bolts"], ["nuts", "bolts"], ["nuts,", "bolts"]])
def test_lists_are_taken_with_commas_and_with_spaces(data, measured, given):
    run(data, "--methods", "unet,padim", "--categories", *given)
    assert {name for name, _ in measured} == {"nuts", "bolts"}
    assert {method for _, method in measured} == {"unet", "padim"}


def test_what_is_finished_is_not_measured_again(data, measured):
    run(data, "--categories", "nuts")
    run(data)
    assert measured == [("nuts", "unet"), ("bolts", "unet")]
    run(data, "--seed", "1")
    assert len(measured) == 4
    run(data, "--categories", "bolts")
    run(data)
    assert len(measured) == 4
    part(data / "nuts/train/good/new.png", 77)
    run(data)
    assert measured[4:] == [("nuts", "unet")]


def test_photos_behind_links_are_known_under_any_name(data, tmp_path, measured):
    good = data / "nuts/train/good"
    good.rename(tmp_path / "elsewhere")
    good.symlink_to(tmp_path / "elsewhere")
    run(data, "--categories", "nuts")
    part(tmp_path / "elsewhere/new.png", 77).rename(
        os.fsdecode(os.fsencode(tmp_path) + b"/elsewhere/\xe9.png")
    )
    run(data, "--categories", "nuts")
    assert measured == [("nuts", "unet")] * 2


@pytest.fixture
def dark(tmp_path):
    """Good test photos in weaker light than the training photos."""
    folder = category(tmp_path / "lit/plates", train=10, good=8, red=2)
    for path in (folder / "test/good").iterdir():
        Image.open(path).point(lambda value: 0.9 * value).save(path)
    return folder


def test_good_test_photos_in_other_light_are_told(dark, tmp_path, no_plots, capsys):
    run = tmp_path / "run"
    detection.train(datasets.scan(dark), run, TrainOptions(method="filterbank", size=64))
    compared = light.compare(datasets.scan(dark), run)
    assert compared["brightness"] == pytest.approx(-13, abs=2)
    assert compared["level"] > 1.3
    assert compared["said"][0] == "darker"
    assert "unusual all over" in compared["said"][-1]
    page = page_of([ROW | {"category": "plates", "method": "filterbank", "light": compared}])
    assert "**The good test photos were taken in other light**: darker, judged" in page


def test_good_test_photos_in_the_same_light_are_not_told(tmp_path, no_plots):
    folder = category(tmp_path / "plates", train=12, good=8, red=2)
    detection.train(datasets.scan(folder), tmp_path / "run", TrainOptions(method="filterbank", size=64))
    compared = light.compare(datasets.scan(folder), tmp_path / "run")
    assert compared["said"] == []
    assert 0.6 < compared["level"] < 1.6
    page = page_of([ROW | {"category": "plates", "method": "filterbank", "light": compared}])
    assert "other light" not in page


def test_two_fused_are_measured_like_any_method(data, measured):
    run(data, "--methods", "patchcore-padim+unet-features", "--categories", "nuts")
    assert measured == [("nuts", "patchcore-padim+unet-features")]
    (row,) = json.loads((data.parent / "out/bench.json").read_text())["rows"]
    assert row["options"]["learning_rate"] == 2e-3, "what the one of them that learns is taught with"


def test_a_failure_is_written_down_and_tried_again_and_the_others_go_on(data, measured, capsys):
    measured.fail = ("bolts",)
    assert run(data) == REFUSED
    shown = capsys.readouterr()
    assert "| bolts | unet | torn \\| photo |" in shown.out
    assert "| **mean** | **0.900** (1 of 2) |" in shown.out
    assert "bolts            unet             failed: torn | photo" in shown.err
    measured.fail = ()
    assert run(data) == 0
    assert measured == [("bolts", "unet"), ("nuts", "unet"), ("bolts", "unet")]


def test_stopped_it_keeps_what_was_measured(data, measured, monkeypatch, capsys):
    run(data, "--categories", "nuts")

    def stopped(task, on_share):
        raise KeyboardInterrupt

    monkeypatch.setattr(bench, "measure", stopped)
    assert run(data) == CANCELLED
    assert "run the same command again to resume" in capsys.readouterr().err
    rows = json.loads((data.parent / "out/bench.json").read_text())["rows"]
    assert [row["category"] for row in rows] == ["nuts"]
    assert not list((data.parent / "out").glob(".run-*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--methods", "magic"], 'method is "magic"; choose'),
        (["--methods", ","], "No method is given"),
        (["--categories", "screws"], "has no category screws; it has bolts, nuts"),
        (["--set", "width"], "give OPTION=VALUE"),
        (["--set", "wings=2"], "give OPTION=VALUE"),
        (["--set", "width=wide"], "width must be a number"),
        (["--size", "33"], "multiple of 16"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_anything_is(data, measured, capsys, arguments, said):
    assert run(data, *arguments) == REFUSED
    assert said in capsys.readouterr().err
    assert measured == []


def test_a_folder_without_categories_is_refused(data, tmp_path, measured, capsys):
    assert run(data / "nuts") == REFUSED
    assert "Give their parent folder" in capsys.readouterr().err
    assert run(tmp_path / "nowhere") == REFUSED
    (tmp_path / "out").mkdir(exist_ok=True)
    (tmp_path / "out/bench.json").write_text("{}")
    assert run(data) == REFUSED
    assert "move it, or choose" in capsys.readouterr().err


def test_every_method_there_is_can_be_asked_for():
    assert set(registry.METHODS) <= set(catalogue.METHODS)


def test_the_process_that_measures_loads_no_torch():
    check = "import detection.cli, detection.bench, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import os; os._exit(3)", "ended with code 3: no output"),
        (
            "import sys; sys.stdin.read(); raise ValueError('too blue')",
            "ended with code 1: ValueError: too blue",
        ),
        ("import os; os.kill(os.getpid(), 9)", "killed, probably because memory ran out"),
        ("print('{\"share\": 0.5}', flush=True); raise SystemExit(4)", "ended with code 4"),
        ("print('{\"sha', end='', flush=True); raise SystemExit(5)", "ended with code 5"),
    ],
)
def test_a_training_that_dies_is_an_error_with_its_last_words(monkeypatch, tmp_path, script, said):
    child = tmp_path / "child"
    child.write_text(f'#!/bin/sh\nexec {sys.executable} -c "$CHILD"\n')
    child.chmod(0o755)
    monkeypatch.setenv("CHILD", script)
    monkeypatch.setattr(parent.sys, "executable", str(child))
    assert said in parent.measure({}, lambda share: None)["error"]["message"]


def page_of(rows):
    return markdown.page(
        {
            "command": "bench",
            "created": "2026-01-31T10:00:00+00:00",
            "commit": "b",
            "machine": {"cpu": "x", "cores": 2, "threads": 1, "python": "3", "torch": "2"},
            "rows": rows,
        }
    )


def test_what_auto_took_is_told_beside_what_was_best():
    tried = [{"method": "padim", "score": 0.8}, {"method": "unet", "score": None}]
    auto = ROW | {"category": "nuts", "method": "auto", "ranking": {"chosen": "padim", "candidates": tried}}
    other = ROW | {"category": "nuts", "method": "unet", "evaluation": EVALUATION | {"image_auroc": 0.95}}
    assert "| nuts | padim | padim 0.800 | 0.900 | unet 0.950 |" in page_of([auto, other])
    assert "What auto chose" not in page_of([other])


def test_rows_of_another_commit_are_said():
    page = page_of([ROW | {"category": "nuts", "method": "unet", "commit": commit} for commit in ("a", "b")])
    assert "31 January 2026" in page
    assert "some rows are from commit a" in page


def test_a_bar_in_a_name_does_not_end_its_cell():
    assert markdown._lines(["category"], [["a | b\nc"]])[-1] == "| a \\| b c |"
