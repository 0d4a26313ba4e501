"""The first page: today's numbers, what each role needs, and what to do when there is nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from inspector.core.jobs import State
from inspector.core.models import SetupStep
from inspector.core.roles import Role
from inspector.inspections import verdicts
from inspector.monitoring.models import HourlySum
from inspector.reviews.enqueue import enqueue
from inspector.site.first_start import DEMO
from inspector.site.selectors import days
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    InspectionFactory,
    ModelVersionFactory,
    SampleFactory,
    TrainingRunFactory,
)
from tests.role_table import ALL, answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]


@pytest.fixture
def batch():
    version = ModelVersionFactory.create()
    return BatchFactory.create(category=version.category)


def judged(batch, **values):
    version = batch.category.versions.get()
    return InspectionFactory.create(judged=True, batch=batch, version=version, **values)


def body(response):
    assert response.status_code == 200
    return response.content.decode()


def test_who_sees_it(client_of):
    assert answers(client_of, "/") == ALL


def test_numbers_of_today(client_of, batch):
    judged(batch)
    judged(batch, verdict="OK", score=0.1)
    judged(batch, created=timezone.now() - timedelta(days=2))
    InspectionFactory.create(batch=batch, state=State.FAILED)
    InspectionFactory.create(batch=batch)
    page = body(client_of().get("/"))
    numbers = [part.split("<")[0] for part in page.split('tile-number">')[1:]]
    assert numbers == ["2", "1", "1", "1"]
    assert "50\u202f% of photos judged" in page


def test_a_day_begins_at_the_persons_own_midnight(batch):
    """23:30 UTC on the 1st is the 2nd in Berlin and still the 1st in New York."""
    moment = datetime.now(UTC).replace(hour=23, minute=30) - timedelta(days=3)
    judged(batch, created=moment)
    for zone, later in (("Europe/Berlin", 1), ("America/New_York", 0)):
        with timezone.override(zone):
            (day,) = [day for day in days() if day.judged]
        assert day.date == moment.date() + timedelta(days=later)


def test_review_appears_once_there_is_any(client_of, batch):
    judged(batch)
    page = body(client_of().get("/"))
    assert "verdict=REVIEW" not in page
    judged(batch, verdict="REVIEW", score=0.45, review_from=0.4)
    page = " ".join(body(client_of().get("/")).split())
    numbers = [part.split("<")[0] for part in page.split('tile-number">')[1:]]
    assert numbers == ["2", "1", "1", "0", "0"]
    assert "verdict=REVIEW" in page


def test_an_inspector_sees_the_own_day(client_of, batch, person):
    mine = BatchFactory.create(category=batch.category, submitted_by=person("Inspector"))
    rows = [judged(mine), judged(mine, verdict="OK", score=0.1), judged(batch)]
    verdicts.written(rows)
    response = client_of("Inspector").get("/")
    [row] = response.context["own_day"]
    assert (row.category, row.judged, row.ok, row.review, row.anomaly) == (batch.category, 2, 1, 0, 1)
    page = body(response)
    assert "Your day" in page and "The last 7 days" not in page and "Installation" not in page
    assert "Your day" not in body(client_of("QA manager").get("/"))


def test_a_qa_manager_sees_queue_yield_and_signals(client_of, batch):
    version, today = batch.category.versions.get(), timezone.now()
    for back in range(28):
        hour = (today - timedelta(days=back)).replace(minute=0, second=0, microsecond=0)
        bad = 90 if back == 2 else 18 + back % 2 * 12
        known = {"category": batch.category, "version": version, "person": batch.submitted_by}
        HourlySum.objects.create(hour=hour, ok_good=1000 - bad, anomaly_defective=bad, **known)
    enqueue([judged(batch, verdict="REVIEW")])
    response = client_of("QA manager").get("/")
    line = response.context["line"]
    assert line.before.share == pytest.approx(0.024, rel=0.1) and line.now.share > line.before.share
    assert line.now.first_pass == pytest.approx(1 - line.now.share)
    assert [one.words for one in line.signals] == ["One point beyond 3 sigma"]
    page = " ".join(body(response).split())
    assert "<strong>1</strong> photo waits for a decision" in page and "Installation" not in page


def test_an_admin_sees_the_installation(client_of):
    found = client_of("Admin").get("/").context["installation"]
    assert (found.workers, found.failed_runs) == (0, 0) and 0 < found.free < 1


def test_newest_anomalies_lead_to_their_pages(client_of, batch):
    first, newest = judged(batch), judged(batch)
    page = body(client_of().get("/"))
    assert page.index(newest.get_absolute_url()) < page.index(first.get_absolute_url())


def test_queries_do_not_grow(client_of, batch, django_assert_max_num_queries):
    for _ in range(5):
        judged(batch)
        TrainingRunFactory.create()
    browser = client_of()
    with django_assert_max_num_queries(13):
        browser.get("/")


def test_an_empty_installation_says_what_to_do_by_role(client_of):
    assert "/new-category/" in body(client_of(Role.ADMIN).get("/"))
    page = body(client_of(Role.INSPECTOR).get("/"))
    assert "/new-category/" not in page
    assert "Ask an admin (admin) to add the first category" in page


def test_a_fresh_installation_shows_its_demo(client_of):
    category = CategoryFactory.create(slug="hex_nut")
    browser = client_of()
    page = body(browser.get("/"))
    assert "Preparing the demo photos" in page
    assert "every 3s" in page
    SampleFactory.create(category=category)
    run = TrainingRunFactory.create(category=category)
    page = body(browser.get("/"))
    assert "Preparing the demo photos" not in page
    assert "first version is being trained" in page
    assert run.get_absolute_url() in body(client_of("Admin").get("/"))


def test_an_empty_category_of_ones_own_is_no_demo(client_of):
    CategoryFactory.create(slug="hex_nut")
    SetupStep.objects.create(name=DEMO)
    assert "Preparing the demo photos" not in body(client_of().get("/"))


def test_trainings_under_way_are_shown_to_who_trains_alone(client_of):
    run = TrainingRunFactory.create(category=CategoryFactory.create())
    first = body(client_of("Inspector").get("/"))
    assert "Trainings in progress" not in first
    assert run.get_absolute_url() not in first
    assert "first version is being trained" in first
    ModelVersionFactory.create()
    assert "Trainings in progress" not in body(client_of("Inspector").get("/"))
    assert "Trainings in progress" in body(client_of("Admin").get("/"))
    assert "open-runs" not in body(client_of("Inspector").get("/inspect/"))
