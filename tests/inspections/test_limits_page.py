"""The Limits page of a category: what limits make of known photos, applying others, and their history."""

import json
import re

import pytest

from inspector.core.roles import Role
from inspector.inspections.score_chart import chart
from inspector.inspections.what_if import Scores, outcome
from inspector.registry.models import Deployment
from inspector.registry.selectors import active_deployment
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    InspectionFactory,
    JudgementFactory,
    ModelVersionFactory,
    retire,
)
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
ADDRESS = "/categories/nut/limits/"


@pytest.fixture
def version():
    """ANOMALY from 0.5, REVIEW from 0.4: of three good photos one is an alarm, of two defects one missed."""
    config = {"threshold": {"review_from": 0.4}}
    category = CategoryFactory.create(slug="nut", name="Nut")
    version = ModelVersionFactory.create(category=category, number=3, config=config)
    for label, score in (("good", 0.01), ("good", 0.45), ("good", 0.6), ("scratch", 0.3), ("scratch", 6.0)):
        JudgementFactory.create(version=version, label=label, score=score)
    batch = BatchFactory.create(category=category)
    for score in (0.02, 0.42, 0.7):
        InspectionFactory.create(judged=True, version=version, batch=batch, score=score)
    former = ModelVersionFactory.create(category=category, number=1, standing="retired")
    InspectionFactory.create(judged=True, version=former, batch=batch, score=9.9)
    return version


@pytest.fixture
def sent(version):
    replaces = active_deployment(version.category).pk
    return {"threshold": "0.65", "review_from": "0.25", "reason": "Fewer alarms", "replaces": replaces}


def body(response, status=200):
    assert response.status_code == status
    return " ".join(response.content.decode().split())


def counts(page):
    """Of each row: of how many, in force, with these limits."""
    rows = re.findall(r'<th scope="row">([^<]+)</th>((?:(?!</tr>).)*data-count(?:(?!</tr>).)*)</tr>', page)
    return {name: [int(n) for n in re.findall(r">\s*(\d+)\s*<", cells)] for name, cells in rows}


def test_who_may_look_and_who_may_apply(client_of, version, sent):
    assert answers(client_of, ADDRESS) == ALL | {"Inspector": 403}
    assert answers(client_of, ADDRESS, "post", **sent) == ALL | {
        "Inspector": 403,
        "QA manager": 403,
        "Admin": 302,
    }
    assert "Apply" not in body(client_of(Role.QA_MANAGER).get(ADDRESS))
    assert client_of(Role.ADMIN).get("/categories/none/limits/").status_code == 404


def test_known_photos_are_counted_by_the_limits_in_force(client_of, version):
    page = body(client_of(Role.QA_MANAGER).get(ADDRESS))
    assert counts(page) == {
        "False alarms on good test photos": [3, 1, 1],
        "Missed defects among test photos": [2, 1, 1],
        "Test photos for review": [5, 1, 1],
        "Inspections ANOMALY": [3, 1, 1],
        "Inspections for review": [3, 1, 1],
    }
    scores = json.loads(re.search(r'<script id="scores" type="application/json">(.*?)</script>', page)[1])
    assert scores == {
        "good": [0.01, 0.45, 0.6],
        "defect": [0.3, 6.0],
        "judged": [0.7, 0.42, 0.02],
    }


def test_without_scripts_other_limits_are_counted_before_they_are_applied(client_of, version, sent):
    page = body(client_of(Role.QA_MANAGER).post(ADDRESS, sent | {"count": "1", "reason": ""}))
    assert counts(page)["False alarms on good test photos"] == [3, 1, 0]
    assert counts(page)["Missed defects among test photos"] == [2, 1, 0]
    assert counts(page)["Test photos for review"] == [5, 1, 3]
    assert 'value="0.65"' in page
    assert Deployment.objects.filter(until=None, version=version).get().threshold == 0.5
    page = body(client_of(Role.QA_MANAGER).post(ADDRESS, sent | {"count": "1", "threshold": "x"}), 400)
    assert "Enter a number." in page


