"""How the history is shown: layouts, columns that a person chose, what is said once, and saved views."""

import pytest
from django.test import Client

from inspector.accounts.people import describe
from inspector.core.roles import Role
from inspector.inspections import columns, display
from inspector.inspections.models import Display, Inspection, SavedView
from inspector.reviews.decide import Finding, decide
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(person) -> list[Inspection]:
    version = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut", name="Nut"), number=3)
    batch = BatchFactory.create(category=version.category, submitted_by=person(username="ann"))
    found = [
        InspectionFactory.create(judged=True, batch=batch, version=version, lot="L7", serial=f"S{n}")
        for n in range(2)
    ]
    decide(found[0], Finding("defective", "Scratch"), by=person(Role.QA_MANAGER, "quinn"))
    return found


def heads(page) -> list[str]:
    return [column.title for column in page.context["table"].columns]


def same(page) -> list[tuple[str, str]]:
    return [(cell.column.title, cell.text) for cell in page.context["table"].same]


# --- Columns and layouts ---------------------------------------------------------------------
def test_what_all_rows_say_is_said_once(client_of, rows):
    page = client_of().get("/history/")
    assert heads(page) == ["Score", "When"]
    assert same(page) == [("Category", "Nut"), ("Version", "v3"), ("Sent by", "ann")]
    assert "All on this page:" in page.text
    other = InspectionFactory.create(judged=True)
    page = client_of().get("/history/")
    assert heads(page) == ["Score", "Category", "Version", "Sent by", "When"]
    assert same(page) == [] and other.category.name in page.text
    one = client_of().get(f"/history/?batch={other.batch_id}")
    assert heads(one) == ["Score", "Category", "Version", "Sent by", "When"]


def test_columns_are_chosen_and_remembered(client_of, person, rows):
    client = client_of()
    asked = {"columns": "1", "column": ["serial", "defect_type", "lot", "nonsense"]}
    answer = client.post("/history/display/?verdict=ANOMALY", asked)
    assert answer["Location"] == "/history/?verdict=ANOMALY"
    page = client.get(answer["Location"])
    assert heads(page) == ["Serial", "Defect type"] and same(page) == [("Lot", "L7")]
    assert "Scratch" in page.text and "S1" in page.text
    assert heads(client_of(Role.QA_MANAGER).get("/history/")) == ["Score", "When"], "another person's"
    client.post("/history/display/", {"columns": "1"})
    assert heads(client.get("/history/")) == ["Score", "When"], "none means the usual"


@pytest.mark.parametrize("layout", ["list", "compact", "grid"])
def test_layouts_show_all_and_are_remembered(client_of, rows, layout):
    client = client_of()
    client.post("/history/display/", {"layout": layout})
    page = client.get("/history/")
    assert page.context["shown"].layout == layout
    for row in rows:
        assert f"/inspections/{row.pk}/" in page.text and row.filename in page.text
    assert ('class="history-grid"' in page.text) == (layout == "grid")
    assert ("table cards history compact" in page.text) == (layout == "compact")
    assert client.get("/history/?layout=nonsense").context["shown"].layout == layout
    assert client.get("/history/?layout=grid").context["shown"].layout == "grid"


def test_no_column_costs_a_query_a_row(client_of, rows, django_assert_max_num_queries):
    for n in range(20):
        row = InspectionFactory.create(judged=True, batch=rows[0].batch, version=rows[0].version)
        Inspection.objects.filter(pk=row.pk).update(defect_type=n)
    client = client_of()
    client.post("/history/display/", {"columns": "1", "column": [one.name for one in columns.every()]})
    with django_assert_max_num_queries(10):
        assert client.get("/history/").status_code == 200


# --- Saved views -----------------------------------------------------------------------------
def test_a_view_is_saved_opened_changed_and_deleted(client_of, rows):
    client = client_of()
    page = client.get("/history/views/?verdict=OK&sort=doubt&layout=grid").text
    assert "Save this view" in page and "Verdict" in page
    answer = client.post("/history/views/?verdict=OK&sort=doubt&layout=grid", {"name": " My  doubts "})
    view = SavedView.objects.get()
    assert (view.name, view.query, view.layout) == ("My doubts", {"verdict": "OK", "sort": "doubt"}, "grid")
    assert answer["Location"] == f"/history/?verdict=OK&sort=doubt&view={view.pk}"
    opened = client.get(answer["Location"])
    assert opened.context["shown"].layout == "grid" and not opened.context["shown"].changed
    assert "My doubts" in opened.text
    assert client.get(f"/history/?verdict=ANOMALY&view={view.pk}").context["shown"].changed
    assert "My doubts" in client.get("/history/views/menu/").text
    client.post("/history/views/?verdict=ANOMALY", {"name": "My doubts"})
    assert SavedView.objects.get().query == {"verdict": "ANOMALY"}
    client.post(f"/history/views/{view.pk}/delete/")
    assert not SavedView.objects.exists()
    again = client.post(f"/history/views/{view.pk}/delete/", follow=True)
    assert again.status_code == 200 and "has been deleted" in again.text, "in another tab"
    assert client.get(f"/history/?view={view.pk}").status_code == 200


