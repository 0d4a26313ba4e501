"""The page of the audit trail, for those who have to prove what happened."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from inspector.categories.create import describe_category
from inspector.categories.events import CategoryEvent
from inspector.core.events import record
from inspector.core.models import Event, Verification
from inspector.core.proof import verify
from inspector.registry.events import VersionEvent
from inspector.samples.events import SampleEvent
from inspector.training.events import TrainingEvent
from tests.factories import CategoryFactory, InspectionFactory, ModelVersionFactory, UserFactory
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
    turned = browser.get(HERE, {"since": "2026-03-02", "until": "2026-03-01"}).content.decode()
    assert "This is before the beginning." in turned


def test_everything_about_one_thing_and_everything_one_person_did(browser, person):
    by, version = person("Admin"), ModelVersionFactory.create(category__name="Nut")
    record(by, VersionEvent.PROMOTED, version, replaces=None)
    record(by, CategoryEvent.CREATED, version.category, slug="nut")
    record(None, SampleEvent.IMPORTED, version.category, added=3)
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
            record(by, SampleEvent.REMOVED, f"Part {n}", operation=operation, removed=2, names=[])
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


# --- Before, after, and why ------------------------------------------------------------------
def test_before_after_and_why_are_shown(browser, person, client_of):
    admin, nut = person("Admin"), CategoryFactory.create(name="Nut", slug="nut")
    version = ModelVersionFactory.create(category=nut)
    change = {"threshold": 0.5, "review_from": None, "former_threshold": 0.25, "former_review_from": 0.125}
    record(admin, VersionEvent.LIMITS_CHANGED, version, reason="The lamp is new.", **change)
    describe_category(nut, name="Hex nut", description="M8", by=admin)
    page = " ".join(browser.get(HERE).content.decode().split())
    assert (
        "ANOMALY from 0.5 (was 0.25), REVIEW none (was from 0.125) <p> <strong>Why:</strong> The lamp is new."
        in page
    )
    assert "Name: Hex nut, before: Nut; Description: M8, before: none" in page
    assert "Why: The lamp is new." in client_of("Admin").get("/admin/core/event/").content.decode()


def test_it_is_narrowed_by_category(browser):
    nut, bolt = CategoryFactory.create(slug="nut"), CategoryFactory.create(slug="bolt")
    for category in (nut, bolt):
        record(None, CategoryEvent.CREATED, category, slug=category.slug)
    assert rows(browser, category="nut") == [("Created category", nut.name)]
    assert rows(browser, category=nut.name[1:]) == rows(browser, category="nut")
    assert rows(browser, category="washer") == []


# --- Export ----------------------------------------------------------------------------------
def exported(browser, form, **filters):
    answer = browser.get(f"{HERE}export.{form}", filters)
    assert answer.status_code == 200 and answer.streaming
    assert f'.{form}"' in answer["Content-Disposition"]
    return b"".join(answer.streaming_content).decode()


def test_who_exports(client_of):
    for form in ("csv", "json"):
        assert answers(client_of, f"{HERE}export.{form}") == ALL | {"Inspector": 403}
    assert client_of("Admin").get(f"{HERE}export.xml").status_code == 404


def test_what_the_filters_leave_is_exported_event_by_event(browser, person):
    by, operation = person("Admin"), uuid4()
    for n in (3, 4):
        record(by, SampleEvent.REMOVED, "Nut", operation=operation, removed=n, reason="Blurred.")
    record(None, CategoryEvent.CREATED, "Bolt", slug="bolt")
    browser.cookies["time_zone"] = "Asia/Kolkata"
    found = json.loads(exported(browser, "json", kind="samples.removed"))
    assert [(row["detail"], row["why"], row["who"]) for row in found] == [
        ("4 removed", "Blurred.", "admin"),
        ("3 removed", "Blurred.", "admin"),
    ]
    first = Event.objects.get(pk=found[0]["id"])
    assert found[0]["time"].endswith("+05:30") and datetime.fromisoformat(found[0]["time"]) == first.time
    assert found[0]["data"] == {"removed": 4, "reason": "Blurred."}
    table = list(csv.DictReader(io.StringIO(exported(browser, "csv", kind="samples.removed"), newline="")))
    assert [row["id"] for row in table] == [str(row["id"]) for row in found]
    assert json.loads(table[0]["data"]) == found[0]["data"]
    assert json.loads(exported(browser, "json", subject="washer")) == []


def test_a_filter_that_is_none_does_not_export_everything(browser):
    answer = browser.get(f"{HERE}export.csv", {"since": "soon"})
    assert (answer.status_code, answer["Location"]) == (302, f"{HERE}?since=soon")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_the_table_is_a_formula(browser, name):
    record(None, CategoryEvent.CREATED, name, slug="x", reason=name)
    row = next(csv.DictReader(io.StringIO(exported(browser, "csv"), newline="")))
    assert row["subject"].startswith("'") or row["subject"] == "+1"
    assert all(not cell.startswith(("=", "-", "@", "\t")) for cell in row.values() if cell)


def test_a_long_export_takes_little_memory(browser):
    now = datetime.now(UTC)
    many = [
        Event(kind="category.created", subject_name=f"Part {n}", detail={"slug": "x" * 200}, time=now)
        for n in range(12_000)
    ]
    Event.objects.bulk_create(many, batch_size=500)
    del many
    chunks = browser.get(f"{HERE}export.json").streaming_content
    tracemalloc.start()
    lines = sum(1 for _ in chunks)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines >= 12_000
    assert peak < 8_000_000


# --- Whether it is what it was ---------------------------------------------------------------
def test_the_page_says_whether_the_record_is_intact(browser):
    assert "has not been verified yet" in browser.get(HERE).content.decode()
    verify.verify()
    assert "The record is intact" in browser.get(HERE).content.decode()
    answer = browser.post(f"{HERE}verify/", follow=True).content.decode()
    assert "It is being verified" in answer and "Verify now" not in answer
    Verification.objects.filter(finished=None).update(
        finished=datetime.now(UTC), event_id=5, finding="Entry 5 does not fit."
    )
    page = browser.get(HERE).content.decode()
    assert "changed outside the program" in page and "Entry 5 does not fit." in page


def test_who_asks_for_a_verification(client_of):
    expected = ALL | {"Inspector": 403, "QA manager": 302, "Admin": 302}
    assert answers(client_of, f"{HERE}verify/", "post") == expected
    assert Verification.objects.count() == 1
