"""Robustness: harmless changes by name and strength, and how the verdicts of a run hold under them."""

import csv
import json

import pytest
import torch
from PIL import Image

import detection
from detection import Cancelled, datasets
from detection.cli import main
from detection.cli.output import REFUSED
from detection.damage import graded
from detection.drawing.figures import styled
from detection.metrics.image import confusion, rates
from detection.robustness import heat_table
from detection.robustness.measure import LabelledPhoto, chosen, measure, photos_of
from detection.robustness.report import Cell, Report, Row
from tests.detection.parts import category, part

EVERY = 1 + len(graded.CHANGES) * len(graded.STRENGTHS)


def photo(seed: int = 0) -> torch.Tensor:
    """Smooth colours that differ from place to place, and grain."""
    chance = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 6, 5, generator=chance)
    smooth = torch.nn.functional.interpolate(coarse, size=(60, 50), mode="bicubic").clamp(0.2, 0.8)
    return (smooth + 0.02 * torch.randn(1, 3, 60, 50, generator=chance)).clamp(0, 1)


@pytest.mark.parametrize("name", graded.CHANGES)
def test_a_change_grows_with_its_strength_and_is_the_same_every_time(name):
    apart = []
    for strength in graded.STRENGTHS:
        changed = graded.changed(photo(), name, strength, number=1, px=1.5, seed=4)
        assert changed.shape == photo().shape
        assert 0 <= changed.min() <= changed.max() <= 1
        assert torch.equal(changed, graded.changed(photo(), name, strength, number=1, px=1.5, seed=4))
        apart.append(float((changed - photo()).abs().mean()))
    assert apart == sorted(apart)
    assert apart[-1] > 1.5 * apart[0] > 0
    assert len(graded.CHANGES[name].amounts) == len(graded.STRENGTHS)


def test_every_second_photo_is_changed_the_other_way():
    lighter, darker = (graded.changed(photo(), "brightness", 3, number=n, px=1).mean() for n in (0, 1))
    assert darker < photo().mean() < lighter


def test_a_lot_is_fair_to_kinds_of_defects_and_the_same_for_a_seed():
    labels = ["good"] * 9 + ["crack"] * 9 + ["dent"]
    numbers = chosen(labels, 4, seed=1)
    assert numbers == chosen(labels, 4, seed=1) != chosen(labels, 4, seed=2)
    assert sorted(labels[number] for number in numbers) == ["crack"] * 3 + ["dent"] + ["good"] * 4


@pytest.fixture(scope="module")
def detector(result):
    return detection.load(result.run_dir, device="cpu", runtime="torch")


@pytest.fixture(scope="module")
def steps():
    return []


@pytest.fixture(scope="module")
def report(detector, plates, steps):
    photos = photos_of(detector, datasets.scan(plates), 3)
    return measure(detector, photos, on_step=lambda *counted: steps.append(counted))


def test_a_report_counts_wrong_verdicts_after_each_change(report, detector, plates, steps):
    assert (report.n_good, report.n_defect) == (3, 3)
    assert [row.name for row in report.rows] == list(graded.CHANGES)
    photos = photos_of(detector, datasets.scan(plates), 3)
    verdicts = [prediction.verdict for prediction in detector.predict([photo.read() for photo in photos])]
    wrong = confusion([said == "ANOMALY" for said in verdicts], [photo.label != "good" for photo in photos])
    assert report.unchanged.rates == rates(wrong)
    assert all(cell.auroc is not None and cell.rates.miss for row in report.rows for cell in row.cells)
    assert steps[-1] == (6 * EVERY, 6 * EVERY)


def test_a_report_survives_json(report):
    assert Report.from_dict(json.loads(json.dumps(report.as_dict()))) == report


def test_what_is_asked_to_stop_stops(detector, plates):
    def stop(done, total):
        raise Cancelled("enough")

    with pytest.raises(Cancelled):
        measure(detector, photos_of(detector, datasets.scan(plates), 2), on_step=stop)


def test_on_grey_photos_nothing_is_said_of_white_balance(detector):
    grey = LabelledPhoto("good", lambda: Image.new("L", (40, 40), 120))
    said = measure(detector, [grey])
    assert "white_balance" not in [row.name for row in said.rows]
    assert any("grey" in note for note in said.notes)
    assert any("no defective" in note for note in said.notes)
    assert said.unchanged.auroc is None


def cell(strength: int, alarms: int, good: int = 30) -> Cell:
    return Cell(
        strength, "", None, (), rates(confusion([n < alarms for n in range(good)], [False] * good)), None
    )


def report_of(unchanged: int, **alarms: list[int]) -> Report:
    rows = [
        Row(name, name.capitalize(), tuple(cell(1 + at, count) for at, count in enumerate(counts)))
        for name, counts in alarms.items()
    ]
    return Report("part", "unet", 1.0, None, 0.01, True, 0, 30, 0, cell(0, unchanged), tuple(rows))


@pytest.mark.parametrize(
    ("unchanged", "alarms", "says"),
    [
        (
            0,
            {"focus": [0, 2, 3, 9, 30]},
            "False alarms exceed the promise of 1 % with focus from strength 3.",
        ),
        (
            *(0, {"focus": [0, 9, 9], "noise": [0, 9, 9], "dust": [0, 0, 9]}),
            "False alarms exceed the promise of 1 % with focus and noise from strength 2, with dust "
            "from strength 3.",
        ),
        (0, {"dust": [0, 1, 2]}, "No change makes false alarms exceed the promise of 1 %, as far as 30 good"),
        (9, {"dust": [9, 9, 9]}, "False alarms exceed the promise of 1 % even on the photos as they are."),
    ],
)
def test_a_report_says_from_which_strength_on_the_promise_is_broken(unchanged, alarms, says):
    assert report_of(unchanged, **alarms).says[0].startswith(says)


def test_the_worst_change_at_a_strength():
    worst = report_of(0, focus=[0, 2], noise=[1, 6]).worst(2)
    assert worst is not None
    assert (worst[0].name, worst[1].count) == ("noise", 6)


def test_the_heat_table_has_the_numbers_in_its_cells(report):
    with styled():
        panels = heat_table.draw(report).axes
    assert [axes.get_title(loc="left") for axes in panels] == ["False alarms, %", "Misses, %", "Image AUROC"]
    assert all(len(axes.texts) == EVERY for axes in panels)


def test_the_command_writes_table_and_picture_beside_the_run(run_dir, plates, tmp_path, capsys):
    assert main(["robustness", str(run_dir), str(plates), "--photos", "2", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert "| Brightness |" in shown
    assert "False alarms" in shown
    with (tmp_path / "robustness.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == EVERY
    assert rows[0]["change"] == "as they are"
    first = (tmp_path / "robustness.json").read_text()
    assert json.loads(first)["n_good"] == 2
    args = ["robustness", str(run_dir), str(plates), "--photos", "2", "--json"]
    assert main([*args, "--out", str(tmp_path)]) == 0
    assert (tmp_path / "robustness.json").read_text() == first, "the same seed gives the same report"
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {"robustness.png", "robustness.svg"}


def test_without_good_test_photos_there_is_nothing_to_measure(run_dir, tmp_path, capsys):
    folder = category(tmp_path / "plates", train=3, red=1)
    part(folder / "test/good/00.png", 0)  # one that the run has learned from
    assert main(["robustness", str(run_dir), str(folder), "--json"]) == REFUSED
    assert "test/good" in json.loads(capsys.readouterr().out)["error"]["message"]
    assert not (run_dir / "robustness.json").exists()
