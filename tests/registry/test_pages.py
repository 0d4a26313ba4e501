"""A version, its plots, and promoting one."""

import pytest

from detection.normality import turns
from inspector.core import files
from inspector.core.roles import Role
from inspector.registry.compare import compare, same_photos
from inspector.registry.models import Standing
from inspector.registry.promote import promote
from inspector.registry.report import TURNS, kinds, made_with
from inspector.registry.selectors import active_version
from tests.factories import (
    CategoryFactory,
    ModelVersionFactory,
)
from tests.role_table import ADMIN_ONLY, ALL, answers

pytestmark = pytest.mark.django_db
METRICS = {
    "n_good": 10,
    "n_defect": 12,
    "judged_by": "Five folds: no photo was judged by a threshold it helped to choose.",
    "confusion": {"tp": 11, "fp": 2, "tn": 8, "fn": 1},
    "by_defect": {
        "scratch": {"n": 8, "flagged": 7, "recall": 0.875, "image_auroc": 0.96},
        "rust": {"n": 4, "flagged": 4, "recall": 1.0, "image_auroc": 1.0},
    },
    "warnings": ["Only 10 good test photos."],
    "ms_per_image": 12.5,
}


@pytest.fixture
def category():
    return CategoryFactory.create(slug="nut", name="Nut", description="A steel nut.")


@pytest.fixture
def active(category):
    config = {"options": {"size": 128, "minutes": 0}, "threshold": {"chosen_on": "The best F1 on 22 photos."}}
    return ModelVersionFactory.create(
        category=category, number=1, metrics=METRICS, config=config, stored=True
    )


@pytest.fixture
def candidate(category, active):
    by_defect = METRICS["by_defect"] | {"scratch": {"n": 8, "flagged": 8, "recall": 1.0, "image_auroc": 1.0}}
    return ModelVersionFactory.create(
        category=category,
        number=2,
        standing=Standing.CANDIDATE,
        image_auroc=0.95,
        f1=None,
        metrics=METRICS | {"by_defect": by_defect},
        plots={"roc.svg": "versions/nut/2/plots/roc.svg"},
    )


def body(response):
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


# --- Who sees what ---------------------------------------------------------------------------
def test_who_sees_what(client_of, category, candidate):
    files.store("versions/nut/2/plots/roc.svg", b"<svg/>")
    table = {address: answers(client_of, address) for address in ADDRESSES}
    assert table == dict.fromkeys(ADDRESSES, ALL) | {
        "/categories/nut/v2/promote/": ADMIN_ONLY,
        "/categories/nut/v2/plots/roc.svg": ALL | {"Inspector": 403},
    }


ADDRESSES = [
    "/categories/nut/v1/",
    "/categories/nut/v2/",
    "/categories/nut/v2/plots/roc.svg",
    "/categories/nut/v2/promote/",
]


@pytest.mark.parametrize(
    "address",
    [
        "/categories/nut/v9/",
        "/categories/nut/v2/plots/weights.zip",
        "/categories/nut/v1/plots/roc.svg",
        "/categories/nut/v9/promote/",
    ],
)
def test_what_is_not_there(client_of, candidate, address):
    assert client_of(Role.ADMIN).get(address).status_code == 404


# --- A version beside the active one ---------------------------------------------------------
def test_a_candidate_is_shown_beside_the_active_version(client_of, candidate):
    page = body(client_of(Role.QA_MANAGER).get("/categories/nut/v2/"))
    assert "v2 compared with v1, the active one" in page
    assert "\N{MINUS SIGN}0.020 <small>worse" in page
    assert "+1 <small>better" in page
    assert "different test photos" not in page


def test_differences_need_both_numbers(active, candidate):
    found = {row.name: row for row in compare(candidate, active)}
    assert found["F1"].change is None
    assert found["F1"].word == "not comparable"
    assert found["Recall, rust"].word == "same"
    assert compare(active, None) == compare(active, active) == []


def test_other_test_photos_are_told(active, candidate):
    assert same_photos(candidate, active)
    candidate.metrics = candidate.metrics | {"n_good": 11}
    assert not same_photos(candidate, active)


def test_how_it_was_made(active):
    assert made_with(active) == [("Photo size", "128 px"), ("Maximum minutes", "no limit")]
    assert [kind.name for kind in kinds(active)] == ["rust", "scratch"]


@pytest.mark.parametrize(
    ("held_back", "scores", "said"),
    [
        (9, [0.1] * 9, "60 good photos; 9 held out"),
        (0, [0.1] * 60, "60 good photos; each scored as if it had not been learned from"),
        (0, [], "60 good photos"),
    ],
)
def test_it_says_which_good_photos_its_threshold_stands_on(held_back, scores, said):
    images = {"learned": 60, "held_back": held_back}
    version = ModelVersionFactory(config={"images": images, "threshold": {"good_scores": scores}})
    assert made_with(version) == [("Trained on", said)]


