"""What each kind of rule sees, when alerts are raised and over, and what the test of a rule shows."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.inspections.models import Verdict
from inspector.monitoring.alerts import evaluate as evaluating
from inspector.monitoring.alerts import rules
from inspector.monitoring.alerts.evaluate import asked, evaluate
from inspector.monitoring.alerts.handle import acknowledge, close
from inspector.monitoring.alerts.kinds import kind_of, kinds
from inspector.monitoring.alerts.measures import chart, places
from inspector.monitoring.alerts.models import Alert, Rule
from inspector.monitoring.alerts.replay import replay
from inspector.monitoring.models import HourlySum
from inspector.monitoring.statistics.p_chart import Subgroup
from inspector.registry.models import Deployment, ModelVersion
from inspector.reviews.enqueue import enqueue
from inspector.reviews.models import Entry
from tests.factories import (
    DRAFT,
    BatchFactory,
    CategoryFactory,
    InspectionFactory,
    JudgementFactory,
    ModelVersionFactory,
    TrainingRunFactory,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def batch():
    return BatchFactory.create(category=CategoryFactory.create(slug="nut", name="Nut"))


@pytest.fixture
def version(batch):
    return ModelVersionFactory.create(category=batch.category)


@pytest.fixture
def photos(batch, version):
    """photos("AAOO") -> a photo for each letter, the last one `ago` old; by default newer than all before."""
    last = NOW() - timedelta(minutes=1)

    def make(letters, ago=None, every=timedelta(milliseconds=1), **values):
        nonlocal last
        word = {"A": Verdict.ANOMALY, "O": Verdict.OK, "R": Verdict.REVIEW}
        last += every * len(letters)
        start = (last if ago is None else NOW() - ago) - every * (len(letters) - 1)
        return [
            InspectionFactory.create(
                judged=True,
                batch=batch,
                version=version,
                verdict=word[letter],
                created=start + place * every,
                **values,
            )
            for place, letter in enumerate(letters)
        ]

    return make


def readings(rule):
    kind = kind_of(rule.kind)
    return [(one.category and one.category.slug, round(one.value, 3)) for one in kind.read(asked(rule))]


# --- What is seen ----------------------------------------------------------------------------
def test_shares_of_the_last_photos(photos, rule_of):
    rule = rule_of("anomalies", limit=20, last=10)
    photos("AAOOOOOOO")
    assert readings(rule) == [], "nine are too few for ten"
    photos("A")
    assert readings(rule) == [("nut", 30.0)]
    photos("OOOOO")
    assert readings(rule) == [("nut", 10.0)]


def test_defective_parts_count_by_what_people_decided(photos, rule_of):
    rows = photos("AAOOO")
    rule = rule_of("defects", limit=20, last=5)
    assert readings(rule) == [("nut", 40.0)]
    rows[0].outcome = "good"
    rows[0].save()
    assert readings(rule) == [("nut", 20.0)]


def test_the_lot_on_the_line_is_watched(photos, rule_of):
    rule = rule_of("lot", limit=20, last=4)
    photos("OO")
    assert readings(rule) == [], "no photo names a lot"
    photos("AAO", lot="L1")
    assert readings(rule) == [], "not before the fourth photo"
    photos("O", lot="L1")
    photos("AA")  # of which the lot is not known
    assert readings(rule) == [("nut", 50.0)]
    photos("OOOO", lot="L2")
    assert readings(rule) == [("nut", 0.0)]
    (past,) = replay(rule)
    assert [alert.value for alert in past.alerts] == [50.0]


def test_anomalies_in_a_row_end_with_the_first_other_verdict(photos, rule_of):
    rule = rule_of("row", limit=4)
    photos("AAROAAA")
    assert readings(rule) == [("nut", 3)]
    photos("AA")
    assert readings(rule) == [("nut", 4)], "counted up to the limit"
    photos("O")
    assert readings(rule) == [("nut", 0)]


def test_a_dead_camera(photos, batch, rule_of):
    other = CategoryFactory.create(slug="bolt")
    rule = rule_of("silence", limit=30)
    assert readings(rule) == [], "of an installation that never had a photo nothing is said"
    photos("O", ago=timedelta(minutes=40))
    assert readings(rule) == [(None, pytest.approx(40, abs=1))]
    rule.category = batch.category
    assert readings(rule) == [("nut", pytest.approx(40, abs=1))]
    InspectionFactory.create(batch=BatchFactory.create(category=other))
    assert readings(rule) == [("nut", pytest.approx(40, abs=1))]


def test_silence_counts_from_the_beginning_of_the_shift(photos, rule_of):
    photos("O", ago=timedelta(hours=20))
    begin = timezone.localtime() - timedelta(minutes=10)
    end = begin + timedelta(hours=2)
    rule = rule_of("silence", limit=30, from_time=begin.time(), until_time=end.time())
    assert readings(rule) == [(None, pytest.approx(10, abs=1))]


def test_the_age_of_the_queue(photos, rule_of):
    rule = rule_of("queue", limit=24)
    CategoryFactory.create(slug="bolt")
    rows = photos("RR")
    for row in rows:
        row.refresh_from_db()
    enqueue(rows)
    Entry.objects.filter(inspection=rows[0]).update(created=NOW() - timedelta(hours=30))
    assert readings(rule) == [("nut", pytest.approx(30, abs=0.1)), ("bolt", 0)]
    Entry.objects.filter(inspection=rows[0]).update(closed=NOW())
    assert readings(rule)[0] == ("nut", pytest.approx(0, abs=0.1))


def test_failed_jobs(batch, rule_of):
    rule = rule_of("failed", limit=2, last=24)
    InspectionFactory.create(batch=batch, state=State.FAILED)
    InspectionFactory.create(batch=batch, state=State.FAILED, created=NOW() - timedelta(hours=25))
    InspectionFactory.create(batch=batch, state=State.FAILED, dismissed=NOW())
    run = TrainingRunFactory.create(category=batch.category, state=State.FAILED)
    TrainingRunFactory.create(lead=run, state=State.FAILED)  # of a family, which failed once
    assert readings(rule) == [(None, 2)]
    (seen,) = kind_of("failed").read(asked(rule))
    assert seen.words == "Failed in the last 24 hours: 1 photo, 1 training."


def test_free_disk_space(rule_of, monkeypatch):
    monkeypatch.setattr(places.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 7_500_000_000}))
    assert readings(rule_of("disk", limit=10)) == [(None, 7.5)]


def test_a_signal_on_the_control_chart():
    """By hand: 30 hours of 100 photos, 2 or 4 anomalies; p = 0.03, sigma = 0.01706: beyond 0.0812 is out."""
    start = NOW()
    usual = [(start + timedelta(hours=n), Subgroup(100, 2 + 2 * (n % 2))) for n in range(30)]
    assert chart.names_of_signals([*usual, (start, Subgroup(100, 8))]) == []
    assert chart.names_of_signals([*usual, (start, Subgroup(100, 9))]) == ["One point beyond 3 sigma"]
    assert chart.names_of_signals(usual[:15]) is None, "too few hours for limits"


def test_hours_of_the_chart_are_those_of_the_sums(batch, version, rule_of):
    """The last whole hour has 9 anomalies in 100; the 30 before it 2 or 4."""
    now = NOW().replace(minute=0, second=0, microsecond=0)
    key = {"category": batch.category, "version": version, "person": batch.submitted_by}
    for n in range(31):
        bad = 9 if n == 0 else 2 + 2 * (n % 2)
        hour = now - timedelta(hours=n + 1)
        # In two rows, as a verdict and a review add them.
        HourlySum.objects.create(**key, hour=hour, ok_good=100 - bad, anomaly_defective=bad - 1)
        HourlySum.objects.create(**key, hour=hour, anomaly_good=1)
    rule = rule_of("signal", limit=1)
    assert readings(rule) == [("nut", 1)]
    (found,) = replay(rule)
    assert [one.value for one in found.alerts] == [1]


def test_drift_of_the_scores(photos, version, rule_of):
    for n in range(30):
        JudgementFactory.create(version=version, score=0.2 + n / 1000)
    rule = rule_of("drift", limit=10, last=40)
    photos("O" * 40, ago=timedelta(hours=2), score=0.25)
    ((slug, percent),) = readings(rule)
    # The median of the good test photos is 0.2145: 0.25 is 16.55 % more.
    assert (slug, percent) == ("nut", pytest.approx(100 * (0.25 / 0.2145 - 1), abs=0.1))
    photos("O" * 40, score=0.2145)
    assert readings(rule) == [("nut", 0)]


def test_drift_of_estimates_of_a_quick_draft(photos, version, rule_of):
    """Good test photos were scored by the model: what is compared are the first photos by the draft."""
    for n in range(30):
        JudgementFactory.create(version=version, score=0.1 + n / 1000)
    rule = rule_of("drift", limit=10, last=40)
    photos("O" * 40, score=0.1)
    Deployment.objects.update(fast=True)
    photos("O" * 40, score=0.25, deployment=Deployment.objects.get())
    assert readings(rule) == [], "nothing to compare them with yet"
    photos("O" * 40, score=0.3, deployment=Deployment.objects.get())
    assert readings(rule) == [("nut", pytest.approx(20, abs=0.1))]
    assert [one.value for one in replay(rule)[0].alerts] == [pytest.approx(20, abs=0.1)]


# --- Raised and over -------------------------------------------------------------------------
def test_an_alert_from_its_cause_to_its_end(photos, rule_of, look):
    rule = rule_of("row", limit=3, quiet_minutes=0)
    photos("AA")
    assert look() == 0
    photos("A")
    assert look() == 1
    assert look() == 0, "one at once"
    alert = Alert.objects.get()
    assert (alert.rule, alert.category.slug, alert.value, alert.over) == (rule, "nut", 3, None)
    photos("O")
    assert look() == 0
    alert.refresh_from_db()
    assert alert.over and not alert.closed
    photos("AAA")
    assert look() == 1
    told = list(Event.objects.order_by("pk").values_list("kind", "actor"))
    assert told == [("alert.raised", None), ("alert.over", None), ("alert.raised", None)]


def test_closing_an_alert_raises_no_other_one_while_its_cause_lasts(photos, rule_of, look, person):
    rule_of("row", limit=3, quiet_minutes=0)
    photos("AAA")
    look()
    close(Alert.objects.get(), by=person("QA manager"), note="Lamp was dirty.")
    photos("A")
    assert look() == 0


def test_in_the_quiet_time_the_next_one_waits(photos, rule_of, look):
    rule_of("row", limit=3, quiet_minutes=60)
    photos("AAAO")
    photos("AAA")
    assert look() == 1
    photos("O")
    look()
    photos("AAA")
    assert look() == 0
    Alert.objects.update(created=NOW() - timedelta(minutes=61))
    assert look() == 1


def test_a_clock_that_was_set_back_silences_no_rule(photos, rule_of):
    """What was noted under a time in the future would hold until then: here, for a year."""
    rule = rule_of("row", limit=3, quiet_minutes=60)
    future = NOW() + timedelta(days=365)
    Rule.objects.update(looked=future)
    Alert.objects.create(rule=rule, category=photos("AAA")[0].category, words="x", value=3, limit=3)
    Alert.objects.update(created=future, over=future)
    assert evaluate() == 1
    assert evaluate() == 0


def test_rules_that_are_off_out_of_hours_or_archived_see_nothing(photos, batch, rule_of, look):
    photos("AAA")
    rule_of(enabled=False)
    rule_of(retired=NOW())
    now = timezone.localtime()
    rule_of(from_time=(now + timedelta(hours=1)).time(), until_time=(now + timedelta(hours=2)).time())
    rule_of("nobody-knows")
    assert look() == 0
    rule_of(category=batch.category)
    batch.category.archived = NOW()
    batch.category.save()
    assert look() == 0


def test_with_its_category_archived_an_alert_is_over_and_comes_back_with_it(photos, batch, rule_of, look):
    """Nothing would ever end it: no rule looks at an archived category."""
    category = batch.category
    photos("AAA")
    rule_of("row", limit=3, quiet_minutes=0)
    rule_of("failed", limit=1, last=24, quiet_minutes=0, category=category)
    InspectionFactory.create(batch=batch, state=State.FAILED)
    assert look() == 2
    category.archived = NOW()
    category.save()
    assert look() == 0 and not Alert.objects.filter(over=None).exists()
    assert Event.objects.filter(kind="alert.over", detail__words="Its category was archived.").count() == 2
    category.archived = None
    category.save()
    assert look() == 2


def test_one_rule_that_fails_keeps_no_other_from_looking(photos, rule_of, monkeypatch, look):
    photos("AAA")
    rule_of("disk", limit=10)
    monkeypatch.setattr(places.shutil, "disk_usage", lambda path: 1 / 0)
    rule_of("row", limit=3)
    assert look() == 1


@pytest.mark.parametrize(("name", "value"), [("enabled", False), ("limit", 5)])
def test_a_rule_that_is_changed_while_others_are_measured_raises_nothing_by_what_it_was(
    photos, rule_of, monkeypatch, look, person, name, value
):
    photos("AAA")
    rule_of("disk", limit=10)
    row, real = rule_of("row", limit=3), places.shutil.disk_usage

    def changed_first(path):
        setattr(row, name, value)
        rules.save(row, by=person("QA manager"))
        return real(path)

    monkeypatch.setattr(places.shutil, "disk_usage", changed_first)
    look()
    assert not Alert.objects.filter(rule=row).exists()


def test_a_rule_is_looked_at_as_often_as_its_kind_says(photos, rule_of, django_assert_num_queries):
    rule_of("row", limit=3)
    evaluate()
    photos("AAA")
    assert evaluate() == 0
    Rule.objects.update(looked=NOW() - timedelta(seconds=58))
    assert evaluate() == 1


def test_looking_costs_as_much_with_many_photos(photos, rule_of, django_assert_max_num_queries):
    for kind in kinds():
        rule_of(kind.value, limit=kind.limit.usual, last=kind.last and int(kind.last.usual))
    photos("OA" * 30)
    with django_assert_max_num_queries(50):
        evaluate()


# --- A person ---------------------------------------------------------------------------------
def test_acknowledged_and_closed_once_each_with_a_note(photos, rule_of, look, person):
    rule_of("row", limit=3)
    photos("AAA")
    look()
    alert, ann, bob = Alert.objects.get(), person("QA manager"), person("Admin")
    acknowledge(alert, by=ann)
    with pytest.raises(Conflict, match="qa-manager is already looking into it"):
        acknowledge(alert, by=bob)
    with pytest.raises(Refused, match="Say what was found"):
        close(alert, by=bob, note=" ")
    close(alert, by=bob, note="Lamp was dirty.")
    with pytest.raises(Conflict, match="has already closed this alert"):
        close(alert, by=ann, note="Again.")
    told = Event.objects.filter(kind__in=["alert.acknowledged", "alert.closed"]).order_by("pk")
    assert [(event.actor, event.detail.get("note")) for event in told] == [
        (ann, ""),
        (bob, "Lamp was dirty."),
    ]


# --- Test of a rule --------------------------------------------------------------------------
def test_the_test_of_a_rule_shows_what_it_would_have_said(photos, rule_of):
    photos("OOOOO", ago=timedelta(days=6))
    photos("AAAA", ago=timedelta(days=5))
    photos("OOOOO", ago=timedelta(days=4))
    photos("AAA", ago=timedelta(days=1))
    (row,) = replay(rule_of("row", limit=3))
    assert [(one.value, one.over is not None) for one in row.alerts] == [(3, True), (3, False)]
    (share,) = replay(rule_of("anomalies", limit=80, over_at=30, last=5))
    # Four of five at the fourth anomaly; over with the fourth OK after them, when one of five is left.
    assert [(one.value, one.over is not None) for one in share.alerts] == [(80, True)]
    assert share.measured == 13 and share.highest == 80
    assert not Alert.objects.exists()


def test_a_quick_draft_that_breaks_its_promise_is_reported_until_it_is_switched_off(
    photos, version, rule_of, look
):
    rule = rule_of("draft", limit=1, last=500)
    photos("OO", draft_agrees=False)
    assert readings(rule) == [("nut", 0.0)], "no draft is in use"
    ModelVersion.objects.filter(pk=version.pk).update(config=version.config | {"draft": DRAFT})
    version.deployments.update(fast=True)
    photos("OOO", draft_agrees=True, ago=timedelta(days=2))
    ((_, value),) = readings(rule)
    assert value > 50, "two of five, of which at least a twentieth differ"
    assert look() == 1 and "the model gave 2 another verdict" in Alert.objects.get().words
    (past,) = replay(rule)
    assert len(past.alerts) == 1 and past.highest == pytest.approx(value, abs=0.001)
    version.deployments.update(fast=False)
    look()
    assert Alert.objects.get().over


def test_the_test_of_time_driven_rules(photos, batch, rule_of):
    photos("OO", ago=timedelta(days=3), every=timedelta(days=2))
    (silence,) = replay(rule_of("silence", limit=24 * 60, category=batch.category))
    assert [one.over is not None for one in silence.alerts] == [True, False]
    rows = photos("R", ago=timedelta(days=10))
    for row in rows:
        row.refresh_from_db()
    enqueue(rows)
    Entry.objects.update(created=NOW() - timedelta(days=10), closed=NOW() - timedelta(days=8))
    (queue,) = replay(rule_of("queue", limit=24))
    (alert,) = queue.alerts
    assert abs(alert.raised - (NOW() - timedelta(days=9))) < timedelta(minutes=16)
    assert abs(alert.over - (NOW() - timedelta(days=8))) < timedelta(minutes=16)
    InspectionFactory.create_batch(3, batch=batch, state=State.FAILED, created=NOW() - timedelta(days=2))
    (failed,) = replay(rule_of("failed", limit=3, last=24))
    assert [one.value for one in failed.alerts] == [3] and failed.alerts[0].over


def test_every_kind_can_be_tested_or_says_why_not(photos, rule_of):
    photos("OA" * 5)
    for kind in kinds():
        rule = rule_of(kind.value, limit=kind.limit.usual, last=kind.last and int(kind.last.usual))
        assert kind.replay is None or len(replay(rule)) == 1


# --- What may not be -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"kind": "none"}, "kind", "Choose what"),
        ({"limit": 0}, "limit", "from 2 to 500"),
        ({"limit": 2.5}, "limit", "whole number"),
        ({"limit": float("nan")}, "limit", "from 2 to 500"),
        ({"over_at": 4}, "over_at", "cannot be above the limit"),
        ({"kind": "disk", "limit": 10, "over_at": 9}, "over_at", "cannot be below the limit"),
        ({"kind": "anomalies", "last": 1}, "last", "from 5 to 5,000"),
        ({"quiet_minutes": 99_999}, "quiet_minutes", "a week"),
        ({"from_time": timezone.now().time()}, "until_time", "both times"),
        ({"emails": "ann@example.com, bob"}, "emails", "“bob” is not an e-mail address"),
        ({"emails": "a@b.com," * 21}, "emails", "At most 20"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_at_its_field(person, values, field, words):
    with pytest.raises(Refused, match=re.escape(words)) as refused:
        rules.save(Rule(**{"name": "x", "kind": "row", "limit": 3} | values), by=person("QA manager"))
    assert set(refused.value.fields) == {field}
    assert not Rule.objects.exists()


def test_a_rule_that_is_switched_off_ends_what_it_raised(photos, rule_of, look, person):
    rule = rule_of("row", limit=3)
    photos("AAA")
    look()
    rule.enabled = False
    rules.save(rule, by=person("QA manager"))
    assert Alert.objects.get().over
    stale = Rule.objects.get()
    rules.retire(rule, by=person("QA manager"))
    with pytest.raises(Conflict, match="retired meanwhile"):
        rules.save(stale, by=person("QA manager"))
    assert Rule.objects.get().retired


def test_a_rule_that_is_retired_while_it_is_measured_raises_nothing(photos, rule_of, person, monkeypatch):
    rule = rule_of("row", limit=3)
    photos("AAA")
    measured = evaluating.levels_of

    def retired(*asked):
        rules.retire(rule, by=person("QA manager"))
        return measured(*asked)

    monkeypatch.setattr(evaluating, "levels_of", retired)
    assert evaluate() == 0
    assert not Alert.objects.exists()


@pytest.mark.parametrize("values", [{"kind": "silence"}, {"category": None}])
def test_a_rule_that_looks_elsewhere_ends_what_it_raised(photos, rule_of, look, person, values):
    rule = rule_of("row", limit=3, category=Category.objects.get())
    photos("AAA")
    look()
    for name, value in values.items():
        setattr(rule, name, value)
    rules.save(rule, by=person("QA manager"))
    assert Alert.objects.get().over
    before = Event.objects.get(kind="alert_rule.changed").detail["before"]
    assert before.keys() & {"category", "looks_at"}
