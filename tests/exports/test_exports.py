"""Exports of what the history's filters leave: forms, jobs, who may open them, and what bad input gets."""

import csv
import html
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta

import openpyxl
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from inspector.accounts.people import describe
from inspector.core import files, work
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.exports import archive, ask, make, records
from inspector.exports.models import KEPT, Export
from inspector.inspections.models import Inspection
from inspector.reviews.decide import Finding, decide
from tests.at_once import at_once
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import photo
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
EVIL = "=cmd|' /C calc'!A0"
QA_ONLY = ALL | {"Inspector": 403}


@pytest.fixture
def rows(person) -> list[Inspection]:
    """The newest first: one with a name like a formula, one defective by decision, one that failed."""
    version = ModelVersionFactory.create(category=CategoryFactory.create(slug="nut", name="Nut"))
    batch = BatchFactory.create(category=version.category, submitted_by=person(username="żółć"))
    now = timezone.now()
    of_it = {"judged": True, "batch": batch, "version": version}
    evil = InspectionFactory.create(
        **of_it, filename=EVIL, lot="+A1", created=now, part_fields={"cavity": "@x"}
    )
    bad = InspectionFactory.create(
        **of_it, filename="../..\\коло 车.png", created=now - timedelta(days=1), verdict="OK", score=0.1
    )
    failed = InspectionFactory.create(batch=batch, state=State.FAILED, created=now - timedelta(days=2))
    decide(bad, Finding("defective", "-Scratch", comment="\tsee\nback"), by=person(Role.QA_MANAGER, "quinn"))
    return [evil, bad, failed]


def streamed(response) -> str:
    return b"".join(response.streaming_content).decode()


def done(client: Client, form: str, query: str = "") -> Export:
    """Asked for on the page, and made."""
    answer = client.post(f"/history/export/{query}", {"form": form, "title": "Lot 7"})
    assert answer.status_code == 302, answer.content.decode()
    export = Export.objects.latest("pk")
    assert answer["Location"] == export.get_absolute_url()
    found = work.run(Export, export.pk)
    assert found and found.state == State.DONE, found and found.error_message
    return found


def content(client: Client, export: Export) -> bytes:
    return b"".join(client.get(f"/exports/{export.pk}/file/").streaming_content)


def test_one_that_failed_leads_to_the_same_once_more(client_of, rows, monkeypatch):
    """No page of exports has a Retry to press."""
    client = client_of(Role.QA_MANAGER)
    client.post("/history/export/?lot=%2BA1", {"form": "pdf", "title": "Lot & 7"})
    monkeypatch.setitem(make.WRITERS, "pdf", lambda *_: 1 / 0)
    failed = work.run(Export, Export.objects.latest("pk").pk)
    page = client.get(failed.get_absolute_url()).text
    assert failed.state == State.FAILED and "Export it again; if it happens again, tell" in page
    assert "press retry" not in page.lower()
    [again] = re.findall(r'href="(/history/export/\?[^"]*)"', page)
    form = client.get(html.unescape(again)).text
    assert 'value="Lot &amp; 7"' in form and "<dd>\n                +A1" in form


@pytest.mark.parametrize("form", ["csv", "pdf"])
def test_a_day_is_the_persons_own_as_in_the_history(client_of, rows, form):
    """23:30 in UTC is the next day in Berlin already."""
    Inspection.objects.filter(pk=rows[0].pk).update(created="2026-01-01T23:30Z")
    client, query = client_of(Role.QA_MANAGER), "?since=2026-01-02&until=2026-01-02"
    client.cookies["time_zone"] = "Europe/Berlin"
    assert rows[0].filename in html.unescape(client.get(f"/history/{query}").text)
    if form == "csv":
        assert f"\n{rows[0].pk}," in streamed(client.get(f"/history/export/csv/{query}"))
    else:
        assert done(client, form, query).rows == 1


