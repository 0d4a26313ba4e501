"""A photo of another part gets no verdict: what is said of it, and what a person does about it."""

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.inspections.analyse import analyse_waiting
from inspector.inspections.anyway import judge_anyway, send_as
from inspector.inspections.models import Inspection, Source
from inspector.inspections.part_rules import change_rules, newest_photo
from inspector.inspections.submit import submit
from inspector.registry import known_parts
from tests.factories import CategoryFactory, InspectionFactory
from tests.photos import encoded, picture, ring, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(known, person):
    """A ring that was sent as a part, and judged; rings are known, too."""
    part, _ = known("Part"), known("Ring")
    return inspected(part, ring(99), person())


def inspected(category, photo, by):
    uploads = [upload(encoded(photo), "odd.png")]
    (row,) = submit(category=category, uploads=uploads, by=by, source=Source.WEB).inspections
    analyse_waiting(category.pk)
    row.refresh_from_db()
    return row


def test_it_gets_no_verdict_and_says_what_it_looks_like(sent, client_of, api_of):
    assert sent.error_code == "not_this_part", sent.error_message
    assert (sent.state, sent.verdict) == (State.FAILED, "")
    assert sent.looks_like.name == "Ring" and sent.thumbnail and not sent.heatmap
    browser = client_of("Inspector")
    for address in (sent.get_absolute_url(), f"/inspect/batches/{sent.batch_id}/"):
        page = browser.get(address).content.decode()
        assert "Not this part" in page and "This looks like Ring, not like Part." in page
        assert "Send as Ring" in page and "Judge it anyway" in page
    answer = api_of().get(f"/api/inspections/{sent.pk}/").json()
    assert (answer["verdict"], answer["error"]["code"], answer["looks_like"]) == (
        None,
        "not_this_part",
        "ring",
    )
    assert api_of().get("/api/inspections/").json()["results"][0]["looks_like"] == "ring"


def test_a_photo_of_the_part_is_judged_with_a_defect_too(known, person):
    part = known("Part")
    assert inspected(part, picture(99), person()).state == State.DONE
    assert inspected(part, picture(98, broken=True), person()).verdict == "ANOMALY"


def test_what_looks_like_nothing_here_says_so(known, person, client_of):
    row = inspected(known("Part"), Image.new("RGB", (64, 48)), person())
    assert row.error_code == "not_this_part" and row.looks_like is None
    assert "nor like any other category here" in row.error_message
    assert "Send as" not in client_of().get(row.get_absolute_url()).content.decode()


def test_a_person_has_it_judged_all_the_same(sent, client_of, api_of, person):
    shown = str(sent.thumbnail)
    answer = client_of("Inspector").post(f"/inspections/{sent.pk}/judge-anyway/", follow=True)
    assert answer.status_code == 200
    analyse_waiting(sent.category_id)
    sent.refresh_from_db()
    assert sent.state == State.DONE and sent.verdict and sent.looks_like is None
    assert sent.thumbnail != shown and not default_storage.exists(shown), "no picture is left over"
    assert Event.objects.filter(kind="inspection.judged_anyway", actor=person("Inspector")).exists()
    assert api_of().post(f"/api/inspections/{sent.pk}/judge-anyway/").status_code == 409
    with pytest.raises(Conflict):
        judge_anyway(sent, by=person())


def test_a_person_sends_it_as_what_it_is(sent, client_of, person):
    browser = client_of("Inspector")
    answer = browser.post(f"/inspections/{sent.pk}/send-as/", {"category": "ring"}, follow=True)
    other = Inspection.objects.exclude(pk=sent.pk).get()
    assert answer.redirect_chain[-1][0] == other.get_absolute_url()
    assert (other.category.slug, other.sha256, other.filename) == ("ring", sent.sha256, "odd.png")
    analyse_waiting(other.category_id)
    other.refresh_from_db()
    sent.refresh_from_db()
    assert other.state == State.DONE
    assert sent.dismissed and sent.error_code == "not_this_part"
    event = Event.objects.get(kind="inspection.sent_as")
    assert event.detail["sent"] == other.pk
    again = browser.post(f"/inspections/{sent.pk}/send-as/", {"category": "ring"})
    assert again.status_code == 409
    assert Inspection.objects.count() == 2


@pytest.mark.parametrize(("slug", "status"), [("part", 400), ("none", 400), ("", 400), ("empty", 409)])
def test_what_it_cannot_be_sent_as_is_said_and_nothing_changes(sent, api_of, slug, status):
    CategoryFactory.create(slug="empty")
    address = f"/api/inspections/{sent.pk}/send-as/"
    answer = api_of().post(address, {"category": slug}, format="json")
    assert answer.status_code == status, answer.json()
    assert answer.json()["error"]["message"]
    sent.refresh_from_db()
    assert not sent.dismissed and Inspection.objects.count() == 1


def test_a_photo_that_is_gone_is_no_fault_of_the_program(sent, person, settings):
    Inspection.objects.filter(pk=sent.pk).update(original="inspections/gone.png")
    sent.refresh_from_db()
    with pytest.raises(Refused, match="no longer in storage"):
        send_as(sent, sent.looks_like, by=person())
    sent.refresh_from_db()
    assert not sent.dismissed


def test_codes_are_looked_for_on_a_photo_of_the_part(sent):
    assert sent.preview and newest_photo(sent.category) is None


def test_only_such_a_photo_can_be_sent_as_another(person, known):
    row = InspectionFactory.create(judged=True)
    with pytest.raises(Conflict):
        send_as(row, known("Ring"), by=person())


def test_a_category_may_do_without(known, person, client_of):
    part = known("Part")
    page = client_of("QA manager").get("/categories/part/part-rules/").content.decode()
    assert "Give no verdict on a photo that shows another part" in page
    change_rules(part, checks_part=False, by=person("QA manager"))
    assert inspected(part, ring(99), person()).verdict


def test_a_version_whose_files_are_gone_claims_nothing(sent, monkeypatch):
    known_parts._read.cache_clear()
    monkeypatch.setattr(known_parts, "_read", lambda sha256, name: (_ for _ in ()).throw(OSError("gone")))
    assert known_parts.known_parts() == {}


def test_a_run_of_before_refuses_nothing(active_version, person):
    version = active_version()
    assert known_parts.part_of(version) is None
    assert inspected(version.category, ring(99), person()).verdict
