"""Whether one station, shift or lot is judged otherwise than the others: page, CSV and API."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from inspector.inspections.filter_kinds import hidden
from inspector.inspections.models import Inspection, Outcome, Verdict
from inspector.monitoring.models import HourlySum
from inspector.monitoring.shifts import parse
from inspector.registry.models import Standing
from tests.factories import BatchFactory, InspectionFactory, ModelVersionFactory, UserFactory
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
PERIOD = "category=hex-nut&since=2026-03-01&until=2026-03-30"
START = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture
def version():
    return ModelVersionFactory.create(
        category__name="Hex nut", category__slug="hex-nut", standing=Standing.CANDIDATE
    )


@pytest.fixture
def stations(version):
    """Station 2 has 61 false alarms among 1,000 good parts, the others have 10 and 9; all miss as much."""
    person = UserFactory.create()
    for number, alarms in enumerate((10, 61, 9), start=1):
        HourlySum.objects.create(
            hour=START + timedelta(hours=8 * number),
            category=version.category,
            version=version,
            person=person,
            station=str(number),
            folded=True,
            ok_good=1000 - alarms,
            anomaly_good=alarms,
            anomaly_defective=20,
            ok_defective=1,
        )
    return version


def test_who_sees_them(client_of, api_of):
    for address in ("/trends/groups/", "/trends/groups.csv"):
        assert client_of("Inspector").get(address).status_code == 403
    assert answers(client_of, "/trends/groups/") == ALL | {"Inspector": 403}
    assert api_of("Inspector").get("/api/trends/groups/").status_code == 403


def test_a_station_with_more_false_alarms_is_named_and_leads_to_its_photos(client_of, api_of, stations):
    page = client_of("QA manager").get(f"/trends/groups/?{PERIOD}").content.decode()
    assert "Station 2: 6.1 % false alarms against 0.95 %." in page
    shown = "category=hex-nut&amp;disagreement=false_call&amp;station=2"
    assert shown in page and "6.10" in page
    answer = api_of("QA manager").get(f"/api/trends/groups/?{PERIOD}").json()
    assert [row["name"] for row in answer["rows"]] == ["2", "1", "3"]
    first = answer["rows"][0]
    assert (first["false_alarm_count"], first["false_alarm_n"]) == (61, 1000)
    assert (first["false_alarm_differs"], first["miss_differs"]) == ("more", "")
    assert [said["words"].split(" ", 3)[3] for said in answer["says"]] == [
        "% false alarms against 0.95 %.",
        "% judged ANOMALY against 2.9 %.",
    ]
    text = client_of("QA manager").get(f"/trends/groups.csv?{PERIOD}").getvalue().decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["Station"] for row in rows] == ["2", "1", "3"]


def test_one_group_alone_is_compared_with_nothing(client_of, stations):
    HourlySum.objects.exclude(station="2").delete()
    page = client_of("QA manager").get(f"/trends/groups/?{PERIOD}").content.decode()
    assert "There is only one group" in page and "No group has" not in page


def test_what_has_no_station_leads_to_no_photos_of_all_stations(client_of, stations):
    HourlySum.objects.filter(station="2").update(station="")
    page = client_of("QA manager").get(f"/trends/groups/?{PERIOD}").content.decode()
    assert "No station: 6.1 % false alarms" in page and "station=1" in page
    assert "/history/?category=hex-nut&amp;since" not in page, "History would show every station"
    rows = client_of("QA manager").get(f"/trends/?{PERIOD}&by=station").context["figures"][1].rows
    assert [row["href"] for row in rows if row["name"] == "No station"] == [""]


def test_shifts_are_compared_by_the_timetable(api_of, stations, settings):
    api = api_of("QA manager")
    assert api.get(f"/api/trends/groups/?{PERIOD}&by=shift").json()["rows"] == []
    settings.SHIFTS = parse("Early=06:00-14:00, Late=14:00-22:00, Night=22:00-06:00", "UTC")
    answer = api.get(f"/api/trends/groups/?{PERIOD}&by=shift").json()
    assert {row["name"]: row["false_alarm_count"] for row in answer["rows"]} == {
        "Late": 10,
        "Night": 61,
        "Early": 9,
    }
    assert "Shift Night: 6.1 % false alarms" in answer["says"][0]["words"]


def test_lots_are_counted_from_the_newest_photos(api_of, version):
    batch = BatchFactory.create(category=version.category)
    for lot, outcomes in {"L-1": ["good"] * 6, "L-2": ["good"] * 2 + ["defective"]}.items():
        for outcome in outcomes:
            InspectionFactory.create(
                batch=batch, judged=True, version=version, lot=lot, created=START, outcome=Outcome(outcome)
            )
    InspectionFactory.create(
        batch=batch, judged=True, version=version, lot="L-2", created=START, verdict=Verdict.OK
    )
    answer = api_of("QA manager").get(f"/api/trends/groups/?{PERIOD}&by=lot").json()
    rows = {row["name"]: row for row in answer["rows"]}
    assert (rows["L-1"]["false_alarm_count"], rows["L-1"]["false_alarm_n"]) == (6, 6)
    assert (rows["L-2"]["false_alarm_count"], rows["L-2"]["false_alarm_n"]) == (2, 3)
    assert (rows["L-2"]["anomaly_count"], rows["L-2"]["anomaly_n"]) == (3, 4)


def test_own_fields_are_compared_and_their_photos_open(api_of, client_of, version, settings):
    settings.PART_FIELDS = ["Mould cavity"]
    batch = BatchFactory.create(category=version.category)
    cavities = {"1": [Outcome.DEFECTIVE] * 9, "2": [Outcome.GOOD] * 8 + [Outcome.DEFECTIVE]}
    for cavity, outcomes in cavities.items():
        for outcome in outcomes:
            InspectionFactory.create(
                batch=batch,
                judged=True,
                version=version,
                part_fields={"mould_cavity": cavity},
                created=START,
                outcome=outcome,
            )
    by = f"{PERIOD}&by=part_fields.mould_cavity"
    answer = api_of("QA manager").get(f"/api/trends/groups/?{by}").json()
    rows = {row["name"]: row for row in answer["rows"]}
    assert (rows["2"]["false_alarm_count"], rows["2"]["false_alarm_n"]) == (8, 8)
    page = client_of("QA manager").get(f"/trends/groups/?{by}").content.decode()
    assert "part_field=mould_cavity%3D2" in page
    history = "/api/inspections/?part_field=mould_cavity%3D2"
    assert len(api_of("QA manager").get(history).json()["results"]) == 9
    sorted_ = api_of("QA manager").get(f"{history}&sort=score&category=hex-nut").json()["results"]
    assert len(sorted_) == 9
    asked = [{"part_fields__mould_cavity": "2"}]
    assert hidden(Inspection.objects.all(), asked).count() == 9, "along the index of another order"
    for wrong in ("colour%3Dred", "mould_cavity"):
        assert api_of("QA manager").get(f"/api/inspections/?part_field={wrong}").status_code == 400
    shown = client_of("QA manager").get("/history/filters/").content.decode()
    assert 'name="part_field"' in shown
    settings.PART_FIELDS = []
    assert 'name="part_field"' not in client_of("QA manager").get("/history/filters/").content.decode()


def test_a_category_has_to_be_chosen(client_of, api_of, stations):
    assert "Choose a category" in client_of("QA manager").get("/trends/groups/").content.decode()
    for answer in (
        api_of("QA manager").get("/api/trends/groups/"),
        api_of("QA manager").get(f"/api/trends/groups/?{PERIOD}&by=category"),
        client_of("QA manager").get("/trends/groups.csv"),
    ):
        assert answer.status_code == 400
    assert client_of("QA manager").get("/trends/groups/?by=colour").status_code == 400
    empty = client_of("QA manager").get("/trends/groups/?category=hex-nut&since=2020-01-01&until=2020-01-02")
    assert "No photo was judged" in empty.content.decode()


def test_its_queries_do_not_grow_with_the_groups(client_of, stations, django_assert_max_num_queries):
    client = client_of("QA manager")
    with django_assert_max_num_queries(12):
        client.get(f"/trends/groups/?{PERIOD}")