# --- Streamed --------------------------------------------------------------------------------
def test_csv_is_streamed_with_zones_and_without_formulas(client_of, rows):
    client = client_of(Role.QA_MANAGER)
    client.cookies["time_zone"] = "Europe/Berlin"
    answer = client.post("/history/export/?category=nut", {"form": "csv"})
    assert answer["Location"] == "/history/export/csv/?category=nut"
    response = client.get(answer["Location"])
    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"].endswith('.csv"')
    text = streamed(response)
    found = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in found] == [str(row.pk) for row in rows]
    first, second, third = found
    assert first["filename"] == f"'{EVIL}" and first["lot"] == "'+A1"
    assert second["defect_type"] == "'-Scratch" and second["comment"].startswith("see")
    assert (second["disagreement"], second["decided_by"], second["outcome"]) == (
        "escape",
        "quinn",
        "defective",
    )
    assert float(first["times_threshold"]) == pytest.approx(1.4) and third["times_threshold"] == ""
    assert datetime.fromisoformat(first["sent"]) == rows[0].created.replace(
        microsecond=rows[0].created.microsecond // 1000 * 1000
    )
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell.startswith(("=", "@", "+", "-", "\t", "\r")) for cell in row)


def test_json_has_the_same_as_values(client_of, rows):
    text = streamed(client_of("Admin").get("/history/export/json/?sort=score"))
    found = json.loads(text)
    assert [row["id"] for row in found] == [row.pk for row in rows]
    assert found[0]["filename"] == EVIL and found[0]["part_fields"] == {"cavity": "@x"}
    assert found[0]["score"] == 0.7 and found[2]["score"] is None
    assert list(found[0]) == list(records.COLUMNS)
    assert json.loads(streamed(client_of("Admin").get("/history/export/json/?verdict=REVIEW"))) == []


@pytest.mark.parametrize("sort", ["", "score", "doubt"])
def test_every_row_comes_once_in_the_order_of_the_history(rows, sort):
    Inspection.objects.filter(pk__in=[row.pk for row in rows]).update(doubt=1.0)
    for n in range(5):
        of_it = {"batch": rows[0].batch, "version": rows[0].version, "created": rows[1].created}
        InspectionFactory.create(judged=True, doubt=n / 5, **of_it)
    query = {"sort": sort} if sort else {}
    whole = [row["id"] for step in records.steps(query, UTC, most=99) for row in step]
    pieces = [row["id"] for step in records.steps(query, UTC, most=3) for row in step]
    assert pieces == whole and len(set(whole)) == len(whole) == 8
    assert records.count(query) == 8


def test_who_asks_for_headers_takes_nothing_out(client_of, rows):
    for address in ("/history/export/csv/", f"/inspections/{rows[0].pk}/pdf/"):
        assert client_of("Admin").head(address).status_code == 200
    assert not Event.objects.filter(kind__startswith="export.").exists()


def test_what_leaves_is_on_record(client_of, rows):
    client_of("Admin").get("/history/export/csv/?verdict=OK")
    event = Event.objects.get(kind="export.asked")
    assert event.detail == {"form": "csv", "filters": {"verdict": "OK"}}


# --- Made by a worker ------------------------------------------------------------------------
def test_excel_has_numbers_dates_and_text(client_of, rows):
    client = client_of(Role.QA_MANAGER)
    export = done(client, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(content(client, export)))
    sheet = book["Inspections"]
    head = [cell.value for cell in sheet[1]]
    first = dict(zip(head, sheet[2], strict=True))
    assert first["filename"].value == EVIL and first["filename"].data_type == "s"
    assert first["score"].value == 0.7 and first["score"].data_type == "n"
    assert f"sent ({export.zone})" in head and isinstance(first[f"sent ({export.zone})"].value, datetime)
    assert first["drafted"].data_type == "b", "true and false as CSV and JSON have them"
    assert sheet.max_row == 4 and export.rows == 3
    assert book["About"]["B1"].value == "none: all inspections"


def test_zip_has_photos_maps_and_the_table(client_of, rows):
    for row in rows[:2]:
        files.store(str(row.original), photo())
    files.store("h.png", b"map")
    client = client_of("Admin")
    export = done(client, "zip", "?state=done")
    with zipfile.ZipFile(io.BytesIO(content(client, export))) as found:
        names = found.namelist()
        assert found.testzip() is None
        assert f"photos/{rows[1].pk}-_.._коло 车.png" in names or any("коло 车.png" in name for name in names)
        assert not any(".." in name.split("/") or name.startswith("/") or "\\" in name for name in names)
        assert f"maps/{rows[0].pk}-heatmap.png" in names
        assert "contours" in found.read("missing.txt").decode()
        table = found.read("inspections.csv").decode()
        assert table.count("\n") >= 3 and f"\n{rows[2].pk}," not in table
    assert export.rows == 2


