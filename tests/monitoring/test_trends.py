"""The pages of Trends and the API of the same numbers, from hourly sums."""

import csv
import io
import json
import zoneinfo
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inspector.inspections.models import Outcome, Verdict
from inspector.monitoring import lots
from inspector.monitoring.models import DefectSum, HourlySum
from inspector.monitoring.periods import Per, periods, place_of
from inspector.monitoring.shifts import parse
from inspector.registry.models import Change, Standing
from inspector.reviews.models import DefectType
from tests.factories import (
    BatchFactory,
    DeploymentFactory,
    InspectionFactory,
    ModelVersionFactory,
    UserFactory,
)
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
PERIOD = "since=2026-03-01&until=2026-03-30"


@pytest.fixture
def version():
    return ModelVersionFactory.create(
        category__name="Hex nut", category__slug="hex-nut", standing=Standing.CANDIDATE
    )


def add(version, hour, station="A", person=None, **counts):
    known = {"category": version.category, "version": version, "folded": True}
    person = person or UserFactory.create()
    return HourlySum.objects.create(hour=hour, station=station, person=person, **known, **counts)


@pytest.fixture
def month(version):
    """Thirty days of 1,000 parts with 20 defective ones, but for the 25th with 90; and at two stations."""
    person = UserFactory.create(username="anna")
    for day in range(30):
        bad = 90 if day == 24 else 20 + (day % 3 - 1) * 2
        hour = FIRST + timedelta(days=day, hours=10)
        add(version, hour, "A", person, ok_good=490, anomaly_defective=bad // 2)
        add(version, hour, "B", person, ok_good=470, anomaly_defective=bad - bad // 2, review_open=10)
    return version


def drawn(response, name):
    [figure] = [one for one in [response.context["rate"], *response.context["figures"]] if one.name == name]
    return figure


def test_who_sees_trends(client_of):
    assert answers(client_of, "/trends/") == ALL | {"Inspector": 403}
    assert answers(client_of, "/trends/rate.csv") == ALL | {"Inspector": 403}


def test_the_api_is_for_the_same_people(api_of):
    for chart in ("rate", "defects", "comparison", "heat"):
        address = f"/api/trends/{chart}/"
        assert api_of("Inspector").get(address).status_code == 403
        assert api_of("QA manager").get(address).status_code == 200


def test_a_day_out_of_control_is_a_signal_with_its_rule(client_of, month):
    page = client_of("QA manager").get(
        f"/trends/?category=hex-nut&{PERIOD}&base_since=2026-03-01&base_until=2026-03-20"
    )
    rate = drawn(page, "rate")
    [signal] = page.context["signals"]
    assert (signal["label"], signal["signals"]) == ("Wed 25 Mar 2026", ["One point beyond 3 sigma"])
    assert signal["share"] == pytest.approx(90 / 1050)
    assert rate.more["centre"] == pytest.approx(0.02, rel=0.05) and len(rate.rows) == 30
    assert "One point beyond 3 sigma" in page.content.decode()
    assert "category=hex-nut&amp;outcome=defective&amp;since=2026-03-25T00" in page.content.decode()


def test_nelson_names_its_own_rules(client_of, month):
    page = client_of("QA manager").get(
        f"/trends/?{PERIOD}&rules=nelson&base_since=2026-03-01&base_until=2026-03-20"
    )
    assert page.context["signals"], "the same point"


def test_what_is_undecided_is_not_in_the_rate(client_of, month):
    page = client_of("QA manager").get(f"/trends/?{PERIOD}")
    total = page.context["total"]
    assert total.open == 300 and total.decided == total.judged - 300
    assert total.first_pass == pytest.approx(30 * 960 / total.judged)


def test_promotions_and_new_limits_are_marks(client_of, month):
    DeploymentFactory.create(version=month, since=FIRST + timedelta(days=4, hours=3))
    DeploymentFactory.create(
        version=month, since=FIRST + timedelta(days=9), change=Change.LIMITS, until=FIRST + timedelta(days=9)
    )
    page = client_of("QA manager").get(f"/trends/?category=hex-nut&{PERIOD}")
    marks = {mark["words"]: mark["at"] for mark in drawn(page, "rate").more["marks"]}
    assert marks == {f"{month} promoted": 4, "Hex nut: limits changed": 9}


def test_defect_types_add_up_to_the_defective_parts(client_of, month):
    scratch, dent = (
        DefectType.objects.create(category=month.category, name=name, name_key=name.lower())
        for name in ("Scratch", "Dent")
    )
    for kind, n in ((scratch, 300), (dent, 100)):
        DefectSum.objects.create(
            hour=FIRST,
            category=month.category,
            version=month,
            person=UserFactory.create(),
            defect_type=kind,
            n=n,
        )
    page = client_of("QA manager").get(f"/trends/?category=hex-nut&{PERIOD}")
    rows = drawn(page, "defects").rows
    total = page.context["total"].defective
    assert [(row["name"], row["n"]) for row in rows] == [
        ("Scratch", 300),
        ("No type named", total - 400),
        ("Dent", 100),
    ]
    assert rows[-1]["cumulative"] == 1 and f"defect_type={scratch.pk}" in rows[0]["href"]


@pytest.mark.parametrize(
    ("by", "names"),
    [("station", {"A", "B"}), ("person", {"anna"}), ("category", {"Hex nut"}), ("version", None)],
)
def test_rates_are_compared(client_of, month, by, names):
    page = client_of("QA manager").get(f"/trends/?{PERIOD}&by={by}")
    rows = drawn(page, "comparison").rows
    assert {row["name"] for row in rows} == (names or {str(month)})
    assert all(row["low"] < row["share"] < row["high"] for row in rows)
    assert sum(row["judged"] for row in rows) == page.context["total"].judged


def test_shifts_are_compared_by_their_timetable(client_of, month, settings):
    client, asked = client_of("QA manager"), f"/trends/?{PERIOD}&by=shift"
    figure = drawn(client.get(asked), "comparison")
    assert figure.rows == [] and "INSPECTOR_SHIFTS" in figure.empty
    settings.SHIFTS = parse("Early=06:00-14:00, Late=14:00-22:00", "UTC")
    page = client.get(asked)
    [early] = drawn(page, "comparison").rows
    assert (early["name"], early["judged"]) == ("Early", page.context["total"].judged)
    assert "since=2026-03-30T06:00:00" in early["href"] and "until=2026-03-30T13:59:59" in early["href"]


def test_lots_are_compared_each_in_its_category(client_of, version, monkeypatch):
    day = datetime(2026, 3, 10, 9, tzinfo=UTC)
    other = ModelVersionFactory.create(category__name="Bolt", category__slug="bolt")

    def photos(of, lot, *verdicts, at=day):
        batch = BatchFactory.create(category=of.category)
        for verdict in verdicts:
            outcome = Outcome.DEFECTIVE if verdict == Verdict.ANOMALY else Outcome.GOOD
            kind = {"judged": True, "version": of, "verdict": verdict, "outcome": outcome, "created": at}
            InspectionFactory.create(batch=batch, lot=lot, **kind)

    photos(version, "L-1", Verdict.OK, Verdict.OK, Verdict.ANOMALY, Verdict.ANOMALY)
    photos(version, "L-2", Verdict.OK, Verdict.OK, Verdict.OK, at=day + timedelta(days=1))
    photos(version, "", Verdict.OK)
    photos(version, "L-0", Verdict.OK, at=day - timedelta(days=40))
    photos(other, "L-1", Verdict.ANOMALY)
    client = client_of("QA manager")
    rows = {row["name"]: row for row in drawn(client.get(f"/trends/?{PERIOD}&by=lot"), "comparison").rows}
    assert {name: (row["judged"], row["defective"]) for name, row in rows.items()} == {
        "Hex nut: L-1": (4, 2),
        "Hex nut: L-2": (3, 0),
        "Bolt: L-1": (1, 1),
    }
    assert "lot=L-1" in rows["Bolt: L-1"]["href"] and "category=bolt" in rows["Bolt: L-1"]["href"]
    one = drawn(client.get(f"/trends/?{PERIOD}&by=lot&category=hex-nut"), "comparison").rows
    assert [(row["name"], row["first_pass"]) for row in one] == [("L-1", 0.5), ("L-2", 1.0)]
    monkeypatch.setattr(lots, "LOT_PHOTOS", 3)
    [newest] = drawn(client.get(f"/trends/?{PERIOD}&by=lot&category=hex-nut"), "comparison").rows
    assert newest["name"] == "L-2"
    none = drawn(client.get("/trends/?since=2025-01-01&until=2025-01-02&by=lot"), "comparison")
    assert none.rows == [] and "has a lot" in none.empty


def test_hours_are_those_of_the_persons_zone(client_of, version):
    add(version, datetime(2026, 3, 28, 23, tzinfo=UTC), ok_good=9, anomaly_defective=1)
    client = client_of("QA manager")
    client.cookies["time_zone"] = "Asia/Tokyo"
    page = client.get("/trends/?since=2026-03-29&until=2026-03-29")
    [cell] = drawn(page, "heat").rows
    assert (cell["weekday"], cell["hour"], cell["judged"]) == ("Sun", "08:00", 10)


def test_a_day_with_23_hours_has_all_its_hours():
    with timezone.override(zoneinfo.ZoneInfo("Europe/Berlin")):
        since = timezone.make_aware(datetime(2026, 3, 28))
        until = timezone.make_aware(datetime(2026, 3, 30, 23))
        days = periods(since, until, Per.DAY)
        hours = [(one.until - one.since) / timedelta(hours=1) for one in days]
        weeks = periods(since, until, Per.WEEK)
    assert [
        (one.until.astimezone(UTC) - one.since.astimezone(UTC)).total_seconds() / 3600 for one in days
    ] == [24, 23, 24]
    assert len(hours) == 3 and [one.label for one in weeks] == ["Week of 23 Mar 2026", "Week of 30 Mar 2026"]
    moments = [days[0].since - timedelta(seconds=1), days[1].since, days[2].last, days[2].until]
    assert place_of(moments, days) == [-1, 1, 2, -1]


def test_an_hour_that_comes_twice_leads_to_the_photos_of_each():
    """At 03:00 it is 02:00 again."""
    since = datetime(2026, 10, 24, 23, tzinfo=UTC)
    with timezone.override(zoneinfo.ZoneInfo("Europe/Berlin")):
        hours = periods(since, since + timedelta(hours=3), Per.HOUR)
    lengths = [one.last.astimezone(UTC) - one.since.astimezone(UTC) for one in hours]
    assert lengths == [timedelta(hours=1, microseconds=-1)] * 4


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("since=1970-01-01&until=2020-01-01", "since", "Choose at most 800 days; these are 18,263."),
        ("since=2026-03-02&until=2026-03-01", "until", "before the beginning"),
        ("since=yesterday", "since", "is not a date"),
        ("until=0001-01-10", "until", "Choose a date from 1800 to 2999."),
        ("since=0001-01-01&until=0001-01-01", "since", "Choose a date from 1800 to 2999."),
        ("since=2026-01-01&until=2026-12-31&per=hour", "per", "33 days by the hour"),
        ("base_since=2026-01-01", "base_until", "the beginning and the end"),
        ("category=none", "category", "not one of the available choices"),
        ("by=weather", "by", "not one of the available choices"),
        ("base_since=1800-01-01&base_until=2026-01-01", "base_since", "at most"),
    ],
)
def test_what_cannot_be_shown_says_why(client_of, api_of, query, field, words):
    page = client_of("QA manager").get(f"/trends/?{query}")
    assert page.status_code == 400
    assert words in page.context["form"].errors[field][0]
    answer = api_of("QA manager").get(f"/api/trends/rate/?{query}")
    assert answer.status_code == 400 and words in answer.json()["error"]["fields"][field][0]


