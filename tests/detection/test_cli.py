"""The command line, as scripts and people use it."""

import csv
import json
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import detection
from detection.cli import READER_LEFT, main, visualise
from detection.cli.output import CANCELLED, REFUSED, Bar, bit_depth, ranked
from detection.cli.predict import ANOMALY_FOUND
from detection.errors import BadDataset, BadOptions
from detection.names import for_file, printable
from detection.options import for_method
from detection.photos import images
from detection.types import Progress
from tests.detection.parts import category, part

TINY = ["--method", "unet", "--size", "32", "--width", "4", "--epochs", "1", "--seed", "3"]


pytestmark = pytest.mark.usefixtures("no_plots")


@pytest.fixture
def folder(tmp_path):
    return category(tmp_path / "plates", train=3, good=2, red=2)


def only_json(capsys):
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    return json.loads(out)


EXPLAINING = ["explain", "explanations"]
COMMANDS = [
    "train",
    "evaluate",
    "predict",
    "which",
    *EXPLAINING,
    "robustness",
    "export",
    "explore",
    "bench",
    "demo-data",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples_and_exit_codes(capsys, command):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert f"python -m detection {command}" in shown.split("examples:")[1]
    assert "exit codes:" in shown


def test_misuse_ends_with_2(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["predict"])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    "wrong",
    [
        ["predict", "run", ""],
        ["train", ""],
        ["demo-data", "out", "--seed", "-1"],
        ["robustness", "run", "data", "--seed", "99999999999999999999"],
        ["explanations", "run", "data", "--defects", "0"],
        ["explanations", "run", "data", "--shap-seconds", "nan"],
    ],
)
def test_values_that_make_no_sense_end_with_2_before_anything_is_read(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "error: argument" in capsys.readouterr().err


def test_train_prints_the_run_folder_and_two_runs_do_not_collide(folder, tmp_path, capsys):
    printed = []
    for _ in range(2):
        assert main(["train", str(folder), "--runs", str(tmp_path / "runs"), *TINY]) == 0
        captured = capsys.readouterr()
        printed.append(captured.out.strip())
        assert "image AUROC" in captured.err
    assert printed[0] != printed[1]
    for run in printed:
        assert run.startswith(str(tmp_path / "runs/plates/"))
        assert detection.load(run).config["options"]["seed"] == 3


def test_train_as_json_is_one_object(folder, tmp_path, capsys):
    assert main(["train", str(folder), "--runs", str(tmp_path / "runs"), "--json", *TINY]) == 0
    printed = only_json(capsys)
    assert detection.load(printed["run"]).threshold.value == printed["threshold"]["value"]
    assert printed["evaluation"]["n_defect"] == 2


def test_train_reads_sub_folders_and_says_so(folder, tmp_path, capsys):
    part(folder / "train/good/late/shift1/00.png", 77)
    assert main(["train", str(folder), "--runs", str(tmp_path / "runs"), *TINY]) == 0
    printed = capsys.readouterr()
    assert "note: train/good: 4 photos, 1 of them in 2 sub-folders" in printed.err
    config = detection.load(printed.out.strip()).config
    assert config["images"]["learned"] + config["images"]["held_back"] == 4
    assert config["notes"] == ["train/good: 4 photos, 1 of them in 2 sub-folders. All of them are used."]


def test_folders_of_another_layout_can_be_named(folder, tmp_path, capsys):
    (folder / "train/good").rename(folder / "OK")
    (folder / "test/red").rename(folder / "NG")
    train = ["train", str(folder), "--runs", str(tmp_path / "runs"), "--json", *TINY]
    assert main(train) == REFUSED
    assert "--good" in only_json(capsys)["error"]["message"]
    named = [
        "--good",
        str(folder / "OK"),
        "--test",
        f"scratch={folder / 'NG'}",
        f"good={folder / 'test/good'}",
    ]
    assert main([*train, *named]) == 0
    printed = only_json(capsys)
    assert printed["config"]["images"] | {"train": 3, "good": 2, "scratch": 2} == printed["config"]["images"]
    assert main(["evaluate", printed["run"], str(folder), *named, "--json"]) == 0
    assert only_json(capsys)["n_defect"] == 2
    assert main(["explore", str(folder), *named, "--out", str(tmp_path / "out"), "--json"]) == 0
    assert only_json(capsys)["counts"]["test"] == {"good": 2, "scratch": 2}


def test_evaluate_needs_no_photos_to_learn_from(run_dir, plates, tmp_path, capsys):
    (tmp_path / "plates").mkdir()
    (tmp_path / "plates/test").symlink_to(plates / "test")
    assert main(["evaluate", str(run_dir), str(tmp_path / "plates"), "--json"]) == 0
    assert only_json(capsys)["n_defect"] == 7


def test_a_refused_training_leaves_no_folder(folder, tmp_path, capsys):
    (folder / "train/good/00.png").write_bytes(b"")
    assert main(["train", str(folder), "--runs", str(tmp_path / "runs"), "--json", *TINY]) == REFUSED
    assert only_json(capsys)["error"]["code"] == "bad_dataset"
    assert not (tmp_path / "runs/plates").exists()


def test_ctrl_c_leaves_no_folder_and_a_code_of_its_own(folder, tmp_path, capsys, monkeypatch):
    def interrupted(*args, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(detection, "train", interrupted)
    assert main(["train", str(folder), "--runs", str(tmp_path / "runs"), *TINY]) == CANCELLED
    assert not (tmp_path / "runs/plates").exists()
    assert "Nothing was written" in capsys.readouterr().err


def test_ctrl_c_while_photos_are_judged_says_where_the_first_ones_are(
    run_dir, plates, tmp_path, capsys, monkeypatch
):
    append = visualise.append

    def interrupted(*args):
        append(*args)
        raise KeyboardInterrupt

    monkeypatch.setattr(visualise, "append", interrupted)
    out = tmp_path / "out"
    assert main(["predict", str(run_dir), str(plates / "test"), "--out", str(out)]) == CANCELLED
    said = capsys.readouterr().err
    assert "Nothing was written" not in said
    assert str(out / visualise.SUMMARY) in said
    assert (out / visualise.SUMMARY).is_file()


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_reader_that_has_enough_causes_no_error(run_dir, plates, tmp_path, capfd, monkeypatch, as_json):
    """As `| head -1` does."""
    reader, writer = os.pipe()
    os.close(reader)
    photo = str(next((plates / "test/good").iterdir()))
    with os.fdopen(writer, "w", encoding="utf-8") as pipe:
        monkeypatch.setattr("sys.stdout", pipe)
        assert main(["predict", str(run_dir), photo, "--out", str(tmp_path), *as_json]) == READER_LEFT
    assert "error" not in capfd.readouterr().err


@pytest.mark.parametrize("size", [(8, 8), (6, 900)])
def test_verdict_and_heatmap_can_be_read_on_photos_of_any_shape(run_dir, tmp_path, size):
    Image.new("RGB", size, "grey").save(tmp_path / "odd.png")
    assert main(["predict", str(run_dir), str(tmp_path / "odd.png"), "--out", str(tmp_path)]) == 0
    with Image.open(next(tmp_path.glob("*odd.jpg"))) as picture:
        assert picture.width >= 300
        assert picture.height >= 240


def test_photos_that_cannot_be_read_are_named_all_at_once(folder, tmp_path, capsys):
    for name in ("train/good/00.png", "test/good/00.png", "test/red/00.png"):
        (folder / name).write_bytes(name.encode())
    assert main(["train", str(folder), *TINY, "--runs", str(tmp_path / "runs")]) == REFUSED
    said = capsys.readouterr().err
    assert "3 of 7 photos cannot be read" in said
    assert all(name in said for name in ("train/good/00.png", "test/good/00.png", "test/red/00.png"))


def test_comparing_without_a_draft_is_said_to_do_nothing(run_dir, plates, tmp_path, capsys):
    photo = str(plates / "test/good/00.png")
    assert main(["predict", str(run_dir), photo, "--compare", "0.5", "--out", str(tmp_path)]) == 0
    assert "--compare not used: it needs --fast" in capsys.readouterr().err


def test_an_error_is_one_line_whatever_names_it_has(capsys):
    assert main(["evaluate", "no\nrun", "no\nfolder"]) == REFUSED
    assert capsys.readouterr().err.count("\n") == 1


def test_ctrl_c_before_the_program_is_loaded_shows_no_trace(capsys, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("detection.cli.main", interrupted)
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("detection", run_name="__main__")
    assert ended.value.code == CANCELLED
    assert "Nothing was written" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_command_that_is_killed_ends_as_by_ctrl_c(name):
    # Where the tests run under nohup, their processes would ignore SIGHUP.
    killed = f"""
import runpy, signal, detection.cli
signal.signal(signal.{name}, signal.SIG_DFL)
def main():
    try:
        signal.raise_signal(signal.{name})
    finally:
        print("removed what it had begun")
detection.cli.main = main
runpy.run_module("detection", run_name="__main__")
"""
    ended = subprocess.run([sys.executable, "-c", killed], check=False, capture_output=True, text=True)
    assert ended.returncode == CANCELLED
    assert ended.stdout == "removed what it had begun\n"


def test_evaluate_for_people_and_as_json(run_dir, plates, capsys):
    assert main(["evaluate", str(run_dir), str(plates)]) == 0
    shown = capsys.readouterr().out
    assert "image AUROC 1.000" in shown
    assert "Cross-fitting" in shown
    assert main(["evaluate", str(run_dir), str(plates), "--json"]) == 0
    wanted = (
        "category method image_auroc f1 precision recall threshold n_good n_defect by_defect ms_per_image"
    )
    assert set(wanted.split()) <= set(only_json(capsys))


def test_predict_writes_overlays_and_one_line_for_each_photo(run_dir, plates, capsys):
    photos = [str(plates / "test/good/00.png"), str(plates / "test/red/00.png")]
    out = run_dir.parent.parent / "_pred_vis"
    for _ in range(2):
        assert main(["predict", str(run_dir), *photos]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["OK", "ANOMALY"] * 2
    with (out / "predict_summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    columns = ["category", "score", "threshold", "prediction", "visualization_path", "image"]
    assert list(rows[0]) == columns
    assert [row["image"] for row in rows] == photos * 2
    assert [row["prediction"] for row in rows] == ["OK", "ANOMALY"] * 2
    assert len({row["visualization_path"] for row in rows}) == 4
    for row in rows:
        with Image.open(row["visualization_path"]) as picture:
            assert picture.width > 3 * 32


def test_predict_decodes_each_photo_once(run_dir, plates, tmp_path, monkeypatch):
    decoded = []

    def counted(source, **more):
        decoded.append(source)
        return load(source, **more)

    load = images.load
    monkeypatch.setattr("detection.photos.images.load", counted)
    photos = sorted(plates.glob("test/*/*.png"))
    assert main(["predict", str(run_dir), *map(str, photos), "--out", str(tmp_path)]) == 0
    assert sorted(decoded) == photos
    with (tmp_path / "predict_summary.csv").open() as file:
        shown = [Path(row["visualization_path"]).stem for row in csv.DictReader(file)]
    assert shown == [f"plates-{photo.parent.name}-{photo.stem}" for photo in photos], "in the order given"


def test_predict_goes_on_over_bad_files_and_ends_with_1(run_dir, plates, tmp_path, capsys):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no photo")
    photos = [str(bad), str(tmp_path / "none.png"), str(plates / "test/red/00.png")]
    assert main(["predict", str(run_dir), *photos, "--out", str(tmp_path / "out"), "--json"]) == REFUSED
    printed = only_json(capsys)
    assert [error["code"] for error in printed["errors"]] == ["not_an_image", "file"]
    assert [one["prediction"] for one in printed["predictions"]] == ["ANOMALY"]


@pytest.mark.parametrize(
    "name", [b"\xfc" * 20 + b".png", b"a" * 246 + b".png", "ä".encode() * 123 + b".png", b"a\nb.png"]
)
def test_no_name_of_a_photo_loses_the_others(run_dir, plates, tmp_path, capsys, name):
    odd = tmp_path / "in" / os.fsdecode(name)
    odd.parent.mkdir()
    odd.write_bytes((plates / "test/red/00.png").read_bytes())
    photos = [plates / "test/good/00.png", odd, tmp_path / ("b" * 300), plates / "test/red/01.png"]
    given = [str(path) for path in photos]
    assert main(["predict", str(run_dir), *given, "--out", str(tmp_path / "out")]) == REFUSED
    printed = capsys.readouterr()
    assert [line.split()[0] for line in printed.out.splitlines()] == ["OK", "ANOMALY", "ANOMALY"]
    assert printed.err.startswith("error: ") and "File name too long" in printed.err
    with (tmp_path / "out/predict_summary.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["prediction"] for row in rows] == ["OK", "ANOMALY", "ANOMALY"]
    assert all(Path(row["visualization_path"]).is_file() for row in rows)
    assert rows[1]["image"] == printable(odd)


def test_photos_of_one_name_have_pictures_of_their_own(run_dir, plates, tmp_path):
    for folder in ("a/x", "b/x"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "1.png").write_bytes((plates / "test/red/00.png").read_bytes())
    photos = [str(tmp_path / folder / "x/1.png") for folder in "ab"]
    assert main(["predict", str(run_dir), *photos, "--out", str(tmp_path / "out")]) == 0
    with (tmp_path / "out/predict_summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == photos
    assert len({row["visualization_path"] for row in rows}) == 2


def test_predict_takes_folders_with_what_is_in_them(run_dir, plates, tmp_path, capsys):
    (tmp_path / "in/late").mkdir(parents=True)
    (tmp_path / "in/1.png").write_bytes((plates / "test/good/00.png").read_bytes())
    (tmp_path / "in/late/1.png").write_bytes((plates / "test/red/00.png").read_bytes())
    (tmp_path / "in/notes.txt").write_text("x")
    out = ["--out", str(tmp_path / "out"), "--json"]
    assert main(["predict", str(run_dir), str(tmp_path / "in"), *out]) == 0
    printed = capsys.readouterr()
    verdicts = {one["image"]: one["prediction"] for one in json.loads(printed.out)["predictions"]}
    assert verdicts == {str(tmp_path / "in/1.png"): "OK", str(tmp_path / "in/late/1.png"): "ANOMALY"}
    assert f"note: {tmp_path}/in/notes.txt is skipped: it is not a photo" in printed.err


def test_a_folder_without_photos_is_told_and_the_others_are_judged(run_dir, plates, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    given = [str(tmp_path / "empty"), str(plates / "test/red/00.png")]
    assert main(["predict", str(run_dir), *given, "--out", str(tmp_path / "out"), "--json"]) == REFUSED
    printed = only_json(capsys)
    assert [(error["image"], error["code"]) for error in printed["errors"]] == [(given[0], "no_photos")]
    assert len(printed["predictions"]) == 1


def test_a_table_of_an_earlier_version_gets_the_new_column(run_dir, plates, tmp_path):
    table = tmp_path / "predict_summary.csv"
    table.write_text("category,score,threshold,prediction,visualization_path\nplates,1,2,OK,a.jpg\n")
    assert main(["predict", str(run_dir), str(plates / "test/red/00.png"), "--out", str(tmp_path)]) == 0
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["prediction"] for row in rows] == ["OK", "ANOMALY"]
    assert [row["image"] for row in rows] == [None, str(plates / "test/red/00.png")]


def test_an_anomaly_may_fail_a_script(run_dir, plates, tmp_path, capsys):
    out = ["--out", str(tmp_path), "--fail-on-anomaly"]
    assert main(["predict", str(run_dir), str(plates / "test/red/00.png"), *out]) == ANOMALY_FOUND
    assert main(["predict", str(run_dir), str(plates / "test/good/00.png"), *out]) == 0


def test_a_folder_that_is_no_run_is_refused(tmp_path, capsys):
    assert main(["predict", str(tmp_path), "photo.png"]) == REFUSED
    assert "not a run folder" in capsys.readouterr().err


def test_demo_data_makes_categories(tmp_path, capsys, monkeypatch):
    made = []

    def make(directory, *, seed, on_progress):
        made.append((directory, seed))
        on_progress(1, 1)
        return [directory / "nut"]

    monkeypatch.setattr("detection.demo.make", make)
    assert main(["demo-data", str(tmp_path), "--seed", "4", "--json"]) == 0
    assert made == [(tmp_path, 4)]
    assert only_json(capsys) == {"categories": [str(tmp_path / "nut")]}


def test_names_for_files_are_kept_where_they_can_be_and_never_become_one():
    assert for_file("plates-good-00") == "plates-good-00"
    odd = ["a" * 300, "a" * 301, "M\udcfcller", "M\udce4ller", "a/b", "a:b", "ä" * 150, ""]
    made = [for_file(name) for name in odd]
    assert len(set(made)) == len(odd)
    assert all(0 < len(name.encode()) <= 200 and name.isprintable() and "/" not in name for name in made)


def test_train_takes_auto_by_default_and_says_what_it_does(folder, tmp_path, capsys, monkeypatch):
    asked = []

    def train(dataset, run_dir, options, **more):
        asked.append(options)
        raise BadDataset("far enough")

    monkeypatch.setattr(detection, "train", train)
    command = ["train", str(folder), "--runs", str(tmp_path / "runs")]
    assert main([*command, "--epochs", "3"]) == REFUSED
    assert asked == [for_method("auto", epochs=3)]
    printed = capsys.readouterr().err
    assert "auto: trains every method that can run here, at most 20 minutes" in printed
    assert "note: --epochs not used" in printed
    assert main([*command, "--method", "unet", "--epochs", "3"]) == REFUSED
    assert "auto" not in capsys.readouterr().err


def test_train_in_python_takes_auto_without_options(tmp_path, monkeypatch):
    def create(options, *others):
        raise BadOptions(options.method)

    monkeypatch.setattr("detection.selection.create", create)
    with pytest.raises(BadOptions, match=r"^auto$"):
        detection.train(detection.Dataset("part", ()), tmp_path / "run")


def test_an_option_that_the_method_does_not_have_is_named(folder, tmp_path, capsys):
    assert main(["train", str(folder), "--runs", str(tmp_path / "runs"), *TINY, "--weights", "none.pth"]) == 0
    assert "--weights not used: unet has no such option" in capsys.readouterr().err


def test_train_says_from_how_many_photos_it_learned(folder, tmp_path, capsys):
    part(folder / "train/good/copy.png", 0)
    assert main(["train", str(folder), "--runs", str(tmp_path / "runs"), *TINY]) == 0
    printed = capsys.readouterr().err
    assert (
        "trained on 2 of 4 training photos, 1 held out to choose the threshold, 1 duplicate left out"
        in printed
    )


def test_what_auto_tried_is_told():
    ranking = {
        "chosen": "filterbank",
        "why": "The usual choice.",
        "candidates": [
            {
                "method": "filterbank",
                "score": 0.9,
                "interval": (0.8, 1.0),
                "seconds": 4.0,
                "left_out": "",
            },
            {"method": "padim", "score": None, "interval": None, "seconds": 0, "left_out": "No weights."},
        ],
    }
    first, tried, lacking = ranked(ranking)
    assert first == "auto chose filterbank. The usual choice."
    assert "AUROC on synthetic defects 0.900 (0.800 to 1.000), 4 s" in tried
    assert "left out: No weights." in lacking


def test_a_training_says_how_far_it_is_where_nobody_has_a_terminal(capsys):
    now = [0.0]
    bar = Bar(silent=False, clock=lambda: now[0])
    for now[0], done in ((1.0, 10), (31.0, 50), (40.0, 60)):
        bar.progress(Progress("training", done, 100, done / 100))
    assert capsys.readouterr().err == "50%  training 50/100\n"


def test_cells_of_the_tables_execute_nothing(tmp_path):
    folder = category(tmp_path / "=plates", train=3, good=2, red=2)
    (folder / "test/red").rename(folder / "test/@red")
    photo = (folder / "test/good/00.png").rename(folder / "test/good/=1+1.png")
    assert main(["train", str(folder), "--runs", str(tmp_path / "runs"), *TINY]) == 0
    [run] = (tmp_path / "runs/=plates").iterdir()
    with (run / "scores.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["label"] for row in rows} == {"good", "'@red"}
    assert "'=1+1.png" in {row["image"] for row in rows}
    assert all(float(row["score"]) >= 0 for row in rows)
    assert main(["predict", str(run), str(photo), "--out", str(tmp_path / "out")]) == 0
    with (tmp_path / "out/predict_summary.csv").open(newline="") as file:
        assert [row["category"] for row in csv.DictReader(file)] == ["'=plates"]


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ({"uint16": [0, 4095]}, "12-bit photos: 4,095 is white, in later photos too"),
        ({"uint16": [0, 65535]}, "16-bit photos: 65,535 is white, in later photos too"),
        ({"uint16": [100, 4000]}, ""),
        ({}, ""),
    ],
)
def test_the_bit_depth_that_was_found_is_told(levels, words):
    assert bit_depth(levels) == words
