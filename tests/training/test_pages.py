"""Asking for a training, watching it, stopping it; fragments that poll until the end and no longer."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from detection.options import CHOICES, catalogue
from inspector.core.jobs import State
from inspector.core.roles import Role
from inspector.registry.models import Standing
from inspector.registry.policies import POLICIES
from inspector.training import panels
from inspector.training.models import TrainingMachine, TrainingRun
from inspector.training.options import DEFAULT_METHOD
from tests.factories import (
    CategoryFactory,
    ModelVersionFactory,
    SampleFactory,
    TrainingMachineFactory,
    TrainingRunFactory,
)
from tests.role_table import ADMIN_ONLY, ALL, answers

pytestmark = pytest.mark.django_db
FORM = {"method": "unet", "size": "128", "epochs": "5", "minutes": "1.5"}
HISTORY = [[1, 0.1, None], [2, 0.01, 0.02], [3, 0.001, None]]
PROGRESS = {
    "phase": "training",
    "fraction": 0.3,
    "epoch": 3,
    "epochs": 10,
    "seconds_left": 42.0,
    "history": HISTORY,
}


@pytest.fixture
def nut():
    category = CategoryFactory.create(slug="nut", name="Nut")
    SampleFactory.create(category=category)
    return category


@pytest.fixture
def running(nut):
    return TrainingRunFactory.create(category=nut, state=State.RUNNING, progress=PROGRESS)


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def ended(response):
    return "run-ended" in response.headers.get("HX-Trigger", "")


# --- Who sees what ---------------------------------------------------------------------------
def test_who_sees_what(client_of, running):
    for address in (f"/runs/{running.pk}/", f"/runs/{running.pk}/progress/", "/runs/open/"):
        assert answers(client_of, address) == ALL
    assert answers(client_of, "/categories/nut/runs/") == ALL
    assert answers(client_of, "/categories/nut/retrain/") == ADMIN_ONLY


def test_only_admins_change_anything(client_of, nut, running):
    for role in (Role.INSPECTOR, Role.QA_MANAGER):
        for address in (
            "/categories/nut/retrain/",
            f"/runs/{running.pk}/cancel/",
            f"/runs/{running.pk}/retry/",
        ):
            assert client_of(role).post(address, FORM).status_code == 403
    running.refresh_from_db()
    assert not running.cancel_requested


def test_what_is_not_there(client_of, db):
    admin = client_of(Role.ADMIN)
    for address in ("/runs/7/", "/runs/7/progress/", "/categories/bolt/runs/", "/categories/bolt/retrain/"):
        assert admin.get(address).status_code == 404


# --- Asking ----------------------------------------------------------------------------------
def test_asking_for_a_training_leads_to_its_run(client_of, nut):
    response = client_of(Role.ADMIN).post("/categories/nut/retrain/", FORM)
    run = TrainingRun.objects.get()
    assert response["Location"] == run.get_absolute_url()
    assert run.options == {"size": 128, "epochs": 5, "minutes": 1.5}
    assert run.requested_by.username == "admin"


@pytest.mark.parametrize(("width", "kept"), [("8", {"width": 8}), ("", {})])
def test_the_form_begins_with_last_time_and_keeps_what_is_not_cleared(client_of, nut, width, kept):
    admin = client_of(Role.ADMIN)
    page = admin.get("/categories/nut/retrain/")
    assert page.context["form"].initial["method"] == DEFAULT_METHOD
    assert "as last time" not in body(page)
    TrainingRunFactory.create(category=nut, state=State.DONE, options={"size": 64, "epochs": 24, "width": 8})
    page = admin.get("/categories/nut/retrain/")
    begin = page.context["form"].initial
    fields = ("method", "size", "epochs", "minutes", "width")
    assert [begin[name] for name in fields] == ["unet", "64", "24", "", "8"]
    assert "64 px, as last time" in body(page)
    admin.post("/categories/nut/retrain/", FORM | {"size": "64", "width": width})
    assert TrainingRun.objects.first().options == {"size": 64, "epochs": 5, "minutes": 1.5} | kept


@pytest.mark.parametrize(
    ("field", "value"),
    [("epochs", "0"), ("minutes", "-1"), ("size", "127"), ("review", "60"), ("method", "magic")],
)
def test_bad_numbers_are_told_beside_the_field(client_of, nut, field, value):
    response = client_of(Role.ADMIN).post("/categories/nut/retrain/", FORM | {field: value})
    assert response.status_code == 400
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not TrainingRun.objects.exists()


def test_every_method_is_offered_with_a_sentence_of_what_it_is(client_of, nut):
    page = body(client_of(Role.ADMIN).get("/categories/nut/retrain/"))
    for info in catalogue.METHODS.values():
        assert f"<strong>{info.title}</strong>" in page
        assert info.summary in page
    for policy in POLICIES.values():
        assert policy.summary in page


def test_method_policy_and_review_reach_the_run_and_are_told_there(client_of, nut):
    admin = client_of(Role.ADMIN)
    asked = {
        "method": "patchcore",
        "threshold": "conformal",
        "flagged": "0.5",
        "review": "5",
        "backbone": "resnet50",
    }
    page = body(admin.post("/categories/nut/retrain/", asked, follow=True))
    run = TrainingRun.objects.get()
    assert run.method == "patchcore"
    assert run.options == {"backbone": "resnet50", "threshold": "conformal", "target": 0.005, "review": 0.05}
    page = page.replace("\N{NARROW NO-BREAK SPACE}", " ")
    for words in ("PatchCore", "at most 0.5 % of good parts are flagged", "for at most 5 % of good parts"):
        assert words in page


def test_one_click_starts_what_is_recommended_whatever_was_trained_last(client_of, nut):
    TrainingRunFactory.create(category=nut, state=State.DONE, method="unet", options={"size": 64})
    admin = client_of(Role.ADMIN)
    page = body(admin.get("/categories/nut/retrain/"))
    for words in ("Recommended", "1 good photo to train on: too few", "by a rule of thumb", "Advanced"):
        assert words in page
    response = admin.post("/categories/nut/retrain/", {"recommended": "1"})
    run = TrainingRun.objects.exclude(state=State.DONE).get()
    assert response["Location"] == run.get_absolute_url()
    assert (run.method, run.options) == ("auto", {})


def test_what_is_recommended_is_refused_with_the_reason(client_of, running):
    response = client_of(Role.ADMIN).post("/categories/nut/retrain/", {"recommended": "1"})
    assert response.status_code == 409
    assert "Wait until it has ended" in response.content.decode()


def test_methods_without_weights_are_greyed_with_what_to_do(client_of, nut):
    TrainingMachineFactory.create(weights_folder="/data/weights")
    TrainingRunFactory.create(category=nut, state=State.DONE, method="patchcore")
    admin = client_of(Role.ADMIN)
    response = admin.get("/categories/nut/retrain/")
    page = body(response)
    assert response.context["form"].initial["method"] == "auto", "what cannot be trained is not proposed"
    assert re.search(r'value="patchcore" data-uses="pretrained" disabled', page)
    assert "PatchCore needs the weights of ResNet-18, which the training machine lacks." in page
    assert page.count("resnet18-f37072fd.pth on another computer and save the file in the folder /data") == 1
    assert "PatchCore with PaDiM is left out" in page
    refused = admin.post("/categories/nut/retrain/", {"method": "patchcore", "backbone": "resnet18"})
    assert refused.status_code == 400
    assert "which the training machine lacks" in refused.content.decode()
    assert TrainingRun.objects.count() == 1


def test_a_network_that_is_there_is_proposed_and_the_others_are_greyed(client_of, nut):
    weights = {
        "resnet18": "missing",
        "resnet50": "here",
        "wide_resnet50_2": "missing",
        "mobilenet_v2": "download",
    }
    TrainingMachineFactory.create(weights=weights)
    admin = client_of(Role.ADMIN)
    page = body(admin.get("/categories/nut/retrain/"))
    assert '<option value="resnet18" disabled>ResNet-18: small and quick (weights missing)</option>' in page
    assert '<option value="resnet50" selected>' in page
    refused = admin.post("/categories/nut/retrain/", {"method": "padim", "backbone": "resnet18"})
    assert set(refused.context["form"].errors) == {"backbone"}
    admin.post("/categories/nut/retrain/", {"method": "padim", "backbone": "resnet50"})
    assert TrainingRun.objects.get().options == {"backbone": "resnet50"}


def test_a_network_of_timm_is_chosen_or_named(client_of, nut):
    offered, own = "timm/vit_small_patch14_dinov2.lvd142m", "timm/vit_own.mine"
    weights = dict.fromkeys(CHOICES["backbone"], "missing") | {"timm/": "missing", offered: "here"}
    TrainingMachineFactory.create(weights=weights)
    admin = client_of(Role.ADMIN)
    page = body(admin.get("/categories/nut/retrain/"))
    assert f'<option value="{offered}" selected>DINOv2 small: transformer' in page
    for named, words in (("vit", "Write timm/ and"), (own, "Download its model.safetensors")):
        asked = {"method": "padim", "backbone": "resnet18", "other_backbone": named}
        refused = admin.post("/categories/nut/retrain/", asked)
        assert words in str(refused.context["form"].errors["other_backbone"])
    TrainingMachineFactory.create(weights=weights | {own: "here"})
    assert admin.post("/categories/nut/retrain/", asked).status_code == 302
    run = TrainingRun.objects.get()
    assert run.options == {"backbone": own}
    TrainingRun.objects.update(state=State.DONE)
    TrainingMachine.objects.update(weights=weights | {"timm/": "download"})
    page = body(admin.get("/categories/nut/retrain/"))
    assert f'<option value="{own}" selected>{own}</option>' in page, "as last time"


def test_when_no_worker_reported_lately_it_says_so_and_keeps_nothing_back(client_of, nut):
    TrainingMachineFactory.create(seen=timezone.now() - timedelta(hours=3))
    admin = client_of(Role.ADMIN)
    page = body(admin.get("/categories/nut/retrain/"))
    assert "No train worker has reported since" in page
    assert "disabled" not in page
    assert admin.post("/categories/nut/retrain/", {"method": "padim"}).status_code == 302


def test_a_second_training_is_refused_and_shows_the_first(client_of, running):
    response = client_of(Role.ADMIN).post("/categories/nut/retrain/", FORM)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Wait until it has ended" in page
    assert running.get_absolute_url() in page
    assert TrainingRun.objects.count() == 1


def test_without_samples_it_says_what_to_add(client_of):
    CategoryFactory.create(slug="bolt")
    admin = client_of(Role.ADMIN)
    assert "No training samples yet" in body(admin.get("/categories/bolt/retrain/"))
    assert admin.post("/categories/bolt/retrain/", FORM).status_code == 400


# --- Watching --------------------------------------------------------------------------------
def test_a_run_says_how_far_it_is(client_of, running, django_assert_max_num_queries):
    browser = client_of()
    browser.get("/")
    with django_assert_max_num_queries(9):
        page = body(browser.get(f"/runs/{running.pk}/"))
    assert "Epoch 3 of 10" in page
    assert "about 40 s left" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "<polyline" in page


def test_a_fragment_polls_until_the_end_and_no_longer(client_of, running):
    browser = client_of()
    address = f"/runs/{running.pk}/progress/"
    open_one = browser.get(address)
    assert "hx-trigger" in body(open_one)
    assert not ended(open_one)
    for state in (State.DONE, State.FAILED, State.CANCELLED):
        TrainingRun.objects.filter(pk=running.pk).update(state=state)
        over = browser.get(address)
        assert "hx-trigger" not in body(over)
        assert ended(over)


@pytest.mark.parametrize("address", ["/runs/open/", "/categories/nut/runs/"])
def test_a_list_tells_the_page_when_a_run_it_watched_is_over(client_of, running, address):
    browser = client_of()
    watched = f"{address}?watching={running.pk}"
    first = browser.get(watched)
    assert f"?watching={running.pk}" in body(first)
    assert not ended(first)
    TrainingRun.objects.update(state=State.DONE)
    last = browser.get(watched)
    assert "hx-trigger" not in body(last)
    assert ended(last)
    assert not ended(browser.get(f"{address}?watching=nonsense"))


def test_a_waiting_run_says_what_it_waits_for(client_of, nut):
    TrainingRunFactory.create(state=State.RUNNING)
    waiting = TrainingRunFactory.create(category=nut)
    assert "1 training of another category is ahead of it" in body(client_of().get(f"/runs/{waiting.pk}/"))


def test_a_candidate_can_be_promoted_from_its_run(client_of, nut):
    version = ModelVersionFactory.create(category=nut, standing="candidate", number=4)
    run = TrainingRunFactory.create(category=nut, state=State.DONE, version=version)
    assert "/categories/nut/v4/promote/" in body(client_of(Role.ADMIN).get(run.get_absolute_url()))
    page = body(client_of(Role.INSPECTOR).get(run.get_absolute_url()))
    assert "/categories/nut/v4/promote/" not in page
    assert "Ask an admin (admin) to promote it." in page


# --- Stopping and trying again ---------------------------------------------------------------
def test_cancelling(client_of, nut, running):
    admin = client_of(Role.ADMIN)
    assert "Cancel this training?" in body(admin.get(running.get_absolute_url()))
    page = body(admin.post(f"/runs/{running.pk}/cancel/", follow=True))
    assert "is being stopped" in page
    assert "Stopping" in page
    assert "Cancel this training?" not in page


def test_cancelling_what_is_over_is_refused(client_of, nut):
    run = TrainingRunFactory.create(category=nut, state=State.DONE)
    response = client_of(Role.ADMIN).post(f"/runs/{run.pk}/cancel/")
    assert response.status_code == 409
    assert "is already done" in response.content.decode()


def test_a_failed_run_says_why_and_is_tried_again(client_of, nut):
    run = TrainingRunFactory.create(
        category=nut, state=State.FAILED, error_code="worker_lost", error_message="The worker stopped."
    )
    page = body(client_of().get(run.get_absolute_url()))
    assert "The worker stopped." in page
    assert "worker_lost" in page
    assert f"/runs/{run.pk}/retry/" not in page
    admin = client_of(Role.ADMIN)
    assert "is waiting for a train worker again" in body(admin.post(f"/runs/{run.pk}/retry/", follow=True))


def test_missing_weights_are_told_with_a_way_out(client_of, nut):
    run = TrainingRunFactory.create(
        category=nut, state=State.FAILED, error_code="weights_missing", error_message="Put them there."
    )
    page = body(client_of(Role.ADMIN).get(run.get_absolute_url()))
    assert "Put them there." in page
    assert "Choose another method" in page


# --- In words and lines ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({}, "Starting"),
        ({"phase": "reading"}, "Reading the photos"),
        ({"phase": "training", "epoch": 2, "epochs": 9}, "Epoch 2 of 9"),
        ({"phase": "training"}, "Learning"),
        ({"phase": "something new"}, "Starting"),
    ],
)
def test_a_phase_in_words(told, words):
    assert panels.phase(TrainingRun(state=State.RUNNING, progress=told)) == words


def test_the_plot_has_room_for_the_epochs_to_come():
    plot = panels.loss_plot(TrainingRun(state=State.RUNNING, progress=PROGRESS))
    # A loss that falls to a tenth each epoch is a straight line on a logarithmic scale.
    assert plot.train == "0.00,0.00 11.11,50.00 22.22,100.00"
    assert plot.epochs == 10
    over = panels.loss_plot(TrainingRun(state=State.DONE, progress=PROGRESS))
    assert over.train.endswith("100.00,100.00")


@pytest.mark.parametrize("history", [[], [[1, 0.1, None]], [[1, 0.0, None], [2, None, None]]])
def test_nothing_is_drawn_before_the_second_epoch(history):
    assert panels.loss_plot(TrainingRun(state=State.RUNNING, progress={"history": history})) is None


def test_a_loss_that_does_not_change_is_drawn_in_the_middle():
    run = TrainingRun(
        state=State.RUNNING, progress={"history": [[1, 0.5, None], [2, 0.5, None]], "epochs": 2}
    )
    assert panels.loss_plot(run).train == "0.00,50.00 100.00,50.00"


# --- Only what there is ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "promised"), [("unet", True), ("patchcore", False), ("padim", False), ("auto", False)]
)
def test_losses_are_promised_only_by_methods_that_learn_in_epochs(client_of, nut, method, promised):
    run = TrainingRunFactory.create(category=nut, state=State.RUNNING, method=method)
    assert ("The losses appear here" in body(client_of().get(run.get_absolute_url()))) == promised


@pytest.mark.parametrize(
    ("active", "measured", "offered"), [(True, True, True), (False, True, False), (True, False, False)]
)
def test_comparing_is_offered_where_there_is_something_to_compare(client_of, nut, active, measured, offered):
    metrics = {"n_good": 4, "confusion": {"tp": 1, "fn": 0, "fp": 0, "tn": 4}}
    if active:
        ModelVersionFactory.create(category=nut, number=1, metrics=metrics)
    made = ModelVersionFactory.create(
        category=nut, number=2, standing=Standing.CANDIDATE, metrics=metrics if measured else {}
    )
    run = TrainingRunFactory.create(category=nut, state=State.DONE, version=made)
    page = body(client_of(Role.ADMIN).get(run.get_absolute_url()))
    assert ("Compare with v1" in page) == offered
    assert "Promote…" in page


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, []),
        ({"review": 0.0}, [("REVIEW", "none")]),
        ({"review": 0.05}, [("REVIEW", "for at most 5 % of good parts")]),
        ({"threshold": "limits", "target": 0.02}, [("Threshold", "at most 2 % of good parts are ANOMALY")]),
        (
            {"threshold": "f1", "defect_share": 0.01},
            [("Threshold", "the largest F1 where 1 % of parts are defective")],
        ),
        ({"defect_share": 0.01}, [("Defective parts in production", "1 %")]),
    ],
)
def test_how_verdicts_come_about_is_told_of_a_run(options, said):
    told = [
        (name, value.replace("\N{NARROW NO-BREAK SPACE}", " "))
        for name, value in panels.options_in_words(options, "filterbank")
    ]
    assert told == said