def test_applying_is_a_new_deployment_and_the_history_says_why(client_of, version, sent):
    browser = client_of(Role.ADMIN)
    page = body(browser.post(ADDRESS, sent, follow=True))
    assert "judged by the new limits from now on" in page
    assert "Fewer alarms" in page
    assert re.search(r"Changed limits <a href=\"/categories/nut/v3/\">v3</a>", page)
    assert page.index("Changed limits") < page.index("Promoted"), "newest first"
    found = active_deployment(version.category)
    assert (found.threshold, found.review_from, found.by.username) == (0.65, 0.25, "admin")


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({"threshold": "nan"}, "threshold", "Enter a number."),
        ({"threshold": ""}, "threshold", "This field is required."),
        ({"threshold": "-1", "review_from": ""}, "threshold", "Enter a number above 0"),
        ({"review_from": "0.7"}, "review_from", "REVIEW cannot begin above ANOMALY"),
        ({"reason": " "}, "reason", "Say why"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    client_of, version, sent, values, field, said
):
    response = client_of(Role.ADMIN).post(ADDRESS, sent | values)
    page = body(response, 400)
    assert said in response.context["form"].errors[field][0]
    assert f'id="id_{field}_error"' in page
    assert f'value="{(sent | values)["review_from"]}"' in page or not (sent | values)["review_from"]
    assert Deployment.objects.filter(version=version).count() == 1


def test_a_change_meanwhile_is_told_and_may_then_be_replaced(client_of, version, sent):
    browser = client_of(Role.ADMIN)
    browser.post(ADDRESS, sent)
    late = sent | {"threshold": "0.9"}
    response = browser.post(ADDRESS, late)
    page = body(response, 409)
    assert "Changed meanwhile by admin on " in page
    assert 'value="0.9"' in page
    again = late | {"replaces": active_deployment(version.category).pk}
    assert f'name="replaces" value="{again["replaces"]}"' in page
    assert browser.post(ADDRESS, again).status_code == 302
    assert active_deployment(version.category).threshold == 0.9


def test_without_a_version_at_work(client_of, version, sent):
    retire()
    browser = client_of(Role.ADMIN)
    page = body(browser.get(ADDRESS))
    assert "No version is in use" in page
    assert "Promoted" in page, "the history is kept"
    assert "has no active version" in body(browser.post(ADDRESS, sent), 409)


def test_without_known_photos_the_fields_are_there(client_of):
    category = ModelVersionFactory.create(category__slug="new").category
    page = body(client_of(Role.ADMIN).get(f"/categories/{category.slug}/limits/"))
    assert "No scores of this version are known yet" in page
    assert 'name="threshold"' in page


def test_queries_do_not_grow_with_the_history(client_of, version, sent, django_assert_max_num_queries):
    browser = client_of(Role.ADMIN)
    for n in range(8):
        replaces = active_deployment(version.category).pk
        browser.post(ADDRESS, sent | {"threshold": str(0.7 + n / 10), "replaces": replaces})
    with django_assert_max_num_queries(10):
        assert "Changed limits" in body(browser.get(ADDRESS))


def test_the_category_page_tells_limits_changed_by_hand(client_of, version, sent):
    browser = client_of(Role.ADMIN)
    page = body(browser.get("/categories/nut/"))
    assert f'href="{ADDRESS}"' in page
    assert "changed by hand" not in page
    browser.post(ADDRESS, sent)
    page = body(browser.get("/categories/nut/"))
    assert "ANOMALY from 0.65, REVIEW from 0.25" in page
    assert f'href="{ADDRESS}"' not in body(client_of(Role.INSPECTOR).get("/categories/nut/"))


# --- Counting and drawing --------------------------------------------------------------------
def test_at_a_limit_is_above_it():
    scores = Scores(good=[0.4, 0.5], defect=[0.3, 0.4], judged=[])
    found = outcome(scores, 0.5, 0.4)
    assert (found.alarms, found.missed, found.review) == (1, 1, 2)
    assert outcome(scores, 0.5, None).missed == 2


@pytest.mark.parametrize("scores", [[], [0.5], [0.0, -1.0, 0.3], [1e-15, 1e15], [float("inf"), 0.2]])
# A single good photo scores 0: the threshold is the next number above it.
@pytest.mark.parametrize("limits", [(0.5, 0.4), (5e-324, None)])
def test_every_score_finds_a_bar_and_every_limit_a_place(scores, limits):
    found = chart([("good", "Good", scores)], limits, limits)
    assert 0 < found.low < found.high
    assert all(0 <= bar.x <= 100 and 0 <= bar.height <= 100 for bar in found.rows[0].bars)
    assert all(0 <= place <= 100 for place in found.marks)
    assert 1 <= len(found.ticks) <= 5


def test_scores_of_many_decades_lie_apart():
    found = chart([("good", "Good", [1e-5, 1e-3, 0.1])], (0.01, None))
    places = [bar.x for bar in found.rows[0].bars]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=3)
