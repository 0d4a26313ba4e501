"""The page of the audit trail, for those who have to prove what happened."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from inspector.categories.events import CategoryEvent
from inspector.core.events import record
from inspector.core.models import Event
from inspector.registry.events import VersionEvent
from inspector.training.events import TrainingEvent
from tests.factories import InspectionFactory, ModelVersionFactory, UserFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
HERE = "/trail/"


@pytest.fixture
def browser(client_of):
    return client_of("QA manager")


def rows(browser, **filters):
    answer = browser.get(HERE, filters)
    assert answer.status_code == 200
    return [(entry.title, entry.subject) for entry in answer.context["entries"]]


def test_who_sees_it(client_of):
    assert answers(client_of, HERE) == ALL | {"Inspector": 403}
    link = 'href="/trail/"'
    for role, sees in (("Inspector", False), ("QA manager", True), ("Admin", True)):
        assert (link in client_of(role).get("/account/").content.decode()) is sees


def test_it_is_narrowed_by_person_act_subject_and_time(browser):
    Event.objects.all().delete()
    ann, ben = (UserFactory.create(username=name) for name in ("ann", "ben"))
    old = record(ann, CategoryEvent.CREATED, "Nut", slug="nut")
    Event.objects.filter(pk=old.pk).update(time=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    record(ben, VersionEvent.PROMOTED, "Nut v2", replaces=1)
    record(None, TrainingEvent.VERSION_TRAINED, "Bolt v1", run=1)
    nut, promoted, trained = (
        ("Created category", "Nut"),
        ("Promoted version", "Nut v2"),
        ("Trained version", "Bolt v1"),
    )
    assert rows(browser) == [trained, promoted, nut]
    assert rows(browser, who="ann") == [nut]
    assert rows(browser, who="null") == [trained]
    assert rows(browser, kind="version.promoted") == [promoted]
    assert rows(browser, subject="nut") == [promoted, nut]
    assert rows(browser, until="2026-03-01") == [nut]
    # 23:30 UTC is the next day in Berlin.
    browser.cookies["time_zone"] = "Europe/Berlin"
    assert rows(browser, until="2026-03-01") == []
    assert rows(browser, since="2026-03-02", until="2026-03-02") == [nut]
    assert "00:30" in browser.get(HERE).content.decode()
    assert "No entry matches these filters" in browser.get(HERE, {"subject": "washer"}).content.decode()
    assert "are not valid" in browser.get(HERE, {"since": "soon"}).content.decode()


def test_everything_about_one_thing_and_everything_one_person_did(browser, person):
    by, version = person("Admin"), ModelVersionFactory.create(category__name="Nut")
    record(by, VersionEvent.PROMOTED, version, replaces=None)
    record(by, CategoryEvent.CREATED, version.category, slug="nut")
    record(None, CategoryEvent.SAMPLES_IMPORTED, version.category, added=3)
    promoted = ("Promoted version", str(version))
    about = f"version-{version.pk}"
    assert rows(browser, about=about) == [promoted]
    assert len(rows(browser, about=f"category-{version.category_id}")) == 3
    assert rows(browser, about=about, who="null") == []
    assert rows(browser, who=by.username)[-1] == promoted
    page = browser.get(HERE, {"about": about}).content.decode()
    assert f"Everything about <strong>{version}</strong>" in page
    assert f'<input type="hidden" name="about" value="{about}"' in page
    assert f'href="/trail/?about={about}"' in browser.get(HERE).content.decode()


def test_pages_lead_to_everything_about_what_they_show(client_of):
    inspection = InspectionFactory.create(version=ModelVersionFactory.create())
    for row in (inspection, inspection.version, inspection.version.category):
        link = f'href="{HERE}?about={row._meta.model_name.removeprefix("model")}-{row.pk}"'
        for role, sees in (("Inspector", False), ("QA manager", True), ("Admin", True)):
            page = client_of(role).get(row.get_absolute_url())
            assert (page.status_code, link in page.content.decode()) == (200, sees), (row, role)


@pytest.mark.parametrize("about", ["version", "version-", "batch-1", "version-x", "version-" + "9" * 30])
def test_what_is_nothing_to_be_about_is_told_and_ignored(browser, about):
    record(None, CategoryEvent.CREATED, "Nut", slug="nut")
    page = browser.get(HERE, {"about": about})
    assert page.status_code == 200
    assert "are not valid" in page.content.decode()
    assert len(page.context["entries"]) >= 1


def test_no_json_and_no_code_words_are_shown(browser, person):
    record(
        person("Admin"),
        TrainingEvent.REQUESTED,
        "Nut",
        run=5,
        method="patchcore-padim",
        options={"size": 128},
    )
    page = browser.get(HERE).content.decode()
    assert "{" not in page.split("<tbody>")[1].split("</tbody>")[0]
    assert "Run 5" in page


def test_pages_by_key_and_few_queries(browser, person, django_assert_max_num_queries):
    by = person("Admin")
    for n in range(60):
        operation = uuid4()
        for _ in range(3):
            record(by, CategoryEvent.SAMPLES_REMOVED, f"Part {n}", operation=operation, removed=2, names=[])
    browser.get(HERE)
    with django_assert_max_num_queries(9):
        first = browser.get(HERE)
    assert [entry.subject for entry in first.context["entries"]] == [f"Part {n}" for n in range(59, 11, -1)]
    assert first.context["entries"][0].detail == "6 removed"
    second = browser.get(HERE, {"before": first.context["page"].older})
    assert [entry.subject for entry in second.context["entries"]][:12] == [
        f"Part {n}" for n in range(11, -1, -1)
    ]
    back = browser.get(HERE, {"after": second.context["page"].newer})
    assert back.context["page"].rows == first.context["page"].rows