def test_a_photos_name_in_the_zip_is_harmless():
    assert archive.name_of(7, "../../etc/passwd") == "7-_.._etc_passwd"
    assert archive.name_of(7, "a:b?.png") == "7-a_b_.png"
    assert archive.name_of(7, "..") == "7-photo"


def test_pdf_of_what_the_filters_leave(client_of, rows):
    client = client_of(Role.QA_MANAGER)
    export = done(client, "pdf", "?category=nut")
    assert content(client, export).startswith(b"%PDF-")
    assert (export.title, export.rows) == ("Lot 7", 3)
    assert 'value="Lot L7"' in client.get("/history/export/?lot=L7&title=Lot+L7").text


def test_a_lots_page_leads_to_its_export(client_of, rows):
    Inspection.objects.update(lot="L 7")
    link = "/history/export/?lot=L%207&category=nut&title=Lot+L%207"
    assert link in client_of(Role.QA_MANAGER).get("/lots/L%207/").text
    assert link not in client_of().get("/lots/L%207/").text


def test_the_page_shows_how_far_it_is(client_of, rows):
    client = client_of(Role.QA_MANAGER)
    client.post("/history/export/", {"form": "xlsx"})
    export = Export.objects.get()
    assert "Waiting for a worker" in client.get(f"/exports/{export.pk}/").text
    Export.objects.update(state=State.RUNNING, progress={"done": 50, "total": 1200})
    page = client.get(f"/exports/{export.pk}/", headers={"HX-Request": "true"}).text
    assert "50 of 1,200 inspections" in page and "hx-get" in page and "<html" not in page
    assert client.post(f"/exports/{export.pk}/cancel/").status_code == 302
    assert "Stopping" in client.get(f"/exports/{export.pk}/").text
    Export.objects.update(state=State.WAITING, cancel_requested=False)
    client.post(f"/exports/{export.pk}/cancel/")
    assert "was cancelled" in client.get(f"/exports/{export.pk}/").text
    assert client.post(f"/exports/{export.pk}/cancel/").status_code == 409


def test_old_files_are_removed(client_of, rows):
    client = client_of(Role.QA_MANAGER)
    old, new = done(client, "xlsx"), done(client, "xlsx")
    long_ago = timezone.now() - KEPT - timedelta(minutes=1)
    Export.objects.filter(pk=old.pk).update(finished=long_ago)
    work.sweep()
    assert client.get(f"/exports/{old.pk}/file/").status_code == 404
    assert not default_storage.exists(str(old.file)) and default_storage.exists(str(new.file))


# --- Who may ---------------------------------------------------------------------------------
def test_who_may_export(client_of, rows):
    assert answers(client_of, "/history/export/") == QA_ONLY
    assert answers(client_of, "/history/export/csv/") == QA_ONLY
    assert "Export" not in client_of("Inspector").get("/history/").text
    assert "/history/export/?verdict=OK" in client_of("QA manager").get("/history/?verdict=OK").text


def test_a_file_is_its_owners_and_admins(client_of, person, rows):
    export = done(client_of("QA manager"), "xlsx")
    other = Client()
    other.force_login(person(Role.QA_MANAGER, "other"))
    inspector, nobody = client_of("Inspector"), Client()
    for address in (
        f"/exports/{export.pk}/",
        f"/exports/{export.pk}/file/",
        f"/api/exports/{export.pk}/file/",
    ):
        assert other.get(address).status_code == 404
        assert inspector.get(address).status_code == 403
        assert nobody.get(address).status_code in (302, 401)
        assert client_of("Admin").get(address).status_code == 200
    assert other.post(f"/exports/{export.pk}/cancel/").status_code == 404
    assert other.get("/api/exports/").json()["results"] == []
    response = client_of("QA manager").get(f"/exports/{export.pk}/file/")
    assert response["Cache-Control"] == "private, no-store"
    assert "attachment" in response["Content-Disposition"]