@pytest.mark.parametrize(("trusted", "said"), [(True, "used"), (False, "not used")])
def test_it_says_whether_a_network_taught_by_made_up_damage_is_trusted(trusted, said):
    trust = {"trusted": trusted, "alone": 0.7264, "together": 0.805}
    version = ModelVersionFactory(config={"learning": {"trust": trust}})
    assert dict(made_with(version))["Network"].startswith(f"{said}: AUROC")
    assert "0.805 with it, 0.726 without" in dict(made_with(version))["Network"]


def test_all_angles_that_a_training_asks_about_have_words():
    assert list(TURNS) == list(turns.SETS)


@pytest.mark.parametrize(
    ("supported", "copies", "said"),
    [
        (
            ["mirrored", "half", "quarter", "any"],
            14,
            "good photos look normal at any angle: also trained on 14 turned copies",
        ),
        (["mirrored"], 1, "good photos look normal mirrored: also trained on 1 turned copy of each"),
        (["half"], 0, "good photos look normal turned by 180°; there are enough photos"),
        ([], 0, "parts always lie the same way"),
    ],
)
def test_it_says_at_which_angles_parts_lie(supported, copies, said):
    found = {"evidence": {"any": 0.52}, "supported": supported, "copies": [[45.0, False]] * copies}
    version = ModelVersionFactory(config={"turns": found})
    assert dict(made_with(version))["Angles"].startswith(said)


# --- Promoting -------------------------------------------------------------------------------
def test_promoting_asks_first_and_names_what_it_replaces(client_of, active, candidate):
    admin = client_of(Role.ADMIN)
    page = body(admin.get("/categories/nut/v2/promote/"))
    assert "It replaces v1" in page
    assert "v2 does worse than v1 in 1 of 6 metrics: Image AUROC." in page
    active.refresh_from_db()
    assert active.is_active
    page = body(admin.post("/categories/nut/v2/promote/", {"reason": "As the trial showed."}, follow=True))
    assert "Nut v2 now judges new photos of Nut." in page
    assert "Roll back…" in page
    assert "Roll back Nut to v1?" in body(admin.get("/categories/nut/v1/promote/"))


def test_what_somebody_promoted_meanwhile_is_not_replaced_unseen(client_of, active, candidate):
    """The page was opened while v1 was active. It says so, compares anew, keeps the reason and asks again."""
    admin = client_of(Role.ADMIN)
    page = admin.get("/categories/nut/v2/promote/")
    sent = {"reason": "As the trial showed.", "replaces": page.context["sure"]["replaces"].value()}
    third = ModelVersionFactory.create(
        category=active.category, number=3, standing=Standing.CANDIDATE, stored=True
    )
    promote(third, by=None)
    answer = admin.post("/categories/nut/v2/promote/", sent)
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Changed meanwhile by the system on" in shown
    assert "v3 is at work" in shown
    assert "It replaces v3" in shown
    assert "As the trial showed." in shown
    assert active_version(active.category) == third
    sent["replaces"] = answer.context["sure"]["replaces"].value()
    assert "Nut v2 now judges new photos of Nut." in body(
        admin.post("/categories/nut/v2/promote/", sent, follow=True)
    )


def test_promoting_what_is_active_already(client_of, active):
    admin = client_of(Role.ADMIN)
    assert admin.get("/categories/nut/v1/promote/")["Location"] == "/categories/nut/v1/"
    response = admin.post("/categories/nut/v1/promote/", {"reason": "As the trial showed."})
    assert response.status_code == 409
    assert "already the active version" in response.content.decode()


def test_only_admins_promote(client_of, active, candidate):
    assert client_of(Role.QA_MANAGER).post("/categories/nut/v2/promote/").status_code == 403
    active.refresh_from_db()
    assert active.is_active


def test_plots_are_shown_and_saved(client_of, candidate):
    files.store("versions/nut/2/plots/roc.svg", b"<svg/>")
    browser = client_of(Role.QA_MANAGER)
    shown = browser.get("/categories/nut/v2/plots/roc.svg")
    assert shown["Content-Type"] == "image/svg+xml"
    assert "attachment" not in shown.headers.get("Content-Disposition", "")
    saved = browser.get("/categories/nut/v2/plots/roc.svg?download")
    assert 'attachment; filename="nut-v2-roc.svg"' in saved["Content-Disposition"]
