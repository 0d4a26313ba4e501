"""Hourly sums: counted with each verdict and review, and the same when they are made again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from inspector.core.roles import Role
from inspector.inspections import verdicts
from inspector.inspections.models import BY_VERDICT, Inspection, Verdict
from inspector.monitoring import count
from inspector.monitoring.asked import midnight
from inspector.monitoring.count import hour_of
from inspector.monitoring.fold import fold
from inspector.monitoring.models import DefectSum, HourlySum
from inspector.monitoring.rebuild import rebuild, totals
from inspector.monitoring.summary import own_day
from inspector.reviews import outcomes
from inspector.reviews.decide import Finding, decide
from inspector.reviews.outcomes import recompute
from inspector.reviews.withdraw import withdraw
from tests.at_once import at_once
from tests.factories import BatchFactory, InspectionFactory, ModelVersionFactory, UserFactory

HOUR = datetime(2026, 3, 2, 14, tzinfo=UTC)


def judge(*verdicts_of: str, at: datetime = HOUR + timedelta(minutes=59)) -> list[Inspection]:
    """As the worker does: written, then told."""
    version = ModelVersionFactory.create()
    batch = BatchFactory.create(category=version.category)
    rows = [
        InspectionFactory.create(
            judged=True, batch=batch, version=version, verdict=one, created=at, station="A"
        )
        for one in verdicts_of
    ]
    verdicts.written(rows)
    return rows


def sums(**wanted: object) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in HourlySum.objects.filter(**wanted):
        for name in HourlySum.COUNTS:
            found[name] = found.get(name, 0) + getattr(row, name)
    return {name: n for name, n in found.items() if n}


@pytest.mark.django_db
def test_verdicts_are_counted_by_their_hour():
    first = judge("OK", "OK", "REVIEW", "ANOMALY")
    judge("OK", at=HOUR + timedelta(minutes=60))
    assert sums(hour=HOUR) == {"ok_good": 2, "review_open": 1, "anomaly_defective": 1}
    assert sums(hour=HOUR + timedelta(hours=1)) == {"ok_good": 1}
    row = HourlySum.objects.filter(hour=HOUR).first()
    expected = (first[0].category_id, first[0].version_id, first[0].submitted_by_id, "A")
    assert (row.category_id, row.version_id, row.person_id, row.station) == expected


@pytest.mark.django_db
def test_reviews_move_what_was_counted_and_withdrawals_move_it_back(person):
    qa, [ok, review] = person(Role.QA_MANAGER), judge("OK", "REVIEW")
    first = decide(ok, Finding("defective", defect="Scratch"), by=qa)
    decide(review, Finding("good"), by=qa)
    assert sums() == {"ok_defective": 1, "review_good": 1}
    second = decide(ok, Finding("defective", defect="Dent"), by=qa)
    fold()
    assert {row.defect_type.name: row.n for row in DefectSum.objects.all()} == {"Scratch": 0, "Dent": 1}
    withdraw(first, by=qa)
    assert {row.defect_type.name: row.n for row in DefectSum.objects.all()} == {"Scratch": 0, "Dent": 1}
    withdraw(second, by=qa)
    assert sums() == {"ok_good": 1, "review_good": 1}
    assert totals(DefectSum) == {}


@pytest.mark.django_db
def test_what_was_counted_is_what_is_made_again(person):
    qa = person(Role.QA_MANAGER)
    rows = judge("OK", "OK", "REVIEW", "ANOMALY") + judge("ANOMALY", at=HOUR + timedelta(days=1))
    decide(rows[0], Finding("defective", defect="Scratch"), by=qa)
    decide(rows[2], Finding("unsure"), by=qa)
    decide(rows[3], Finding("defective", defect="Dent"), by=qa)
    withdraw(decide(rows[4], Finding("good"), by=qa), by=qa)
    before = totals(HourlySum), totals(DefectSum)
    assert fold() > 0
    assert (totals(HourlySum), totals(DefectSum)) == before
    assert not HourlySum.objects.filter(folded=False).exists() and fold() == 0
    assert rebuild() == 0, "nothing was wrong"
    assert (totals(HourlySum), totals(DefectSum)) == before


@pytest.mark.django_db
def test_sums_are_put_right(capsys):
    judge("OK", "REVIEW")
    HourlySum.objects.update(ok_good=5)
    call_command("rebuild_sums")
    assert "1 sums were corrected" in capsys.readouterr().out
    assert sums() == {"ok_good": 1, "review_open": 1}
    call_command("rebuild_sums")
    assert "All sums were right." in capsys.readouterr().out


@pytest.mark.django_db
def test_an_outcome_that_is_put_right_is_counted_anew():
    [row] = judge("OK")
    Inspection.objects.filter(pk=row.pk).update(outcome="defective")
    rebuild()
    assert recompute() == 1
    assert sums() == {"ok_good": 1} and rebuild() == 0


@pytest.mark.django_db
def test_what_is_decided_while_outcomes_are_made_again_counts_once(person, monkeypatch):
    """After the inspections were read, and before their reviews."""
    [row], real = judge("OK"), outcomes.standing_reviews

    def decided_first():
        monkeypatch.setattr(outcomes, "standing_reviews", real)
        decide(row, Finding("defective"), by=person(Role.QA_MANAGER))
        return real()

    monkeypatch.setattr(outcomes, "standing_reviews", decided_first)
    assert recompute() == 0
    assert sums() == {"ok_defective": 1} and rebuild() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="one writer at a time")
def test_nothing_is_lost_where_many_write_fold_and_make_again():
    version = ModelVersionFactory.create()
    batch = BatchFactory.create(category=version.category, submitted_by=UserFactory.create())

    def write():
        for verdict in 7 * Verdict.values:
            values = {"verdict": verdict, "outcome": BY_VERDICT[verdict], "created": HOUR}
            with transaction.atomic():
                row = InspectionFactory.create(judged=True, batch=batch, version=version, **values)
                count.count_verdicts([row])

    def tidy():
        [fold() for _ in range(15)]

    def again():
        [rebuild() for _ in range(3)]

    assert at_once(write, write, write, tidy, tidy, again) == []
    fold()
    assert sums() == {"ok_good": 21, "review_open": 21, "anomaly_defective": 21}
    assert rebuild() == 0 and HourlySum.objects.count() == 1


@pytest.mark.django_db
def test_an_own_day_begins_at_midnight_in_zones_of_half_an_hour(person):
    """Sums are by UTC's hours, one of which holds the last and the first half hour of a day in India."""
    version, inspector = ModelVersionFactory.create(), person()
    with timezone.override("Asia/Kolkata"):
        hour = hour_of(midnight(timezone.localdate()) + timedelta(minutes=5))
        HourlySum.objects.create(
            hour=hour, category=version.category, version=version, person=inspector, ok_good=3
        )
        assert [one.judged for one in own_day(inspector)] == [3]
