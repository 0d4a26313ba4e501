from io import StringIO

import pytest
from django.core.management import CommandError, call_command

import detection
from inspector.core.jobs import State
from inspector.registry.selectors import active_version
from inspector.robustness.gate import change_gate
from inspector.training.models import TrainingRun
from tests.factories import CategoryFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db


def run(*arguments, **options):
    out = StringIO()
    call_command("train", *arguments, verbosity=0, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_it_trains_here_and_now_without_telling_a_worker(category, training, nudges):
    assert "Nut v1 (candidate)" in run(
        "nut", "--method", "unet", "--epochs", "3", "--size", "32", "--learning-rate", "0.01"
    )
    made = TrainingRun.objects.get()
    assert (made.state, made.options) == (State.DONE, {"epochs": 3, "size": 32, "learning_rate": 0.01})
    assert nudges == []


def test_method_policy_and_review_may_be_chosen(category, training):
    run("nut", "--method", "filterbank", "--threshold", "conformal", "--target", "0.02", "--review", "0.05")
    made = TrainingRun.objects.get()
    assert made.method == "filterbank"
    assert made.options == {"threshold": "conformal", "target": 0.02, "review": 0.05}


def test_without_a_method_it_is_the_one_of_last_time(category, training):
    run("nut", "--method", "padim")
    run("nut")
    assert [made.method for made in TrainingRun.objects.all()] == ["padim", "padim"]


def test_the_new_version_may_be_promoted_at_once(category, training):
    ModelVersionFactory.create(category=category, number=1)
    assert "(active)" in run("nut", "--promote")
    assert active_version(category).number == 2


def test_what_speaks_against_promoting_one_of_a_family_keeps_no_other(category, training, monkeypatch):
    bolt = CategoryFactory.create(slug="bolt", name="Bolt")
    versions = [ModelVersionFactory.create(category=one, standing="candidate") for one in (category, bolt)]
    change_gate(category, by=None, is_on=True)
    command = "inspector.training.management.commands.train.Command"
    monkeypatch.setattr(f"{command}._submit", lambda self, options: [])
    monkeypatch.setattr(f"{command}._train", lambda self, runs, *, quiet: versions)
    with pytest.raises(
        CommandError, match=f"^{versions[0]} stays a candidate: There is no robustness report"
    ):
        run("nut", "bolt", "--promote")
    assert (active_version(category), active_version(bolt)) == (None, versions[1])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["nuts"], "There are: nut"), (["nut", "--size", "33"], "multiple of 16")],
)
def test_what_cannot_be_trained_ends_with_status_1(category, training, arguments, told):
    with pytest.raises(CommandError, match=told) as error:
        run(*arguments)
    assert error.value.returncode == 1


def test_a_failed_training_ends_with_status_1_and_its_reason(category, training):
    training.error = detection.BadDataset("Too dark.")
    with pytest.raises(CommandError, match="Too dark") as error:
        run("nut")
    assert error.value.returncode == 1


def test_ctrl_c_cancels_the_run(category, training):
    training.error = KeyboardInterrupt()
    with pytest.raises(SystemExit) as ended:
        run("nut")
    assert ended.value.code == 130
    assert TrainingRun.objects.get().state == State.CANCELLED
