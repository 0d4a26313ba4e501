"""The history: how many there are, presets, and the order by score."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inspector.core.jobs import State
from inspector.inspections import counting
from inspector.inspections.counting import count
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import Inspection
from inspector.inspections.presets import presets
from inspector.inspections.selectors import history_page, neighbours
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db
BY_SCORE = {"sort": "score"}


@pytest.fixture
def make():
    """make(score=2, threshold=1, ...) -> a judged inspection of the category "nut"."""
    version = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut"))
    batch = BatchFactory.create(category=version.category)

    def one(**values: object) -> Inspection:
        return InspectionFactory.create(judged=True, **{"batch": batch, "version": version} | values)

    return one


def counted(**filters: str) -> str:
    return count(InspectionFilter(filters or None, Inspection.objects.none())).words


# --- How many --------------------------------------------------------------------------------
def test_the_number_of_results_is_told(client_of, make):
    today, monday = f"{timezone.localdate()}", f"{timezone.localdate() - timedelta(days=9)}"
    make(verdict="OK")
    make()
    make(created=timezone.now() - timedelta(days=30))
    make(created=timezone.now() - timedelta(days=30), verdict="OK")
    assert counted() == "4 inspections"
    assert counted(verdict="OK", state="done") == "2 inspections"
    assert counted(verdict="OK", state="failed") == "0 inspections"
    assert counted(since=today) == "2 inspections"
    assert counted(until=monday, verdict="OK", category="nut") == "1 inspection"
    assert counted(since="yesterday", category="gone") == "4 inspections"
    assert "<strong>2 inspections</strong>" in client_of().get("/history/?verdict=OK").content.decode()


def test_no_more_are_counted_than_is_cheap(make, monkeypatch):
    monkeypatch.setattr(counting, "MOST", 3)
    for _ in range(3):
        make()
    assert counted() == "3 inspections"
    make()
    assert counted() == counted(verdict="ANOMALY") == "More than 3 inspections"
    assert counted(since="2020-01-01") == "More than 3 inspections"
    assert counted(since="2020-01-01", category="nut") == "More than 3 inspections"
    with CaptureQueriesContext(
        connection,
    ) as asked:
        counted(since="2020-01-01", category="nut", verdict="ANOMALY")
    counts = [query["sql"] for query in asked if "COUNT" in query["sql"]]
    assert counts
    assert all("LIMIT" in sql for sql in counts)


def test_filters_together_are_counted(make):
    make(verdict="OK")
    for _ in range(3):
        make()
    assert counted(since="2020-01-01") == "4 inspections"
    assert counted(since="2020-01-01", verdict="OK") == "1 inspection"
    assert counted(since="2020-01-01", verdict="OK", category="nut", state="done") == "1 inspection"
    assert counted(until="2020-01-01", verdict="OK") == "0 inspections"


# --- Presets ---------------------------------------------------------------------------------
def test_presets_go_by_the_persons_days_and_weeks_and_keep_other_filters(monkeypatch):
    # A Wednesday in UTC, and Thursday already in Tokyo.
    monkeypatch.setattr(timezone, "now", lambda: datetime(2025, 6, 4, 23, 30, tzinfo=UTC))
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        found = {one.words: one for one in presets({"verdict": "OK", "batch": "7"}, "score")}
    assert list(found) == ["Any time", "Today", "This week", "This batch"]
    assert found["Any time"].query == "?verdict=OK&sort=score"
    assert found["Today"].query == "?verdict=OK&sort=score&since=2025-06-05"
    assert found["This week"].query == "?verdict=OK&sort=score&since=2025-06-02"
    assert found["This week"].title == "Since Monday 2 June"
    assert found["This batch"].query == "?verdict=OK&sort=score&batch=7"
    assert [one.words for one in found.values() if one.current] == ["This batch"]
    with timezone.override(UTC):
        today, week = presets({"since": "2025-06-04"})[1:]
    assert (today.words, today.current, week.current) == ("Today", True, False)


# --- Sorted by score -------------------------------------------------------------------------
@pytest.fixture
def rows(make) -> list[Inspection]:
    """In the order of their scores, as multiples of their thresholds; the ones without come last."""
    other = ModelVersionFactory.create()
    far = make(score=0.5, threshold=0.1)
    near = make(score=900, threshold=300, batch=BatchFactory.create(category=other.category), version=other)
    failed = InspectionFactory.create(state=State.FAILED)
    tie = make(score=6, threshold=2)
    below = make(score=1, threshold=2, verdict="OK")
    at_zero = make(score=0, threshold=0, verdict="OK")
    waiting = InspectionFactory.create()
    return [far, tie, near, below, at_zero, waiting, failed]


def test_highest_score_first_as_a_multiple_of_its_threshold(client_of, rows):
    page = client_of().get("/history/?sort=score")
    assert page.context["page"].rows == rows
    words = page.content.decode()
    assert "by score ÷ threshold" in words
    assert f'href="/inspections/{rows[0].pk}/?sort=score"' in words
    assert client_of().get("/history/?sort=nonsense").context["page"].rows[0] == rows[5]
    shown = client_of().get("/history/?sort=score&verdict=OK&state=done").context["page"].rows
    assert shown == [rows[3], rows[4]]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pages_by_score_are_stable_there_and_back(rows, size):
    there, back, before, after = [], [], None, None
    while True:
        page = history_page(BY_SCORE, before=before, size=size)
        there += page.rows
        if page.older is None:
            break
        before = page.older
    after = rows[-1].pk
    while after is not None:
        page = history_page(BY_SCORE, after=after, size=size)
        back = page.rows + back
        after = page.newer
    assert there == rows
    assert back == rows[:-1]
    nowhere = history_page(BY_SCORE, before=10**9)
    assert nowhere.rows == []


def test_neighbours_follow_the_order_that_one_came_by(client_of, rows):
    assert neighbours(rows[2], BY_SCORE) == (rows[1], rows[3])
    assert neighbours(rows[2], {"verdict": "ANOMALY"} | BY_SCORE) == (rows[1], None)
    page = client_of().get(f"/inspections/{rows[2].pk}/?sort=score&verdict=ANOMALY").content.decode()
    assert "Higher" in page
    assert "That was the last one." in page
    assert f"/inspections/{rows[1].pk}/?verdict=ANOMALY&amp;sort=score" in page


def test_photos_that_a_fault_keeps_waiting_say_so_in_their_row(client_of):
    away = "The storage does not answer."
    InspectionFactory.create(wait_until=timezone.now(), wait_code="storage_away", wait_message=away)
    page = client_of().get("/history/?state=waiting").text
    assert f"{away}</small>" in page