def test_the_history_opens_with_the_start_view_until_everything_is_asked_for(client_of, rows):
    client = client_of()
    client.post("/history/views/?verdict=OK", {"name": "Start", "start": "on"})
    view = SavedView.objects.get()
    assert client.get("/history/")["Location"] == view.get_absolute_url()
    page = client.get("/history/?verdict=ANOMALY").text
    assert '/history/?sort=time"' in page, "Clear filters"
    assert len(client.get("/history/?sort=time").context["page"].rows) == 2
    client.post("/history/views/start/")
    assert client.get("/history/").status_code == 200
    client.post("/history/views/start/", {"view": view.pk})
    client.post(f"/history/views/{view.pk}/delete/")
    assert client.get("/history/").status_code == 200
    assert Display.objects.get().start is None


def test_shared_views_are_for_all_and_only_their_owner_and_admins_delete_them(client_of, person, rows):
    qa, inspector, other = client_of(Role.QA_MANAGER), client_of(), Client()
    other.force_login(person(Role.QA_MANAGER, "other"))
    refused = inspector.post("/history/views/", {"name": "Mine", "shared": "on"})
    assert refused.status_code == 400 and "QA managers and admins" in refused.text
    qa.post("/history/views/?verdict=ANOMALY", {"name": "Bad", "shared": "on"})
    qa.post("/history/views/", {"name": "Private"})
    shared, private = SavedView.objects.get(name="Bad"), SavedView.objects.get(name="Private")
    menu = inspector.get("/history/views/menu/").text
    assert "Bad" in menu and "Private" not in menu
    assert inspector.get(f"/history/?view={private.pk}").context["shown"].view is None
    assert (
        "no longer shared" in inspector.post("/history/views/start/", {"view": private.pk}, follow=True).text
    )
    assert "no longer shared" in inspector.post(f"/history/views/{private.pk}/delete/", follow=True).text
    assert SavedView.objects.filter(pk=private.pk).exists() and not Display.objects.filter(start=private)
    assert other.post(f"/history/views/{shared.pk}/delete/").status_code == 403
    assert client_of("Admin").post(f"/history/views/{shared.pk}/delete/").status_code == 302


def test_a_view_finds_a_person_who_got_another_name(client_of, rows):
    client = client_of()
    client.post("/history/views/?sent_by=ann&decided_by=quinn", {"name": "Ann's"})
    client.post("/history/views/?lot=ann", {"name": "A lot"})
    describe(rows[0].submitted_by, None, username="anna")
    mine, lot = SavedView.objects.get(name="Ann's"), SavedView.objects.get(name="A lot")
    assert mine.query == {"sent_by": "anna", "decided_by": "quinn"}
    assert lot.query == {"lot": "ann"}
    assert len(client.get(mine.get_absolute_url()).context["page"].rows) == 1


def test_a_start_view_that_is_shared_no_more_is_none(client_of, rows):
    qa, inspector = client_of(Role.QA_MANAGER), client_of()
    qa.post("/history/views/?lot=secret", {"name": "Bad", "shared": "on"})
    inspector.post("/history/views/start/", {"view": SavedView.objects.get().pk})
    assert inspector.get("/history/").status_code == 302
    qa.post("/history/views/?lot=secret", {"name": "Bad"})
    assert inspector.get("/history/").status_code == 200


def test_two_tabs_that_choose_at_once_each_keep_their_choice(person, rows, monkeypatch):
    """Both have looked before there was anything."""
    usual = display.of(person())
    monkeypatch.setattr(display, "of", lambda person: usual)
    display.choose(person(), layout="grid")
    mine = display.choose(person(), names=["lot"])
    assert (mine.layout, mine.columns) == ("grid", ["lot"]) and Display.objects.count() == 1


@pytest.mark.parametrize("name", ["", "   ", "n" * 61])
def test_a_view_without_a_proper_name_is_refused_at_the_field(client_of, rows, name):
    answer = client_of().post("/history/views/", {"name": name})
    assert answer.status_code == 400 and 'id="view-name-error"' in answer.text
    assert not SavedView.objects.exists()


def test_the_api_has_views_too(client_of, rows):
    client = client_of(Role.QA_MANAGER)
    sent = {"name": "Bad", "query": {"verdict": "ANOMALY"}, "columns": ["lot"], "shared": True}
    made = client.post("/api/views/", sent, content_type="application/json")
    assert made.status_code == 201 and made.json()["columns"] == ["lot"]
    address = f"/api/views/{made.json()['id']}/"
    assert client_of().get(address).json()["name"] == "Bad"
    assert client_of().delete(address).status_code == 403
    for wrong in ({"query": {"colour": "red"}}, {"query": {"p_min": "7"}}, {"columns": ["x"]}, {"name": ""}):
        answer = client.post("/api/views/", {"name": "N"} | wrong, content_type="application/json")
        assert answer.status_code == 400 and answer.json()["error"]["fields"]
    assert client_of().post("/api/views/", sent, content_type="application/json").status_code == 400
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
