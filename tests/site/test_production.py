"""The demo's made-up production: marked, judged by the model in use, and removed without a trace."""

import pytest
from django.db.models import Count

from detection import demo
from inspector.core import files, outbox
from inspector.core.errors import Conflict
from inspector.core.models import Event, SetupStep
from inspector.inspections.models import Batch, Inspection, Source
from inspector.monitoring.models import HourlySum
from inspector.monitoring.rebuild import totals
from inspector.registry.models import Standing
from inspector.registry.promote import promote
from inspector.reviews.decide import Finding, decide
from inspector.reviews.enqueue import entry_of
from inspector.reviews.models import Decision, Entry, Review, Why
from inspector.site import first_start, production
from inspector.site.events import StartEvent
from inspector.site.remove_production import made_up, remove_production
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(production, "DAYS", 3)
    monkeypatch.setattr(production, "A_DAY", 2)
    monkeypatch.setattr(production, "SIZE", 64)


@pytest.fixture
def gear(active_version):
    category = CategoryFactory.create(slug="plastic_gear", name="Plastic gear")
    active_version(category)
    return category


def test_it_is_judged_marked_and_in_the_past(few, gear):
    assert production.make_production(gear.slug)
    rows = Inspection.objects.filter(category=gear)
    assert rows.count() == 6
    assert set(rows.values_list("state", "batch__source")) == {("done", Source.DEMO)}
    assert all(row.lot.startswith("DEMO-") and row.filename.startswith("DEMO-") for row in rows)
    by_lot = rows.values("lot").annotate(n=Count("pk")).values_list("n", flat=True)
    assert list(by_lot) == [2, 2, 2]
    assert all((row.finished - row.created).total_seconds() < 60 for row in rows)
    newest = max(row.created for row in rows)
    assert newest < SetupStep.objects.get(name="production of plastic_gear").done
    assert not gear.batches.first().submitted_by.is_active
    assert Event.objects.filter(kind=StartEvent.PRODUCTION_MADE).count() == 1


def test_it_is_made_once_and_goes_on_where_it_was_cut_off(few, gear, monkeypatch):
    whole = demo.photo
    taken = []

    def cut_off(*args, **kwargs):
        taken.append(args)
        if len(taken) == 3:
            raise KeyboardInterrupt
        return whole(*args, **kwargs)

    monkeypatch.setattr(production.demo, "photo", cut_off)
    with pytest.raises(KeyboardInterrupt):
        production.make_production(gear.slug)
    assert made_up(gear).count() == 2
    assert production.make_production(gear.slug)
    assert made_up(gear).count() == 6
    assert not production.make_production(gear.slug)


def test_what_was_removed_while_it_was_made_does_not_come_back(few, gear, monkeypatch):
    whole = demo.photo

    def between_two_days(*args, **kwargs):
        if made_up(gear).exists():
            remove_production(gear, by=None)
        return whole(*args, **kwargs)

    monkeypatch.setattr(production.demo, "photo", between_two_days)
    assert not production.make_production(gear.slug)
    assert not production.make_production(gear.slug)
    assert not made_up(gear).exists()


def test_the_part_with_the_bad_lot_is_watched(few, active_version, monkeypatch):
    monkeypatch.setattr(production, "A_DAY", 5)
    nut = CategoryFactory.create(slug="hex_nut", name="Hex nut")
    active_version(nut)
    production.make_production(nut.slug)
    assert nut.alert_rules.get().last == 10


def test_without_a_version_there_is_none(few):
    CategoryFactory.create(slug="hex_nut")
    assert not production.make_production("hex_nut")
    assert not Batch.objects.exists()


def test_the_lamp_darkens_and_a_lot_is_bad():
    last = list(production.pieces("plastic_gear", production.DAYS - 1, production.timezone.now()))
    first = list(production.pieces("plastic_gear", 0, production.timezone.now()))
    assert {one.brightness for one in first} == {1.0}
    assert last[0].brightness < 0.9
    bad = list(production.pieces(production.BAD_PART, production.BAD_DAY, production.timezone.now()))
    assert sum(one.defect != "good" for one in bad) >= 4
    assert demo.photo("hex_nut", 0, size=48) != demo.photo("hex_nut", 0, size=48, brightness=0.8)


def test_a_demo_of_before_gets_none(gear, nudges):
    first_start.ask_for_production()
    assert nudges == []
    SetupStep.objects.create(name=first_start.PRODUCTION)
    first_start.ask_for_production(gear.pk)
    assert nudges == [(first_start.PRODUCTION_TASK, ("plastic_gear",))]
    SetupStep.objects.create(name=first_start.production_step(gear.slug))
    first_start.ask_for_production()
    assert len(nudges) == 1


def test_a_promotion_of_a_demo_version_asks_for_it(gear, nudges, django_capture_on_commit_callbacks):
    outbox.deliver()  # of the version that the category has
    SetupStep.objects.create(name=first_start.PRODUCTION)
    other = ModelVersionFactory.create(category__slug="bolt", standing=Standing.CANDIDATE)
    mine = ModelVersionFactory.create(category=gear, number=2, standing=Standing.CANDIDATE)
    with django_capture_on_commit_callbacks(execute=True):
        promote(other, by=None)
        promote(mine, by=None)
    nudges.clear()
    outbox.deliver()
    assert [nudge for nudge in nudges if nudge[0] == first_start.PRODUCTION_TASK] == [
        (first_start.PRODUCTION_TASK, (gear.slug,))
    ]


def test_it_is_removed_with_all_that_hangs_on_it_and_nothing_else(
    few, gear, client_of, person, django_capture_on_commit_callbacks
):
    batch = BatchFactory.create(category=gear)
    mine = InspectionFactory.create(batch=batch, version=gear.versions.get(), judged=True)
    production.make_production(gear.slug)
    row = made_up(gear).first()
    Entry.objects.filter(inspection=row).delete()
    entry_of(row, Why.CHECK).save()
    decide(row, Finding(Decision.GOOD), by=person("QA manager"))
    admin = client_of("Admin")
    page = admin.get(f"/categories/{gear.slug}/")
    assert "6 inspections of Plastic gear are a made-up fortnight" in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = admin.post(f"/categories/{gear.slug}/remove-production/", follow=True)
    assert "6 made-up photos of Plastic gear were removed." in answer.content.decode()
    assert list(Inspection.objects.all()) == [mine]
    assert not Review.objects.exists()
    assert [sum(counts.values()) for counts in totals(HourlySum).values()] == [1]
    with pytest.raises(OSError, match="original"):
        files.read(row.original.name)
    assert not production.make_production(gear.slug), "it does not come back"
    with pytest.raises(Conflict):
        remove_production(gear, by=None)


@pytest.mark.parametrize("role", ["Inspector", "QA manager"])
def test_only_admins_remove_it(few, gear, client_of, role):
    production.make_production(gear.slug)
    assert client_of(role).post(f"/categories/{gear.slug}/remove-production/").status_code == 403
    assert made_up(gear).count() == 6
