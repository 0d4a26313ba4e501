"""Run folders: complete, checked, and refused with a remedy when they are not."""

import csv
import json
import math
import shutil

import pytest

import detection
from detection import BadArtifact, BadOptions
from detection.files import artifact

FILES = {
    "manifest.json",
    "weights.safetensors",
    "config.json",
    "threshold.json",
    "dataset.json",
    "metrics.json",
    "history.csv",
    "scores.csv",
    *(
        f"plots/{name}.{kind}"
        for name in ("losses", "roc", "pr", "score_histogram")
        for kind in ("svg", "png")
    ),
}


@pytest.fixture
def copied(run_dir, tmp_path):
    return shutil.copytree(run_dir, tmp_path / "copied")


def refused(folder):
    with pytest.raises(BadArtifact) as caught:
        detection.load(folder)
    return str(caught.value)


def test_a_run_folder_is_complete_and_nothing_is_left_beside_it(run_dir):
    files = {str(path.relative_to(run_dir)) for path in run_dir.rglob("*.*")}
    examples = {f"plots/example-{kind}-{n}.jpg" for kind in ("dark", "good", "red") for n in (1, 2, 3)}
    assert files == FILES | examples | {"plots/examples.json"}
    assert [path.name for path in run_dir.parent.iterdir()] == [run_dir.name]


@pytest.mark.parametrize("name", ["value", "review_from"])
def test_a_threshold_that_is_no_number_is_no_artifact(copied, name):
    """Every photo would be OK: no score is at or above NaN."""
    chosen = json.loads((copied / "threshold.json").read_text())
    chosen["threshold"][name] = math.nan
    (copied / "threshold.json").write_text(json.dumps(chosen))
    (copied / "manifest.json").unlink()
    artifact._seal(copied)
    assert "retrain" in refused(copied)


def test_of_two_trainings_into_one_folder_the_second_is_refused(tmp_path):
    with pytest.raises(BadOptions, match="never overwritten"), artifact.writing(tmp_path / "run") as late:
        (late / "late.txt").touch()
        with artifact.writing(tmp_path / "run") as first:
            (first / "first.txt").touch()
    assert {path.name for path in tmp_path.rglob("*.txt")} == {"first.txt"}


def test_its_tables_have_a_line_for_each_epoch_and_image(run_dir):
    history = list(csv.DictReader((run_dir / "history.csv").open()))
    assert [int(row["epoch"]) for row in history] == list(range(1, len(history) + 1))
    scores = list(csv.DictReader((run_dir / "scores.csv").open()))
    assert len(scores) == 13
    assert {row["prediction"] for row in scores} == {"OK", "ANOMALY"}
    assert all((float(r["score"]) >= float(r["threshold"])) == (r["prediction"] == "ANOMALY") for r in scores)


@pytest.mark.parametrize("name", sorted(FILES - {"manifest.json"}))
def test_a_file_changed_by_one_byte_is_noticed(copied, name):
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    assert f"{name} has changed" in refused(copied)


def test_a_missing_file_is_named_with_what_to_do(copied):
    (copied / "config.json").unlink()
    assert "config.json is missing. Restore the folder from a backup, or retrain." in refused(copied)


@pytest.mark.parametrize(("version", "remedy"), [(99, "update this program"), (0, "retrain the category")])
def test_another_format_version_is_refused_with_its_remedy(copied, version, remedy):
    manifest = json.loads((copied / "manifest.json").read_text())
    (copied / "manifest.json").write_text(json.dumps({**manifest, "format_version": version}))
    assert remedy in refused(copied)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format_version": 1, "files": [1]}'])
def test_a_broken_manifest_is_refused(copied, content):
    (copied / "manifest.json").write_text(content)
    assert "manifest.json cannot be read" in refused(copied)


def test_a_folder_that_is_no_run_is_refused_with_the_one_meant(run_dir, tmp_path):
    assert "is not a folder" in refused(tmp_path / "nowhere")
    assert "is not a run folder" in refused(tmp_path)
    assert f"the newest is {run_dir.name}" in refused(run_dir.parent)
