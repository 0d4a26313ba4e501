"""What cannot be trained because weights are missing is known before the start, at every door."""

from datetime import timedelta
from importlib import import_module
from urllib.error import URLError

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from detection import WeightsMissing
from detection.options import weight_files
from detection.options.catalogue import WELL_KNOWN
from inspector.core import work
from inspector.core.errors import Conflict
from inspector.core.jobs import State
from inspector.core.roles import Role
from inspector.training import report, tasks
from inspector.training.ability import FRESH, ability
from inspector.training.models import TrainingMachine, TrainingRun
from inspector.training.submit import join, submit
from tests.factories import ModelVersionFactory, TrainingMachineFactory, TrainingRunFactory

pytestmark = pytest.mark.django_db
RAW = "<urlopen error [Errno -3] Temporary failure in name resolution>"
FOUND = {"resnet18": "here", "resnet50": "download", "wide_resnet50_2": "missing", "mobilenet_v2": "missing"}


@pytest.fixture
def offline(monkeypatch, tmp_path):
    def head(url, seconds):
        raise URLError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv(weight_files.FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(weight_files, "head", head)


# --- What is known ---------------------------------------------------------------------------
def test_what_nobody_said_keeps_nothing_from_being_trained():
    assert not ability().known
    assert ability().lack("patchcore") is None


def test_what_was_said_long_ago_counts_no_more():
    said = TrainingMachineFactory.create()
    assert ability().lack("patchcore")
    TrainingMachine.objects.update(seen=timezone.now() - FRESH - timedelta(seconds=1))
    assert not ability().known
    assert ability().seen < said.seen


def test_the_best_of_several_machines_counts():
    TrainingMachineFactory.create()
    TrainingMachineFactory.create(weights=FOUND)
    able = ability()
    assert able.weights == FOUND
    assert able.lack("patchcore") is None
    assert able.lack("padim", "mobilenet_v2")
    assert "downloaded once, from" in able.download("padim", "resnet50")
    assert able.download("unet", "resnet50") == able.download("padim") == ""


def test_what_is_lacked_is_said_with_what_to_do():
    TrainingMachineFactory.create(weights_folder="/data/weights")
    lack = ability().lack("patchcore+unet-features")
    assert lack.sentence == (
        "PatchCore + UNet on a filter bank needs the weights of ResNet-18, which the training machine lacks."
    )
    assert weight_files.URLS["resnet18"] in lack.remedy
    assert "in the folder /data/weights on the training machine" in lack.remedy
    assert [ability().lack(method) for method in ("auto", "filterbank", "unet")] == [None] * 3
    assert ability().left_out_of_auto.startswith("PatchCore with PaDiM is left out")


def test_networks_of_timm_are_offered_where_timm_is_and_their_weights():
    known, own = next(iter(WELL_KNOWN)), "timm/vit_own"
    TrainingMachineFactory.create(weights=FOUND)
    lack = ability().lack("patchcore", known)
    assert str(lack).startswith(
        f"DINOv2 small ({known}) needs timm, which the training machine lacks. Run “pip"
    )
    assert ability().networks == ["resnet18", "resnet50"]
    TrainingMachineFactory.create(weights=FOUND | {"timm/": "missing", known: "missing", own: "here"})
    able = ability()
    assert able.networks == ["resnet18", "resnet50", own]
    assert f"save it as {known}.safetensors in a folder that" in able.lack("auto", known).remedy
    assert able.lack("patchcore", own) is able.lack("unet", known) is None
    assert able.lack("patchcore", "timm/other")
    TrainingMachineFactory.create(weights=FOUND | {"timm/": "download", known: "download"})
    assert ability().lack("patchcore", "timm/other") is None
    assert ability().networks == ["resnet18", "resnet50", *WELL_KNOWN, own]


# --- What workers say ------------------------------------------------------------------------
def test_a_worker_says_what_is_in_its_folder(offline, monkeypatch, tmp_path):
    monkeypatch.setenv(weight_files.FOLDER_VARIABLE, str(tmp_path))
    assert set(report.report().weights.values()) == {"missing"}
    (tmp_path / "resnet18-mine.pth").write_bytes(b"x")
    report.report(ask=False)
    machine = TrainingMachine.objects.get()
    assert (machine.weights["resnet18"], machine.weights_folder) == ("here", str(tmp_path))


def test_between_two_questions_over_the_network_the_last_answer_holds(offline, monkeypatch):
    monkeypatch.setattr(weight_files, "head", lambda url, seconds: None)
    report.report()
    monkeypatch.setattr(weight_files, "head", lambda url, seconds: pytest.fail("asked"))
    assert set(report.report(ask=False).weights.values()) == {"download"}


def test_only_workers_that_take_trainings_report(monkeypatch):
    asked = []
    monkeypatch.setattr(report, "report", lambda *, ask: asked.append(ask))
    monkeypatch.setattr(report.Reporter, "start", lambda self: self._one(ask=True))
    monkeypatch.setattr(report.Reporter.__init__, "__defaults__", (report.report,))
    assert report.begin(["inspect"]) is None
    assert report.begin(["inspect", "train"])
    assert asked == [True]


@pytest.mark.parametrize("error", [report.DatabaseError("gone"), ImportError("half installed")])
def test_what_keeps_it_from_reporting_is_no_reason_to_stop(error):
    def fail(*, ask):
        raise error

    report.Reporter(fail)._one(ask=True)


# --- The doors -------------------------------------------------------------------------------
def test_the_verb_refuses_and_makes_nothing(category):
    TrainingMachineFactory.create()
    with pytest.raises(Conflict, match="which the training machine lacks") as refused:
        submit(category=category, by=None, method="patchcore")
    assert refused.value.code == "weights_missing"
    assert not TrainingRun.objects.exists()
    assert submit(category=category, by=None, method="auto").state == State.WAITING


def test_another_network_that_is_there_may_be_asked_for(category):
    TrainingMachineFactory.create(weights=FOUND | {"resnet18": "missing"})
    with pytest.raises(Conflict, match="ResNet-18"):
        submit(category=category, by=None, method="patchcore")
    assert submit(category=category, by=None, method="patchcore", options={"backbone": "resnet50"})


def test_a_network_of_timm_is_joined_where_timm_is(category):
    """The weights are among the version's files."""
    used = {"options": {"backbone": "timm/vit_own"}}
    version = ModelVersionFactory.create(method="transformer", config=used, stored=True)
    TrainingMachineFactory.create(weights=FOUND)
    with pytest.raises(Conflict, match="needs timm, which the training machine lacks") as refused:
        join(category, version, by=None)
    assert refused.value.code == "weights_missing" and not TrainingRun.objects.exists()
    TrainingMachineFactory.create(weights=FOUND | {"timm/": "missing"})
    assert join(category, version, by=None).joins == version


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("timm/vit_own", 202, None),
        ("timm/vit_other", 409, "weights_missing"),
        ("timm/../x", 400, "bad_options"),
        ({"timm": 1}, 400, "bad_options"),
    ],
)
def test_the_api_takes_networks_of_timm(api_of, category, name, status, code):
    TrainingMachineFactory.create(weights=FOUND | {"timm/": "missing", "timm/vit_own": "here"})
    admin = api_of(Role.ADMIN)
    methods = {row["name"]: row["backbones"] for row in admin.get("/api/methods/").json()}
    assert methods["padim"] == ["resnet18", "resnet50", "timm/vit_own"]
    assert methods["unet"] == []
    asked = {"method": "padim", "options": {"backbone": name}}
    answer = admin.post("/api/categories/nut/retrain/", asked, format="json")
    assert (answer.status_code, answer.json().get("error", {}).get("code")) == (status, code)
    assert TrainingRun.objects.exists() == (status == 202)


