"""The history goes by time: pages over equal times, filters together, and the indexes they go by."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inspector.core.jobs import State
from inspector.core.panel_pages import CappedPaginator
from inspector.inspections import filters
from inspector.inspections.models import Inspection
from inspector.inspections.selectors import history, history_page, neighbours
from tests.factories import BatchFactory, InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db
BY_SCORE = {"sort": "score"}
NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=30)
DAY = f"{NOON.date()}"


@pytest.fixture
def rows() -> list[Inspection]:
    """In the order of the history: one that came late with an old time, five of one moment, one newer."""
    version = ModelVersionFactory.create(category__slug="nut")
    batch = BatchFactory.create(category=version.category)
    of_it = {"batch": batch, "version": version}
    newest = InspectionFactory.create(batch=batch, created=NOON + timedelta(days=5))
    same = [InspectionFactory.create(judged=True, **of_it, created=NOON, score=n) for n in range(3)]
    failed = InspectionFactory.create(batch=batch, created=NOON, state=State.FAILED)
    gone = InspectionFactory.create(batch=batch, created=NOON, state=State.FAILED, dismissed=NOON)
    late = InspectionFactory.create(
        judged=True, **of_it, created=NOON - timedelta(days=3), verdict="OK", score=0.1
    )
    return [newest, gone, failed, *same[::-1], late]


@pytest.mark.parametrize("size", [1, 2, 4, 7])
@pytest.mark.parametrize("order", [{}, BY_SCORE])
def test_there_and_back_over_equal_times(rows, size, order):
    every = list(history_page(order, size=99).rows)
    if not order:
        assert every == rows
    there, back, before = [], [], None
    while True:
        page = history_page(order, before=before, size=size)
        there += page.rows
        before = page.older
        if before is None:
            break
    after = every[-1].pk
    while after is not None:
        page = history_page(order, after=after, size=size)
        back = page.rows + back
        after = page.newer
    assert there == every
    assert back == every[:-1]


def test_neighbours_go_by_time(rows):
    newest, gone, *_, last, late = rows
    assert neighbours(late) == (last, None)
    assert neighbours(newest) == (None, gone)
    assert neighbours(last, {"until": DAY, "verdict": "OK"}) == (None, late)


@pytest.mark.parametrize("short", [filters.SHORT, 0])
@pytest.mark.parametrize(
    ("asked", "places"),
    [
        ({"since": DAY, "until": DAY}, [1, 2, 3, 4, 5]),
        ({"since": DAY, "until": DAY, "state": "failed"}, [2]),
        ({"since": DAY, "state": "dismissed"}, [1]),
        ({"category": "nut", "state": "dismissed"}, [1]),
        ({"until": DAY, "state": "done", "category": "nut"}, [3, 4, 5, 6]),
        ({"until": DAY, "verdict": "ANOMALY", "state": "done"}, [3, 4, 5]),
        ({"until": DAY, "verdict": "OK", "category": "nut"}, [6]),
        ({"state": "waiting"}, [0]),
        ({"verdict": "OK", "state": "failed"}, []),
        ({"since": "2001-01-01", "until": "2001-01-02"}, []),
    ],
)
def test_filters_together_in_both_orders(rows, monkeypatch, asked, places, short):
    monkeypatch.setattr(filters, "SHORT", short)
    wanted = [rows[place] for place in places]
    assert list(history(asked)) == wanted
    wanted.sort(key=lambda row: (-row.relative_score, -row.pk))
    assert history_page(asked | BY_SCORE).rows == wanted


@pytest.mark.parametrize("state", ["failed", "dismissed", "waiting"])
def test_what_has_no_score_is_sorted_by_time_and_that_by_an_index(rows, state, client_of):
    old = InspectionFactory.create(batch=rows[0].batch, created=NOON - timedelta(days=9), state=State.WAITING)
    if state != "waiting":
        old.state, old.dismissed = State.FAILED, NOON if state == "dismissed" else None
        old.save()
    asked = {"state": state}
    (newer, older) = history_page(asked | BY_SCORE).rows
    assert older == old  # though it has the highest number
    assert neighbours(old, asked | BY_SCORE) == (newer, None)
    assert history_page(asked | BY_SCORE, before=newer.pk).rows == [old]
    page = client_of().get("/history/", asked | {"sort": "score", "before": newer.pk}).content.decode()
    assert "Newer" in page and "Higher" not in page


def test_the_api_pages_over_equal_times_both_ways(client_of, rows):
    client, address, there = client_of(), "/api/inspections/?page_size=2", []
    while address:
        page = client.get(address).json()
        there += [row["id"] for row in page["results"]]
        address, last = page["next"], page
    assert there == [row.pk for row in rows]
    assert [row["id"] for row in client.get(last["previous"]).json()["results"]] == there[-3:-1]


def test_the_api_refuses_a_position_that_is_no_time(client_of, rows):
    assert client_of().get("/api/inspections/?cursor=cD0xMjM0").status_code == 404  # p=1234


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({}, "inspection_time"),
        ({"category": "nut"}, "inspection_category_time"),
        ({"verdict": "ANOMALY"}, "inspection_verdict_time"),
        ({"category": "nut", "verdict": "ANOMALY"}, "inspection_cat_verdict_time"),
        ({"state": "failed"}, "inspection_state_time"),
        ({"category": "nut", "state": "failed"}, "inspection_cat_state_time"),
        ({"state": "dismissed"}, "inspection_dismissed_time"),
        ({"category": "nut", "state": "dismissed"}, "inspection_dismissed_time"),
    ],
)
def test_each_filter_and_a_time_are_one_range_of_an_index_without_sorting(rows, asked, index):
    for times in ({}, {"since": DAY, "until": DAY}):
        plan = _plan(history(asked | times).select_related(None).defer(None)[:49])
        # Of a table this small, PostgreSQL takes whichever of several indexes its statistics favour.
        wanted = index if connection.vendor == "sqlite" else r"inspection_\w*time"
        assert re.search(rf"\b{wanted}\b", plan)
        assert "SORT" not in plan.upper().replace("TEMP B-TREE", "SORT")


def _plan(rows) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # the table is tiny: what it would do in a large one
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
        return rows.explain()


def test_the_panel_counts_no_further_than_it_lists(client_of, rows, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "most", 4)
    with CaptureQueriesContext(connection) as asked:
        page = client_of("Admin").get("/admin/inspections/inspection/").content.decode()
    counts = [
        one["sql"] for one in asked if "COUNT(" in one["sql"] and "inspections_inspection" in one["sql"]
    ]
    assert counts
    assert all("LIMIT 5" in sql for sql in counts)
    assert "The first 4 inspections. Filter or search to see others." in page
    monkeypatch.setattr(CappedPaginator, "most", 7)
    assert "The first" not in client_of("Admin").get("/admin/inspections/inspection/").content.decode()


def test_no_more_are_chosen_at_once_than_are_listed(client_of, rows, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "most", 4)
    sent = {"action": "retry_selected", "select_across": "1", "index": "0", "_selected_action": [rows[2].pk]}
    told = client_of("Admin").post("/admin/inspections/inspection/", sent, follow=True).content.decode()
    assert "Nothing was changed" in told
    rows[2].refresh_from_db()
    assert rows[2].state == State.FAILED
