"""A station that is opened again goes on with its batch on the same day only, without a long pause."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from inspector.inspections.models import Batch, Inspection
from inspector.inspections.progress import PAUSE, goes_on
from tests.factories import InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db
EVENING = datetime(2025, 6, 4, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("later", "zone", "same"),
    [
        (timedelta(hours=1), "UTC", True),
        (timedelta(hours=1), "Europe/Berlin", False),  # past midnight there
        (PAUSE, "America/Los_Angeles", False),
        (timedelta(days=1), "UTC", False),
    ],
)
def test_a_new_day_or_a_long_pause_ends_a_batch(later, zone, same, monkeypatch):
    batch = InspectionFactory.create().batch
    for model in (Batch, Inspection):
        model.objects.update(created=EVENING)
    batch.refresh_from_db()
    monkeypatch.setattr(timezone, "now", lambda: EVENING + later)
    with timezone.override(ZoneInfo(zone)):
        assert goes_on(batch) is same


def test_the_former_batch_is_one_link_away(client_of, person):
    version = ModelVersionFactory.create()
    inspector = person("Inspector")
    batch = InspectionFactory.create(
        batch__category=version.category, batch__submitted_by=inspector, category=version.category
    ).batch
    browser = client_of("Inspector")
    today = browser.get(f"/inspect/station/?batch={batch.pk}")
    assert today.context["batch"] == batch
    for model in (Batch, Inspection):
        model.objects.update(created=timezone.now() - timedelta(days=1))
    page = browser.get(f"/inspect/station/?batch={batch.pk}")
    assert page.context.get("batch") is None
    assert page.context["chosen"].category == version.category
    assert f'href="{batch.get_absolute_url()}"' in page.content.decode()
