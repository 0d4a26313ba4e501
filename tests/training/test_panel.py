import pytest
from django.contrib.messages import get_messages

from inspector.core.jobs import State
from inspector.training.models import TrainingRun
from inspector.training.selectors import open_run_of
from tests.factories import CategoryFactory, ModelVersionFactory, TrainingRunFactory

pytestmark = pytest.mark.django_db
CATEGORIES = "/admin/categories/category/"
RUNS = "/admin/training/trainingrun/"


@pytest.fixture
def panel(client_of):
    return client_of("Admin")


def told(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_retraining_asks_first_and_then_leads_to_the_run(panel, category):
    TrainingRunFactory.create(category=category, state=State.DONE, options={"size": 64})
    address = f"{CATEGORIES}{category.pk}/retrain/"
    assert "size 64" in panel.get(address).content.decode()
    assert open_run_of(category) is None
    answer = panel.post(address)
    run = open_run_of(category)
    assert answer.url == f"{RUNS}{run.pk}/change/"
    assert (run.requested_by.username, run.options) == ("admin", {"size": 64})


def test_the_action_on_the_list_retrains_what_it_can_and_tells_of_the_rest(panel, category):
    empty = CategoryFactory.create(name="Empty")
    chosen = {"action": "retrain_selected", "_selected_action": [category.pk, empty.pk]}
    answer = panel.post(CATEGORIES, chosen)
    assert answer.url == f"{RUNS}{open_run_of(category).pk}/change/"
    assert "Empty has no training samples" in told(answer)


def test_a_second_run_is_refused_with_the_first_one_s_name(panel, category):
    panel.post(f"{CATEGORIES}{category.pk}/retrain/")
    assert "admin started a training of Nut" in told(panel.post(f"{CATEGORIES}{category.pk}/retrain/"))
    assert TrainingRun.objects.count() == 1


def test_the_category_names_its_active_version(panel, category):
    assert "none yet" in panel.get(CATEGORIES).content.decode()
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
