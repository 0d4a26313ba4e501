"""The history by decision, person, version and range; by doubt; and what bad input gets."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inspector.core.roles import Role
from inspector.inspections import counting, filters
from inspector.inspections.counting import count
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import Inspection, Verdict
from inspector.inspections.selectors import history, history_page, neighbours
from inspector.reviews.decide import Finding, decide
from inspector.reviews.outcomes import recompute
from inspector.reviews.withdraw import withdraw
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows(person) -> dict[str, Inspection]:
    """An escape, a false call, one confirmed, one not reviewed, one of another category, one that waits."""
    version = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut", name="Nut"))
    batch = BatchFactory.create(category=version.category, submitted_by=person(username="ann"))
    qa = person(Role.QA_MANAGER, "quinn")

    def one(score: float, p_value: float, verdict: Verdict, minutes: int) -> Inspection:
        values = {"batch": batch, "version": version, "score": score, "p_value": p_value, "verdict": verdict}
        sent = timezone.now() - timedelta(minutes=minutes)
        return InspectionFactory.create(
            judged=True, **values, created=sent, doubt=abs(score - 0.5), lot=f"L{minutes // 3}"
        )

    found = {
        "escape": one(0.45, 0.2, Verdict.OK, 1),
        "false_call": one(0.6, 0.004, Verdict.ANOMALY, 2),
        "confirmed": one(5.0, 0.001, Verdict.ANOMALY, 3),
        "unseen": one(0.1, 0.9, Verdict.OK, 4),
        "other": InspectionFactory.create(
            judged=True, created=timezone.now() - timedelta(hours=1), doubt=9.0
        ),
        "waiting": InspectionFactory.create(batch=batch, created=timezone.now() - timedelta(hours=2)),
    }
    defective = Finding("defective", "Scratch", severity="critical")
    decide(found["escape"], defective, by=qa)
    decide(found["false_call"], Finding("good"), by=qa)
    Inspection.objects.filter(pk=found["escape"].pk).update(stable=12, stable_of=20)
    Inspection.objects.filter(pk=found["false_call"].pk).update(stable=20, stable_of=20)
    decide(found["confirmed"], Finding("defective", "Dent"), by=person(Role.ADMIN, "ada"))
    return found


CASES = [
    ({"reviewed": "yes"}, "escape false_call confirmed"),
    ({"reviewed": "no", "category": "nut"}, "unseen waiting"),
    ({"disagreement": "any"}, "escape false_call"),
    ({"disagreement": "escape"}, "escape"),
    ({"disagreement": "false_call", "verdict": "ANOMALY"}, "false_call"),
    ({"severity": "critical"}, "escape"),
    ({"severity": "major"}, "confirmed"),
    ({"decided_by": "quinn"}, "escape false_call"),
    ({"decided_by": "quinn", "outcome": "good"}, "false_call"),
    ({"sent_by": "ann"}, "escape false_call confirmed unseen waiting"),
    ({"lot": "L0"}, "escape false_call"),
    ({"lot": "L0", "serial": "1"}, ""),
    ({"score_min": "1.1", "score_max": "2"}, "false_call other"),
    ({"score_max": "0.5"}, "unseen"),
    ({"p_max": "0.004"}, "false_call confirmed"),
    ({"p_min": "0", "p_max": "1", "verdict": "OK"}, "escape unseen"),
    ({"score_min": "0", "state": "waiting"}, ""),
    ({"stability": "unstable"}, "escape"),
    ({"stability": "unstable", "verdict": "ANOMALY", "category": "nut"}, ""),
    ({"score_min": "0", "category": "nut", "reviewed": "no", "state": "done"}, "unseen"),
]


@pytest.mark.parametrize("short", [filters.SHORT, 0])
@pytest.mark.parametrize(("asked", "names"), CASES)
def test_filters_in_every_order(rows, monkeypatch, asked, names, short):
    monkeypatch.setattr(filters, "SHORT", short)
    wanted = [rows[name] for name in names.split()]
    assert list(history(asked)) == wanted
    asked_by_score = history_page(asked | {"sort": "score"}).rows
    assert asked_by_score == sorted(wanted, key=lambda row: (-_fresh(row).relative_score, -row.pk))
    judged = [row for row in wanted if row.doubt is not None]
    by_doubt = history_page(asked | {"sort": "doubt"}).rows
    assert by_doubt == sorted(judged, key=lambda row: (row.doubt, row.pk))
    assert count(InspectionFilter(asked, Inspection.objects.none())).number == len(wanted)


def _fresh(row: Inspection) -> Inspection:
    return Inspection.objects.get(pk=row.pk)


def test_by_version_and_defect_type(rows):
    version, scratch = rows["escape"].version_id, _fresh(rows["escape"]).defect_type
    names = "escape false_call confirmed unseen"
    assert list(history({"version": f"{version}"})) == [rows[name] for name in names.split()]
    assert list(history({"defect_type": f"{scratch}"})) == [rows["escape"]]


def test_doubt_is_paged_and_has_neighbours_most_doubtful_first(rows):
    asked = {"sort": "doubt"}
    order = [rows[name] for name in ("escape", "false_call", "unseen", "confirmed", "other")]
    there, before = [], {}
    while True:
        page = history_page(asked, size=2, **before)
        there += page.rows
        if not page.newer:
            break
        before = {"after": page.newer}
    assert there == order
    assert neighbours(order[2], asked) == (order[1], order[3])
    assert neighbours(order[0], asked) == (None, order[1])


def test_the_page_offers_them_where_somebody_opens_them(client_of, rows):
    client = client_of()
    assert 'name="decided_by"' not in client.get("/history/").text
    assert 'name="decided_by"' in client.get("/history/filters/").text
    page = client.get("/history/?decided_by=quinn&sort=doubt").text
    assert 'name="decided_by"' in page and "by doubt" in page and "More doubtful" not in page
    assert page.count("Nut v") == 1, "versions of all categories"
    narrowed = client.get("/history/filters/?category=nut").text
    assert "Scratch" in narrowed and f"{rows['other'].version}" not in narrowed


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("score_min=nan", "Enter a number"),
        ("score_min=1e999", "Enter a number"),
        ("score_max=" + "9" * 400, "Enter a number"),
        ("p_max=1.5", "less than or equal to 1"),
        ("p_min=0.5&p_max=0.1", "lower than the lowest, 0.5"),
        ("since=2026-03-02&until=2026-03-01", "before the beginning"),
        ("version=99999999999999999999", "Select a valid choice"),
        ("version=x&defect_type=-1", "Select a valid choice"),
        ("sent_by=nobody", "Select a valid choice"),
        ("lot=" + "L" * 500, "at most 100 characters"),
        ("reviewed=perhaps", "Select a valid choice"),
        ("disagreement=1", "Select a valid choice"),
        ("since=1975-99-99", "is not a date"),
    ],
)
def test_what_means_nothing_is_told_at_its_field(client_of, rows, query, words):
    page = client_of().get(f"/history/?{query}")
    assert words in page.text and "There is a problem" in page.text
    answer = client_of().get(f"/api/inspections/?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"]["fields"].keys() <= {part.split("=")[0] for part in query.split("&")}


def test_a_day_has_its_last_hour_twice_where_clocks_are_put_back_at_midnight(client_of, rows):
    """In Cairo 30 October 2026 began at 22:00 in UTC, an hour after midnight had come for the first time."""
    late = rows["escape"]
    Inspection.objects.filter(pk=late.pk).update(created="2026-10-29T21:30Z")
    client = client_of()
    client.cookies["time_zone"] = "Africa/Cairo"
    page = client.get("/history/?since=2026-10-29&until=2026-10-29")
    assert [row.pk for row in page.context["page"].rows] == [late.pk]


def test_fifty_years_are_as_good_as_any(client_of, rows):
    page = client_of().get("/history/?since=1976-01-01&until=2126-12-31&score_min=1e-300")
    assert len(page.context["page"].rows) == 5


def test_the_api_sorts_and_pages_alike(client_of, rows):
    client = client_of()
    for sort in ("score", "doubt"):
        address, there = f"/api/inspections/?sort={sort}&page_size=2&sent_by=ann", []
        while address:
            page = client.get(address).json()
            there += [row["id"] for row in page["results"]]
            address = page["next"]
        assert there == [row.pk for row in history_page({"sort": sort, "sent_by": "ann"}).rows]
    assert client.get("/api/inspections/?sort=age").status_code == 400
    assert client.get("/api/inspections/?sort=score&cursor=cD1uYW4%3D").status_code == 404  # p=nan
    [row] = client.get("/api/inspections/?disagreement=escape").json()["results"]
    told = {name: row[name] for name in ("decided_by", "severity", "disagreement")}
    assert told == {"decided_by": "quinn", "severity": "critical", "disagreement": "escape"}


def test_columns_of_a_decision_follow_it_and_can_be_made_again(rows):
    row = _fresh(rows["escape"])
    review = row.reviews.get()
    Inspection.objects.update(decided_by=None, defect_type=7, severity="minor", disagreement=None)
    assert recompute() == Inspection.objects.count()
    assert recompute() == 0
    assert (_fresh(row).defect_type, _fresh(row).disagreement) == (review.defect_type_id, "escape")
    withdraw(review, by=review.person)
    gone = _fresh(row)
    assert (gone.decided_by, gone.defect_type, gone.severity, gone.disagreement) == (None,) * 4


def test_a_range_of_many_is_counted_among_the_newest(rows, monkeypatch):
    monkeypatch.setattr(filters, "SHORT", 0)
    monkeypatch.setattr(counting, "LOOKED_AT", 2)
    asked = InspectionFilter({"score_min": "0"}, Inspection.objects.none())
    assert count(asked).words == "At least 2 inspections"


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"sent_by": "ann"}, "inspection_sender_time"),
        ({"lot": "L0"}, "inspection_lot"),
        ({"decided_by": "quinn"}, "inspection_decider_time"),
        ({"reviewed": "yes"}, "inspection_reviewed_time"),
        ({"severity": "major"}, "inspection_severity_time"),
        ({"disagreement": "escape"}, "inspection_disagreement_time"),
        ({"stability": "unstable"}, "inspection_unstable_time"),
    ],
)
def test_each_has_an_index_with_the_time(rows, asked, index):
    if connection.vendor != "sqlite":
        pytest.skip("in a table this small, PostgreSQL takes any")
    for times in ({}, {"since": "2020-01-01"}):
        plan = history(asked | times).select_related(None).defer(None)[:49].explain()
        assert index in plan and "TEMP B-TREE" not in plan


def test_few_in_a_range_are_found_by_its_index_and_others_cost_no_query_more(rows):
    with CaptureQueriesContext(connection) as asked:
        list(history({"p_max": "0.004"}))
    assert len(asked) == 2
    with CaptureQueriesContext(connection) as asked:
        list(history({"reviewed": "yes", "severity": "major", "disagreement": "any"}))
    assert len(asked) == 1