def test_the_api_refuses_and_tells_beforehand(api_of, category):
    TrainingMachineFactory.create()
    admin = api_of(Role.ADMIN)
    methods = {row["name"]: row for row in admin.get("/api/methods/").json()}
    assert (methods["patchcore"]["can_train"], methods["auto"]["can_train"]) == (False, True)
    assert "which the training machine lacks" in methods["patchcore"]["why_not"]
    answer = admin.post("/api/categories/nut/retrain/", {"method": "patchcore"}, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "weights_missing")
    TrainingMachine.objects.all().delete()
    methods = {row["name"]: row for row in admin.get("/api/methods/").json()}
    assert (methods["patchcore"]["can_train"], methods["auto"]["can_train"]) == (None, True)


def test_the_command_looks_at_its_own_machine(category, offline):
    TrainingMachineFactory.create(weights=dict.fromkeys(FOUND, "here"))
    with pytest.raises(CommandError, match="which this machine lacks") as refused:
        call_command("train", "nut", method="padim")
    assert "route to host" not in str(refused.value)
    assert not TrainingRun.objects.exists()


# --- Runs that failed ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (WeightsMissing("They are not here. Put them there.", details=RAW), "weights_missing", "Put them"),
        (URLError("[Errno -3] Temporary failure in name resolution"), "training_failed", "Press Retry"),
        (OSError(24, "Too many open files", "/x"), "too_many_open_files", "Raise the limit of open files"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "gpu_out_of_memory", "a smaller photo size"),
    ],
)
def test_a_failed_run_tells_a_sentence_and_the_raw_text_in_a_fold_out_only(
    category, training, client_of, api_of, error, code, sentence
):
    training.error = error
    run = work.run(TrainingRun, submit(category=category, by=None, method="unet").pk)
    assert (run.state, run.error_code) == (State.FAILED, code)
    raw = getattr(error, "details", str(error)) or str(error)
    assert sentence in run.error_message
    assert raw not in run.error_message
    assert raw in run.error_details
    admin, shown = client_of(Role.ADMIN), raw.replace("<", "&lt;").replace(">", "&gt;").replace("'", "&#x27;")
    before, _, after = admin.get(run.get_absolute_url()).content.decode().partition("Technical details")
    assert shown not in before
    assert shown in after
    for address in ("/", "/categories/nut/", "/categories/", "/categories/nut/runs/"):
        assert shown not in admin.get(address).content.decode()
    assert raw not in api_of(Role.ADMIN).get(f"/api/runs/{run.pk}/").content.decode()
    assert "Technical details" not in client_of().get(run.get_absolute_url()).content.decode()
    admin.post(f"/runs/{run.pk}/retry/")
    run.refresh_from_db()
    assert run.error_details == ""


def test_runs_of_former_times_lose_the_raw_text_too(category):
    told = (
        f"The weights of resnet18 are not on this machine and could not be downloaded ({RAW}). Either let it."
    )
    run = TrainingRunFactory.create(category=category, error_code="weights_missing", error_message=told)
    import_module("inspector.training.migrations.0003_raw_errors").move(Apps, None)
    run.refresh_from_db()
    assert RAW not in run.error_message
    assert run.error_details == RAW


class Apps:
    @staticmethod
    def get_model(app, name):
        return TrainingRun


def test_a_worker_that_starts_says_so(monkeypatch):
    begun = []
    monkeypatch.setattr(report, "begin", begun.append)

    class Sender:
        class app:
            class amqp:
                class queues:
                    consume_from = {"train": None}

    tasks.say_what_runs_here(Sender)
    assert list(begun[0]) == ["train"]