def test_a_period_without_photos_says_what_to_do(client_of, version):
    page = client_of("QA manager").get("/trends/?category=hex-nut").content.decode()
    assert "Nothing was judged in this period" in page and "data-figure" not in page


def test_a_base_period_without_limits_says_so(client_of, version):
    add(version, FIRST, ok_good=10)
    page = client_of("QA manager").get(f"/trends/?{PERIOD}")
    assert "The base period has no defective part" in page.content.decode()
    assert drawn(page, "defects").empty == "No photo of this period is defective."


def test_a_page_asks_the_database_a_bounded_number_of_times(client_of, month):
    client = client_of("QA manager")
    client.get(f"/trends/?{PERIOD}")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(f"/trends/?category=hex-nut&{PERIOD}&by=station")
    assert len(asked) <= 14, [one["sql"][:80] for one in asked]


def test_csv_and_api_have_the_numbers_of_the_page(client_of, api_of, month):
    sent = client_of("QA manager").get(f"/trends/comparison.csv?{PERIOD}&by=station")
    rows = list(csv.DictReader(io.StringIO(b"".join(sent.streaming_content).decode())))
    told = api_of("QA manager").get(f"/api/trends/comparison/?{PERIOD}&by=station").json()
    assert [row["Station"] for row in rows] == [row["name"] for row in told["rows"]]
    assert float(rows[0]["Defect rate"]) == told["rows"][0]["share"]
    rate = api_of("QA manager").get(f"/api/trends/rate/?{PERIOD}").json()
    assert len(rate["rows"]) == 30 and rate["chart"] in ("p chart", "Laney p' chart")
    assert "href" not in json.dumps(rate)
