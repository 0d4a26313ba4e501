import pytest
from rest_framework.test import APIClient

from detection.options import CHOICES
from inspector.core.jobs import State
from inspector.core.roles import Role
from inspector.training.models import TrainingRun
from tests.factories import CategoryFactory, ModelVersionFactory, SampleFactory, TrainingRunFactory

pytestmark = pytest.mark.django_db
ANYBODY, ADMINS = {None: 401}, {None: 401, Role.INSPECTOR: 403, Role.QA_MANAGER: 403}


def client(api_of, role):
    return api_of(role) if role else APIClient()


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize(
    ("method", "address", "refused", "done"),
    [
        ("get", "/api/categories/", ANYBODY, 200),
        ("get", "/api/categories/nut/", ANYBODY, 200),
        ("get", "/api/runs/", ANYBODY, 200),
        ("get", "/api/runs/{run}/", ANYBODY, 200),
        ("post", "/api/categories/nut/retrain/", ADMINS, 409),  # a run is open: the door itself was passed
        ("post", "/api/runs/{run}/cancel/", ADMINS, 200),
        ("post", "/api/runs/{run}/retry/", ADMINS, 409),
    ],
)
def test_who_may_what(api_of, category, role, method, address, refused, done):
    run = TrainingRunFactory.create(category=category)
    answer = getattr(client(api_of, role), method)(address.format(run=run.pk))
    assert answer.status_code == refused.get(role, done)
    if answer.status_code >= 400:
        assert set(answer.json()["error"]) == {"code", "message"}


def test_categories_tell_their_version_samples_and_open_run(api_of, category):
    version = ModelVersionFactory.create(category=category, metrics={"n_good": 4})
    run = TrainingRunFactory.create(category=category, state=State.RUNNING, progress={"fraction": 0.5})
    CategoryFactory.create(name="Bare", slug="bare")
    bare, nut = api_of(Role.QA_MANAGER).get("/api/categories/").json()
    assert (bare["slug"], bare["active_version"], bare["open_run"]) == ("bare", None, None)
    assert nut["samples"] == {"train": 4, "test_good": 1, "test_defect": 1}
    assert nut["open_run"] == {"id": run.pk, "state": "running", "progress": {"fraction": 0.5}}
    active = nut["active_version"]
    assert {name: active[name] for name in ("id", "number", "method", "threshold", "image_auroc", "f1")} == {
        "id": version.pk,
        "number": version.number,
        "method": "unet",
        "threshold": 0.5,
        "image_auroc": 0.97,
        "f1": 0.9,
    }
    assert active["metrics"] == {"n_good": 4}


def test_the_list_of_categories_costs_the_same_for_many(api_of, django_assert_max_num_queries):
    api = api_of(Role.INSPECTOR)
    for _ in range(15):
        category = ModelVersionFactory.create().category
        SampleFactory.create(category=category)
        TrainingRunFactory.create(category=category)
    with django_assert_max_num_queries(7):
        assert len(api.get("/api/categories/").json()) == 15


def test_the_list_of_runs_costs_the_same_for_many(api_of, django_assert_max_num_queries):
    api = api_of(Role.INSPECTOR)
    TrainingRunFactory.create_batch(15)
    with django_assert_max_num_queries(6):
        assert len(api.get("/api/runs/").json()["results"]) == 15


def test_retraining_answers_with_the_run(api_of, category):
    body = {"method": "unet", "options": {"epochs": 2, "size": 32}}
    answer = api_of(Role.ADMIN).post("/api/categories/nut/retrain/", body, format="json")
    assert answer.status_code == 202
    run = answer.json()["run"]
    assert (run["category"], run["state"], run["options"], run["requested_by"]) == (
        "nut",
        "waiting",
        {"epochs": 2, "size": 32},
        "admin",
    )
    assert TrainingRun.objects.get().pk == run["id"]


@pytest.mark.parametrize("content_type", ["json", "multipart"])
def test_retraining_without_a_body_takes_the_usual_options(api_of, category, content_type):
    assert api_of(Role.ADMIN).post("/api/categories/nut/retrain/", format=content_type).status_code == 202


def test_retraining_takes_method_policy_and_review(api_of, category):
    options = {"threshold": "conformal", "target": 0.01, "review": 0.05, "minutes": 3}
    body = {"method": "auto", "options": options}
    answer = api_of(Role.ADMIN).post("/api/categories/nut/retrain/", body, format="json")
    assert answer.status_code == 202
    run = answer.json()["run"]
    assert (run["method"], run["options"]) == ("auto", options)


def test_the_document_names_every_option(api_of):
    schemas = api_of(Role.ADMIN).get("/api/schema/?format=json").json()["components"]["schemas"]
    options = schemas["RetrainRequest"]["properties"]["options"]["properties"]
    assert options["review"] == options["review"] | {"type": "number", "minimum": 0, "maximum": 0.5}
    assert options["defect_share"]["maximum"] < 1
    assert options["threshold"]["enum"] == list(CHOICES["threshold"])
    assert "weights" not in options


@pytest.mark.parametrize(
    ("slug", "body", "status", "code"),
    [
        ("absent", {}, 404, "not_found"),
        ("nut", {"options": {"size": 33}}, 400, "bad_options"),
        ("nut", {"options": "many"}, 400, "invalid"),
        ("nut", {"method": "magic"}, 400, "bad_options"),
        ("nut", {"method": "padim", "options": {"epochs": 3}}, 400, "bad_options"),
        ("nut", {"option": {"size": 32}}, 400, "invalid"),
        ("empty", {}, 400, "too_few_samples"),
    ],
)
def test_what_cannot_be_trained_is_told(api_of, category, slug, body, status, code):
    CategoryFactory.create(slug="empty")
    answer = api_of(Role.ADMIN).post(f"/api/categories/{slug}/retrain/", body, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not TrainingRun.objects.exists()


def test_a_failed_run_tells_why(api_of):
    run = TrainingRunFactory.create(state=State.FAILED, error_code="bad_dataset", error_message="Too dark.")
    answer = api_of(Role.INSPECTOR).get(f"/api/runs/{run.pk}/").json()
    assert answer["error"] == {"code": "bad_dataset", "message": "Too dark."}
    assert (answer["state"], answer["version"]) == ("failed", None)


def test_runs_are_found_by_category_and_state(api_of):
    wanted = TrainingRunFactory.create(state=State.FAILED)
    TrainingRunFactory.create(category=wanted.category, state=State.DONE)
    TrainingRunFactory.create(state=State.FAILED)
    query = {"category": wanted.category.slug, "state": "failed"}
    rows = api_of(Role.INSPECTOR).get("/api/runs/", query).json()["results"]
    assert [row["id"] for row in rows] == [wanted.pk]
    assert api_of(Role.INSPECTOR).get("/api/runs/", {"state": "odd"}).status_code == 400


def test_a_failed_run_is_sent_round_again(api_of):
    run = TrainingRunFactory.create(state=State.FAILED)
    answer = api_of(Role.ADMIN).post(f"/api/runs/{run.pk}/retry/")
    assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
