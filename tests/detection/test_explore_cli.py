"""`python -m detection explore`, as scripts and people use it."""

import json

import pytest

from detection import explore
from detection.cli import main
from detection.cli.explore import HAS_FINDINGS
from detection.cli.output import CANCELLED, REFUSED
from tests.detection.parts import category


@pytest.fixture
def data(tmp_path):
    folder = category(tmp_path / "data/plates", train=14, good=2)
    (folder / "test/good/copy.png").write_bytes((folder / "train/good/00.png").read_bytes())
    category(tmp_path / "data/other", train=3)
    return tmp_path / "data"


@pytest.fixture
def plain(monkeypatch):
    """Figures take most of the time, and have their own tests."""
    monkeypatch.setattr("detection.explore.plots.write", lambda *args: {})
    monkeypatch.setattr("detection.explore.plots.write_overview", lambda *args: {})


def test_a_category_prints_its_page_and_says_what_to_put_right(data, tmp_path, capsys):
    assert main(["explore", str(data / "plates"), "--runs", str(tmp_path / "runs")]) == 0
    printed = capsys.readouterr()
    page = tmp_path / "runs/_explore/plates/explore.html"
    assert printed.out.strip() == str(page)
    assert "error: 1 photo is in both training and test." in printed.err
    assert page.is_file()
    assert (page.parent / "explore.json").is_file()
    assert (page.parent / "plots/counts.png").is_file()


def test_what_is_not_used_is_named(data, tmp_path, capsys, plain):
    (data / "plates/train/good/notes.txt").write_text("x")
    assert main(["explore", str(data / "plates"), "--out", str(tmp_path / "out")]) == 0
    assert (
        "note: 1 file is skipped: it is not a photo.\n    train/good/notes.txt\n" in capsys.readouterr().err
    )


def test_a_folder_of_several_has_a_page_for_each_and_one_that_compares(data, tmp_path, capsys, plain):
    (data / "broken/train").mkdir(parents=True)
    assert main(["explore", str(data), "--out", str(tmp_path / "out")]) == REFUSED
    printed = capsys.readouterr()
    assert printed.out.strip() == str(tmp_path / "out/explore.html")
    assert "error: broken: " in printed.err
    for name in ("plates", "other"):
        assert (tmp_path / "out" / name / "explore.html").is_file()


def test_json_is_one_object(data, tmp_path, capsys, plain):
    out = ["--out", str(tmp_path / "out"), "--json"]
    assert main(["explore", str(data / "plates"), *out]) == 0
    one = json.loads(capsys.readouterr().out)
    assert one["counts"]["train"] == {"good": 14}
    assert one["page"] == str(tmp_path / "out/explore.html")
    assert len(one["photos"]) == 17
    assert main(["explore", str(data), *out]) == 0
    several = json.loads(capsys.readouterr().out)
    assert [category["category"] for category in several["categories"]] == ["other", "plates"]


def test_what_is_found_may_fail_a_script(data, tmp_path, plain):
    out = ["--out", str(tmp_path / "out")]
    assert main(["explore", str(data / "plates"), *out, "--fail-on", "error"]) == HAS_FINDINGS
    assert main(["explore", str(data / "other"), *out, "--fail-on", "error"]) == 0
    assert main(["explore", str(data / "other"), *out, "--fail-on", "warning"]) == HAS_FINDINGS


@pytest.mark.parametrize("place", ["nowhere", ""])
def test_what_is_no_category_is_refused(tmp_path, place, capsys):
    assert main(["explore", str(tmp_path / place), "--json"]) == REFUSED
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "bad_dataset"


def test_nothing_can_be_looked_at(tmp_path, capsys):
    (tmp_path / "data/broken/train").mkdir(parents=True)
    assert main(["explore", str(tmp_path / "data"), "--out", str(tmp_path / "out")]) == REFUSED
    assert "broken has no train/good folder" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_ctrl_c(data, monkeypatch):
    def interrupted(*args, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(explore, "describe", interrupted)
    assert main(["explore", str(data / "plates")]) == CANCELLED
