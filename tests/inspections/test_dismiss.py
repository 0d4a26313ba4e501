"""A failed photo that no retry mends is removed from the lists, and stays on record."""

import re
from pathlib import Path

import pytest

import detection
from inspector.core.errors import Conflict
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.inspections.dismiss import dismiss
from inspector.inspections.models import PHOTO_FAULTS, Inspection
from inspector.inspections.retry import retry
from inspector.inspections.selectors import batch_counts, batch_rows
from inspector.site.selectors import days
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def broken() -> Inspection:
    """A photo that was cut off, beside a good one of the same batch."""
    version = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut"))
    batch = BatchFactory.create(category=version.category)
    InspectionFactory.create(judged=True, batch=batch, version=version)
    return InspectionFactory.create(
        batch=batch, state=State.FAILED, error_code="truncated", error_message="The file is cut off."
    )


def ids(response) -> list[int]:
    return [row.pk for row in response.context["page"].rows]


def test_what_is_wrong_with_a_photo_itself_is_known_to_be_beyond_retry():
    folder = Path(detection.__file__).parent
    source = "".join(path.read_text() for path in folder.rglob("*.py"))
    raised = set(re.findall(r'UnreadableImage\(\s*"(\w+)"', source))
    assert raised
    assert raised <= PHOTO_FAULTS


def test_it_is_gone_from_the_lists_and_kept_on_record(client_of, person, broken):
    browser = client_of()
    assert days(1)[0].failed == 1
    dismiss(broken, by=person("Inspector"))
    assert (broken.dismissed_by, broken.state) == (person("Inspector"), State.FAILED)
    assert broken not in batch_rows(broken.batch_id)
    counts = batch_counts(broken.batch_id)
    assert (counts.failed, counts.removed, counts.total) == (0, 1, 1)
    assert days(1)[0].failed == 0
    assert ids(browser.get("/history/?state=failed")) == []
    assert ids(browser.get("/history/?state=dismissed")) == [broken.pk]
    assert broken.pk in ids(browser.get("/history/"))
    page = browser.get(f"/inspections/{broken.pk}/").content.decode()
    assert "The file is cut off." in page
    assert "Removed from the list by inspector" in page
    event = Event.objects.get(kind="inspection.dismissed")
    assert (event.actor, event.detail["was"]) == (person("Inspector"), "truncated")
    with pytest.raises(Conflict):
        dismiss(broken, by=person("Inspector"))


def test_a_retry_brings_it_back(person, broken):
    retry(dismiss(broken, by=person()), by=person())
    assert (broken.dismissed, broken.dismissed_by, broken.state) == (None, None, State.WAITING)
    assert batch_counts(broken.batch_id).total == 2


@pytest.mark.parametrize(
    ("code", "offered", "not_offered"),
    [("truncated", "dismiss", "retry"), ("worker_lost", "retry", "dismiss")],
)
def test_a_row_offers_what_helps(client_of, broken, code, offered, not_offered):
    Inspection.objects.filter(pk=broken.pk).update(error_code=code)
    rows = client_of().get(f"/inspect/batches/{broken.batch_id}/").content.decode()
    assert f'action="/inspections/{broken.pk}/{offered}/"' in rows
    assert f'action="/inspections/{broken.pk}/{not_offered}/"' not in rows
    # On its own page a failure that a retry may mend can be removed, too.
    page = client_of().get(f"/inspections/{broken.pk}/").content.decode()
    assert ("/retry/" in page) == (offered == "retry")
    assert "Remove from the list" in page


def test_by_the_page(client_of, broken):
    answer = client_of().post(f"/inspections/{broken.pk}/dismiss/", **HTMX)
    assert "1 failed, removed" in answer.content.decode()
    assert "removed from the list" in answer["HX-Trigger"]
    again = client_of().post(f"/inspections/{broken.pk}/dismiss/", **HTMX)
    assert (again.status_code, "data-problem" in again.content.decode()) == (409, True)
    other = InspectionFactory.create(batch=broken.batch, state=State.FAILED)
    shown = client_of().post(f"/inspections/{other.pk}/dismiss/", follow=True)
    assert shown.redirect_chain == [(f"/inspect/batches/{broken.batch_id}/", 302)]
    assert "It stays in the history." in shown.content.decode()


@pytest.mark.parametrize("role", ["Inspector", "QA manager", "Admin"])
def test_by_the_api(api_of, broken, role):
    address = f"/api/inspections/{broken.pk}/dismiss/"
    answer = api_of(role).post(address)
    assert (answer.status_code, answer.json()["state"]) == (200, "failed")
    assert answer.json()["dismissed"]
    assert api_of(role).post(address).json()["error"]["code"] == "not_failed"
    listed = api_of(role).get("/api/inspections/?state=dismissed").json()["results"]
    assert [row["id"] for row in listed] == [broken.pk]
    assert api_of(role).post("/api/inspections/999/dismiss/").status_code == 404


def test_not_by_somebody_without_a_role(client, api_of, person, broken):
    person("Inspector").groups.clear()
    assert api_of("Inspector").post(f"/api/inspections/{broken.pk}/dismiss/").status_code == 403
    client.force_login(person("Inspector"))
    assert client.post(f"/inspections/{broken.pk}/dismiss/").status_code == 403
    assert client.get(f"/inspections/{broken.pk}/dismiss/").status_code == 405


def test_by_the_panel(client_of, broken):
    sent = {"action": "dismiss_selected", "_selected_action": [broken.pk]}
    page = client_of("Admin").post("/admin/inspections/inspection/", sent, follow=True).content.decode()
    assert "1 of the selected inspections was removed from the list" in page
    broken.refresh_from_db()
    assert broken.dismissed