# --- Bad input -------------------------------------------------------------------------------
def test_what_cannot_be_exported_says_why(client_of, person, rows, monkeypatch):
    client, qa = client_of(Role.QA_MANAGER), person(Role.QA_MANAGER, "two")
    answer = client.post("/history/export/", {"form": "exe"})
    assert answer.status_code == 400 and "Choose one of csv" in answer.text
    bad = "?since=yesterday&score_min=nan"
    assert client.get(f"/history/export/{bad}")["Location"].startswith("/history/?")
    assert client.get(f"/history/export/csv/{bad}")["Location"].startswith("/history/?")
    assert client.get("/history/export/xlsx/").status_code == 404
    monkeypatch.setitem(ask.LIMITS, "zip", 2)
    with pytest.raises(Refused, match="These are 3 inspections"):
        ask.ask(form="zip", query={}, by=qa)
    for _ in range(ask.MOST_OPEN):
        ask.ask(form="json", query={}, by=qa)
    with pytest.raises(Conflict, match="under way"):
        ask.ask(form="json", query={}, by=qa)
    assert not Export.objects.filter(requested_by__username="person").exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_fills_the_queue_by_asking_several_times_at_once(person):
    qa = person(Role.QA_MANAGER)
    refused = at_once(*4 * [lambda: ask.ask(form="json", query={}, by=qa)])
    assert [getattr(one, "code", one) for one in refused] == ["too_many_exports"]
    assert Export.objects.count() == ask.MOST_OPEN


def test_more_than_are_counted_are_made_by_a_worker(client_of, rows, monkeypatch):
    monkeypatch.setattr("inspector.inspections.counting.MOST", 2)
    export = done(client_of(Role.QA_MANAGER), "csv")
    assert export.rows == 3


def test_a_job_that_was_cancelled_leaves_no_file(rows, person, monkeypatch):
    export = ask.ask(form="csv", query={}, by=person(Role.QA_MANAGER))
    real = records.records

    def stopped(*args):
        Export.objects.update(cancel_requested=True)
        yield from real(*args)

    monkeypatch.setattr("inspector.exports.make.records", stopped)
    monkeypatch.setattr("inspector.exports.make.EVERY", 1)
    monkeypatch.setattr("inspector.core.attempt.WRITE_SECONDS", 0)
    found = work.run(Export, export.pk)
    assert found and (found.state, str(found.file)) == (State.CANCELLED, "")


def test_filters_that_mean_nothing_any_more_leave_not_everything(rows, person):
    """The person was renamed while the export waited."""
    export = ask.ask(form="csv", query={"sent_by": "żółć"}, by=person(Role.QA_MANAGER))
    describe(rows[0].submitted_by, None, username="zoe")
    found = work.run(Export, export.pk)
    assert found and (found.state, found.error_code, str(found.file)) == (State.FAILED, "invalid_export", "")


# --- API -------------------------------------------------------------------------------------
def test_the_api_does_the_same(client_of, rows):
    client = client_of(Role.QA_MANAGER)
    sent = {"form": "csv", "query": {"verdict": "OK", "sort": "score"}}
    made = client.post("/api/exports/", sent, content_type="application/json")
    assert made.status_code == 202 and made.json()["state"] == "waiting"
    address = f"/api/exports/{made.json()['id']}/"
    work.run(Export, made.json()["id"])
    told = client.get(address).json()
    assert (told["state"], told["rows"]) == ("done", 1)
    assert b"quinn" in b"".join(client.get(told["file"]).streaming_content)
    assert client.post(f"{address}cancel/").status_code == 409
    for sent in (
        {"form": "doc"},
        {"form": "csv", "query": {"colour": "red"}},
        {"form": "csv", "query": {"score_min": "nan"}},
        {"form": "csv", "query": {"lot": "x" * 900}},
        {"form": "csv", "query": [1]},
    ):
        answer = client.post("/api/exports/", sent, content_type="application/json")
        assert answer.status_code == 400 and answer.json()["error"]["fields"]
    assert client_of("Inspector").post("/api/exports/", {}).status_code == 403
