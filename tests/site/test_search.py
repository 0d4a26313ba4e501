"""The search of the top bar: what it finds, and by which indexes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inspector.inspections.search import MOST, find
from tests.factories import InspectionFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    InspectionFactory.create(lot="", serial="", filename="other.png", sha256="f" * 64)
    values = {"lot": "L-7/a", "serial": "SN0815", "filename": "IMG_1.jpg", "sha256": "ab12" + "0" * 60}
    return InspectionFactory.create(**values)


def test_who_may_search(client_of, row):
    assert answers(client_of, "/search/?q=img_") == ALL | dict.fromkeys(
        ("Inspector", "QA manager", "Admin"), 302
    )
    assert answers(client_of, "/search/") == ALL
    assert answers(client_of, "/search/?q=nothing") == ALL


@pytest.mark.parametrize(
    ("typed", "serials", "lots", "files", "same"),
    [
        ("SN08", ["SN0815"], [], 0, 0),
        ("sn0815", ["SN0815"], [], 0, 0),
        ("l-7", [], ["L-7/a"], 0, 0),
        ("L-7/a", [], ["L-7/a"], 0, 0),
        ("IMG_", [], [], 1, 0),
        ("img_1.JPG", [], [], 0, 0),
        ("AB12", [], [], 0, 1),
        ("ab1", [], [], 0, 0),
        ("0815", [], [], 0, 0),
        ("%", [], [], 0, 0),
        ("_", [], [], 0, 0),
        ("S_08", [], [], 0, 0),
        ("\\", [], [], 0, 0),
        ("x" * 5000, [], [], 0, 0),
        ("", [], [], 0, 0),
    ],
)
def test_what_begins_so_is_found(row, typed, serials, lots, files, same):
    found = find(typed)
    assert [one.value for one in found.serials] == serials
    assert [one.value for one in found.lots] == lots
    assert (len(found.files), len(found.same)) == (files, same)


def test_a_number_is_an_inspection_and_the_start_of_a_serial(row):
    InspectionFactory.create(serial=str(row.pk) + "77")
    found = find(f" {row.pk} ")
    assert found.inspection == row and [one.value for one in found.serials] == [f"{row.pk}77"]
    assert find(str(2**70)).inspection is None


def test_each_lot_is_told_once_and_there_are_a_few_only():
    for n in range(MOST + 3):
        InspectionFactory.create_batch(2, lot=f"L-{n:02}", filename=f"a{n}.png", serial="l-low")
    assert [one.value for one in find("l-").lots] == [f"L-{n:02}" for n in range(MOST)]
    assert [one.value for one in find("L-").serials] == ["l-low"]
    assert len(find("a").files) == MOST


def test_one_finding_is_opened_at_once(client_of, row):
    browser = client_of()
    assert browser.get("/search/", {"q": "SN"})["Location"] == "/serials/SN0815/"
    assert browser.get("/search/", {"q": str(row.pk)})["Location"] == row.get_absolute_url()
    InspectionFactory.create(lot="SN-lot")
    page = browser.get("/search/", {"q": "SN"}).content.decode()
    assert 'href="/serials/SN0815/"' in page and 'href="/lots/SN-lot/"' in page
    assert 'value="SN"' in page
    assert "Nothing begins with this" in browser.get("/search/", {"q": "nothing"}).content.decode()


def test_every_look_goes_by_an_index(row):
    """Also for SQLite's planner, which knows nothing of what the columns hold."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads all of a few rows; benchmarks.search shows that it does not at many")
    with CaptureQueriesContext(connection) as asked:
        find("ab12")
    for one in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {one['sql']}")
            plan = [step[3] for step in cursor.fetchall()]
        assert all(step.startswith("SEARCH") for step in plan), (one["sql"], plan)


def test_sqlite_enters_the_index_where_the_last_name_was(row):
    """By the first lower bound of a query: from '' on, it would read all lots before."""
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite's planner")
    with CaptureQueriesContext(connection) as asked:
        find("SN")
    steps = [one["sql"] for one in asked.captured_queries if '"serial" <' in one["sql"]]
    assert [step.split("WHERE")[1].split(" AND ")[0].split('"serial"')[1] for step in steps] == [
        *(" >= 'SN'", " > 'SN0815'", " >= 'sn'"),
    ]
