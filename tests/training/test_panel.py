import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from detection.options.catalogue import METHODS
from inspector.core.jobs import State
from inspector.training.models import TrainingRun
from inspector.training.options import DEFAULT_METHOD
from inspector.training.panel_retrain import retrain_address
from inspector.training.selectors import open_run_of
from tests.factories import (
    CategoryFactory,
    ModelVersionFactory,
    SampleFactory,
    TrainingMachineFactory,
    TrainingRunFactory,
)

pytestmark = pytest.mark.django_db
CATEGORIES = "/admin/categories/category/"
RUNS = "/admin/training/trainingrun/"
FORM = {"method": "unet"}


@pytest.fixture
def panel(client_of):
    return client_of("Admin")


def told(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_retraining_asks_first_and_then_leads_to_the_run(panel, category):
    TrainingRunFactory.create(category=category, state=State.DONE, options={"size": 64, "width": 8})
    address = panel.get(f"{CATEGORIES}{category.pk}/retrain/").url
    page = panel.get(address)
    assert page.context["form"].initial["size"] == "64"
    assert "Retrain Nut" in page.content.decode()
    assert open_run_of(category) is None
    answer = panel.post(address, FORM | {"size": "64", "width": "8"})
    run = open_run_of(category)
    assert answer.url == f"{RUNS}{run.pk}/change/"
    assert (run.requested_by.username, run.method) == ("admin", "unet")
    assert run.options == {"size": 64, "width": 8}


def test_the_action_on_the_list_asks_first_then_retrains_what_it_can(panel, category):
    empty = CategoryFactory.create(name="Empty")
    chosen = {"action": "retrain_selected", "_selected_action": [category.pk, empty.pk]}
    address = panel.post(CATEGORIES, chosen).url
    page = panel.get(address).content.decode()
    assert "A new version of each of Empty, Nut" in page
    assert not TrainingRun.objects.exists()
    asked = FORM | {"method": "filterbank", "threshold": "conformal", "flagged": "2", "review": "5"}
    answer = panel.post(address, asked)
    run = open_run_of(category)
    assert answer.url == f"{RUNS}{run.pk}/change/"
    assert (run.method, run.options) == (
        "filterbank",
        {"threshold": "conformal", "target": 0.02, "review": 0.05},
    )
    assert "Empty has no training samples" in told(answer)
    page = panel.get(answer.url).content.decode()
    assert "Filter bank" in page
    assert "of good parts are flagged" in page


def test_several_may_each_be_trained_as_they_were(panel, category):
    other = SampleFactory.create(category__name="Bolt").category
    TrainingRunFactory.create(category=other, state=State.DONE, method="padim", options={"size": 320})
    address = retrain_address(category.pk, other.pk)
    assert "Each category with the settings of its last training" in panel.get(address).content.decode()
    assert panel.post(address, {"method": ""}).url == RUNS
    runs = {run.category.name: (run.method, run.options) for run in TrainingRun.objects.exclude(state="done")}
    assert runs == {"Bolt": ("padim", {"size": 320}), "Nut": (DEFAULT_METHOD, {})}


def words(answer):
    return " ".join(strip_tags(answer.content.decode()).split())


def test_the_panel_recommends_and_says_what_the_photos_support_as_the_site_does(panel, client_of, category):
    ours, theirs = panel.get(retrain_address(category.pk)), panel.get(f"/categories/{category.slug}/retrain/")
    points = [point.title for point in theirs.context["points"]]
    assert len(points) == 3
    for told_by_the_site in (
        *points,
        theirs.context["recommended"].threshold,
        "What these photos can support",
    ):
        assert told_by_the_site in words(ours)
    assert "Automatic: about" in words(ours)
    assert f"{METHODS['unet'].title}: up to" in words(ours)
    assert "<details open" not in " ".join(ours.content.decode().split())
    answer = panel.post(retrain_address(category.pk), {"recommended": "1"})
    run = open_run_of(category)
    assert answer.url == f"{RUNS}{run.pk}/change/"
    assert (run.method, run.options) == (DEFAULT_METHOD, {})
    assert "This category is being trained" in words(panel.get(retrain_address(category.pk)))


def test_without_photos_the_panel_says_so_before_anybody_starts(panel):
    empty = CategoryFactory.create(name="Empty")
    page = panel.get(retrain_address(empty.pk))
    assert "has no training samples yet" in words(page)
    assert f"/categories/{empty.slug}/samples/" in page.content.decode()


def test_several_are_recommended_together_in_as_many_queries_as_two(
    panel, category, django_assert_num_queries
):
    others = [SampleFactory.create(category__name=name).category for name in ("Bolt", "Cap", "Pin")]
    empty = CategoryFactory.create(name="Empty")
    with CaptureQueriesContext(connection) as two:
        panel.get(retrain_address(category.pk, others[0].pk))
    address = retrain_address(category.pk, empty.pk, *(other.pk for other in others))
    with django_assert_num_queries(len(two)):
        page = panel.get(address)
    assert {line.category.name: line.estimate is None for line in page.context["lines"]} == {
        "Bolt": False,
        "Cap": False,
        "Empty": True,
        "Nut": False,
        "Pin": False,
    }
    assert "No good photos to train on" in words(page)
    assert page.context["estimate"].seconds == pytest.approx(
        sum(line.estimate.seconds for line in page.context["lines"] if line.estimate)
    )
    answer = panel.post(address, {"recommended": "1"})
    assert answer.url == RUNS
    assert {run.method for run in TrainingRun.objects.all()} == {DEFAULT_METHOD}
    assert TrainingRun.objects.count() == 4
    assert "Empty has no training samples" in told(answer)


def test_what_is_wrong_is_told_beside_the_field_and_nothing_starts(panel, category):
    address = retrain_address(category.pk)
    page = panel.post(address, FORM | {"threshold": "recall", "found": "101"})
    assert page.context["form"].errors["found"]
    assert not TrainingRun.objects.exists()


@pytest.mark.parametrize("several", [False, True])
def test_methods_without_weights_cannot_be_chosen(panel, category, several):
    TrainingMachineFactory.create()
    ids = [category.pk, *([SampleFactory.create().category.pk] if several else [])]
    page = " ".join(panel.get(retrain_address(*ids)).content.decode().split())
    assert '<option value="padim" disabled>PaDiM (weights missing)</option>' in page
    assert "PatchCore with PaDiM, PatchCore, PaDiM and Transformer cannot be chosen" in page
    answer = panel.post(retrain_address(*ids), {"method": "padim", "backbone": "resnet18"})
    assert "which the training machine lacks" in str(answer.context["form"].errors["method"])
    assert not TrainingRun.objects.exists()


def test_a_network_of_timm_is_named_there_too(panel, category):
    asked = FORM | {"method": "padim", "other_backbone": "vit"}
    page = panel.post(retrain_address(category.pk), asked)
    assert "Write timm/ and" in str(page.context["form"].errors["other_backbone"])
    panel.post(retrain_address(category.pk), asked | {"other_backbone": "timm/vit_own"})
    assert TrainingRun.objects.get().options["backbone"] == "timm/vit_own"


def test_only_who_may_train_gets_to_the_form(client_of, category):
    for role in ("Inspector", "QA manager"):
        assert client_of(role).get(retrain_address(category.pk)).status_code in (302, 403)


def test_nothing_selected_is_said(panel):
    answer = panel.get(retrain_address())
    assert answer.url == CATEGORIES
    assert "Select the categories" in told(answer)


def test_a_second_run_is_refused_with_the_first_one_s_name(panel, category):
    panel.post(retrain_address(category.pk), FORM)
    assert "admin started a training of Nut" in told(panel.post(retrain_address(category.pk), FORM))
    assert TrainingRun.objects.count() == 1


def test_the_category_names_its_active_version(panel, category):
    assert "None yet" in panel.get(CATEGORIES).content.decode()
    version = ModelVersionFactory.create(category=category, number=7)
    for page in (CATEGORIES, f"{CATEGORIES}{category.pk}/change/"):
        assert f"/admin/registry/modelversion/{version.pk}/change/" in panel.get(page).content.decode()


def test_a_run_s_page_asks_for_its_progress_until_it_ends(panel):
    progress = {"phase": "training", "done": 3, "total": 10, "fraction": 0.3, "epoch": 3, "epochs": 10}
    run = TrainingRunFactory.create(state=State.RUNNING, progress=progress | {"history": [[3, 0.1, None]]})
    part = f"{RUNS}{run.pk}/progress/"
    page = panel.get(f"{RUNS}{run.pk}/change/").content.decode()
    assert part in page
    assert "Epoch 3 of 10" in page
    assert "30 %" in page
    assert part in panel.get(part).content.decode()
    TrainingRun.objects.filter(pk=run.pk).update(state=State.DONE)
    last = panel.get(part)
    assert part not in last.content.decode()
    assert last["HX-Refresh"] == "true"
    assert part not in panel.get(f"{RUNS}{run.pk}/change/").content.decode()


def test_a_failed_run_tells_why_and_can_be_retried(panel):
    run = TrainingRunFactory.create(state=State.FAILED, error_code="x", error_message="Too dark.")
    page = panel.get(f"{RUNS}{run.pk}/change/").content.decode()
    assert "Too dark." in page
    assert f"{run.pk}/retry/" in page
    assert f"{run.pk}/cancel/" not in page
    assert panel.get(f"{RUNS}{run.pk}/retry/").status_code == 200
    panel.post(f"{RUNS}{run.pk}/retry/")
    run.refresh_from_db()
    assert run.state == State.WAITING


def test_an_open_run_is_cancelled_after_a_question(panel):
    run = TrainingRunFactory.create()
    assert f"{run.pk}/cancel/" in panel.get(f"{RUNS}{run.pk}/change/").content.decode()
    panel.get(f"{RUNS}{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == State.WAITING
    assert "is cancelled" in told(panel.post(f"{RUNS}{run.pk}/cancel/"))
    assert "already" in told(panel.post(f"{RUNS}{run.pk}/cancel/"))


def test_runs_are_not_edited_added_or_deleted(panel):
    run = TrainingRunFactory.create()
    for address in (f"{run.pk}/change/", f"{run.pk}/delete/", "add/"):
        assert panel.post(f"{RUNS}{address}").status_code == 403


def test_the_list_stays_cheap(panel, django_assert_max_num_queries):
    TrainingRunFactory.create_batch(20)
    with django_assert_max_num_queries(10):
        panel.get(RUNS)
