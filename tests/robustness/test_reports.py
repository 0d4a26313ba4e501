"""Robustness reports of versions: asked for, measured by a worker, shown; and the gate before promoting."""

import csv
import io
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage

from inspector.core import files, work
from inspector.core.errors import Conflict, Refused
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.registry.models import Standing
from inspector.registry.promote import promote
from inspector.registry.selectors import active_deployment
from inspector.registry.set_limits import set_limits
from inspector.robustness.ask import KEPT, ask
from inspector.robustness.gate import change_gate, objection
from inspector.robustness.models import RobustnessReport, address_of
from inspector.robustness.show import tables
from inspector.samples.add_samples import add_samples
from inspector.samples.models import Sample
from inspector.training import train
from inspector.training.submit import freeze
from tests.factories import ModelVersionFactory, RobustnessReportFactory, TrainingRunFactory
from tests.photos import photo, upload
from tests.role_table import ALL, answers

pytestmark = pytest.mark.django_db
METRICS = ALL | {"Inspector": 403}


@pytest.fixture
def version(active_version, person):
    """A version that judges, with a good and a defective test photo."""
    version = active_version()
    by = person(Role.ADMIN)
    add_samples(version.category, [upload(photo(1), "0.png")], split="train", label="good", by=by)
    add_samples(version.category, [upload(photo(301), "a.png")], split="test", label="good", by=by)
    add_samples(
        version.category, [upload(photo(302, broken=True), "b.png")], split="test", label="blot", by=by
    )
    TrainingRunFactory.create(
        category=version.category, snapshot=freeze(version.category), version=version, state=State.DONE
    )
    return version


@pytest.fixture
def candidate():
    """v2 of a category whose v1 is at work."""
    active = ModelVersionFactory.create(number=1, stored=True)
    return ModelVersionFactory.create(number=2, category=active.category, standing=Standing.CANDIDATE)


def test_a_worker_measures_what_somebody_asked_for_and_every_page_says_it(client_of, api_of, version):
    address, api = address_of(version), f"/api/versions/{version.pk}/robustness/"
    assert client_of("QA manager").post(address, {"photos": 1})["Location"] == address
    page = client_of("QA manager").get(address).content.decode()
    assert "Waiting for a worker" in page and f'hx-get="{address}"' in page
    report = RobustnessReport.objects.get()
    work.run(RobustnessReport, report.pk)
    report.refresh_from_db()
    assert (report.state, report.error_message) == (State.DONE, "")
    assert report.report is not None and (report.report.n_good, report.report.n_defect) == (1, 1)
    page = client_of("QA manager").get(address).content.decode()
    assert report.report.says[0] in page and "Dust on the lens" in page
    assert f'hx-get="{address}"' not in page, "it polls no more"
    rows = list(
        csv.DictReader(io.StringIO(client_of("QA manager").get(f"{address}table.csv").content.decode()))
    )
    assert len(rows) == 71 and rows[0]["good"] == "1"
    assert api_of("QA manager").get(api).json()["results"]["says"] == report.report.says
    assert report.report.says[0] in client_of("QA manager").get(version.get_absolute_url()).content.decode()
    assert Event.objects.filter(kind="robustness.asked", subject_id=version.pk).count() == 1


def test_of_many_photos_the_damaged_one_is_named(version, person):
    """It said “The file is cut off. Upload it again”, and not which."""
    sample = Sample.objects.get(label="blot")
    with default_storage.open(str(sample.image)) as file:
        content = file.read()
    files.store(str(sample.image), content[: len(content) // 2])
    report = work.run(RobustnessReport, ask(version, by=person(Role.ADMIN)).pk)
    assert (report.state, report.error_code) == (State.FAILED, "photo_changed")
    assert report.error_message == "The photo blot/b.png is damaged in storage. Restore it from a backup."


def test_who_sees_and_who_asks(client_of, candidate):
    RobustnessReportFactory.create(version=candidate)
    address = address_of(candidate)
    assert answers(client_of, address) == METRICS
    assert answers(client_of, f"{address}table.csv") == METRICS
    assert client_of("Inspector").post(address, {"photos": 1}).status_code == 403
    admin = ALL | {"Inspector": 403, "QA manager": 403}
    assert answers(client_of, f"/categories/{candidate.category.slug}/promotion-gate/") == admin


@pytest.mark.parametrize(
    ("photos", "words"), [("0", "greater than"), ("101", "less than"), ("many", "whole")]
)
def test_a_number_of_photos_that_cannot_be_is_said(client_of, api_of, version, photos, words):
    answer = client_of("QA manager").post(address_of(version), {"photos": photos})
    assert answer.status_code == 400 and words in answer.content.decode()
    api = f"/api/versions/{version.pk}/robustness/"
    assert api_of("QA manager").post(api, {"photos": photos}).status_code == 400
    assert not RobustnessReport.objects.exists()


def test_without_good_test_photos_or_a_report_there_is_nothing(client_of, api_of, candidate):
    api, qa = f"/api/versions/{candidate.pk}/robustness/", api_of("QA manager")
    answer = qa.post(api)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "no_good_photos")
    assert qa.get(api).status_code == qa.post(f"{api}cancel/").status_code == 404
    assert client_of("QA manager").get(f"{address_of(candidate)}table.csv").status_code == 404
    page = client_of("QA manager").post(address_of(candidate), {"photos": 5})
    assert page.status_code == 400 and "no test photos of good parts" in page.content.decode()


def test_there_is_one_at_a_time_and_it_can_be_cancelled(client_of, api_of, version, person):
    by = person(Role.QA_MANAGER)
    first = ask(version, by=by)
    assert ask(version, photos=5, by=by) == first
    assert client_of("QA manager").post(f"{address_of(version)}cancel/").status_code == 302
    first.refresh_from_db()
    assert first.state == State.CANCELLED
    again = api_of("QA manager").post(f"/api/versions/{version.pk}/robustness/cancel/")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "report_over")
    assert Event.objects.get(kind="robustness.cancelled").actor == by
    for _ in range(KEPT + 1):
        RobustnessReportFactory.create(version=version, state=State.FAILED)
    ask(version, by=by)
    assert RobustnessReport.objects.filter(version=version).count() == KEPT + 1


def test_a_page_of_yesterday_cancels_no_newer_report(client_of, version, person):
    old = RobustnessReportFactory.create(version=version, state=State.DONE)
    new = ask(version, by=person(Role.ADMIN))
    page = client_of("QA manager").get(address_of(version)).content.decode()
    assert f'name="report" value="{new.pk}"' in " ".join(page.split())
    answer = client_of("QA manager").post(f"{address_of(version)}cancel/", {"report": old.pk})
    new.refresh_from_db()
    assert answer.status_code == 409 and new.state == State.WAITING


def test_cells_have_numbers_and_the_promise_that_is_broken_is_marked_in_words(client_of, candidate):
    report = RobustnessReportFactory.create(version=candidate).report
    (table,) = tables(report)
    (row,) = table.rows
    assert [cell.text for cell in row.cells] == ["0 %", "0 %", "10 %", "30 %", "100 %"]
    assert [cell.passes for cell in row.cells] == [False, False, True, True, True]
    assert [cell.heat for cell in row.cells] == [0, 0, 3, 5, 5]
    page = client_of("QA manager").get(address_of(candidate)).content.decode()
    assert page.count("above the promise") == 3
    assert "False alarms exceed the promise of 1 % with focus blur from strength 3." in page


# --- The gate before promoting ---
GATE = {"is_on": True, "strength": 3, "most": 5.0}


def test_promoting_asks_nothing_unless_somebody_set_a_gate(candidate):
    assert promote(candidate, by=None).is_active


def test_what_is_not_proven_is_promoted_only_with_a_confirmation(client_of, api_of, candidate, person):
    change_gate(candidate.category, by=person(Role.ADMIN), **GATE)
    address = f"{candidate.get_absolute_url()}promote/"
    admin, why = client_of("Admin"), {"reason": "New lamp"}
    assert "There is no robustness report" in admin.get(address).content.decode()
    answer = admin.post(address, why)
    assert answer.status_code == 400 and "Tick this" in answer.content.decode()
    refused = api_of("Admin").post(f"/api/versions/{candidate.pk}/promote/", why, format="json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_proven")
    assert not candidate.is_active
    assert admin.post(address, why | {"all_the_same": "on"}).status_code == 302
    event = Event.objects.get(kind="version.promoted")
    assert event.detail["reason"] == "New lamp" and "no robustness report" in event.detail["all_the_same"][0]
    former = candidate.category.versions.get(number=1)
    assert promote(former, by=None).is_active, "going back is asked nothing"


def test_a_program_may_confirm_and_a_report_may_prove(api_of, candidate, person):
    change_gate(candidate.category, by=person(Role.ADMIN), **GATE)
    RobustnessReportFactory.create(version=candidate)
    assert "10.0 %" in objection(candidate)
    sent = {"reason": "New lamp", "all_the_same": True}
    answer = api_of("Admin").post(f"/api/versions/{candidate.pk}/promote/", sent, format="json")
    assert answer.status_code == 200, answer.json()
    change_gate(candidate.category, by=None, strength=2)
    assert objection(candidate) == ""


def test_a_report_by_other_limits_than_the_version_would_judge_by_proves_nothing(candidate):
    """Measured, promoted, given a lower limit, and rolled back: it would come again with the lower one."""
    change_gate(candidate.category, by=None, **GATE | {"strength": 2})
    RobustnessReportFactory.create(version=candidate)
    promote(candidate, by=None)
    at_work = active_deployment(candidate.category)
    set_limits(
        candidate.category, threshold=0.3, review_from=None, reason="Misses", replaces=at_work.pk, by=None
    )
    promote(candidate.category.versions.get(number=1), by=None)
    assert "ANOMALY from 0.5, and it would judge with ANOMALY from 0.3" in objection(candidate)
    with pytest.raises(Conflict, match="measure again"):
        promote(candidate, by=None)


def test_the_panel_asks_the_same(client_of, candidate, person):
    change_gate(candidate.category, by=person(Role.ADMIN), **GATE)
    address = f"/admin/registry/modelversion/{candidate.pk}/promote/"
    assert "There is no robustness report" in client_of("Admin").get(address).content.decode()
    client_of("Admin").post(address, {"reason": "New lamp"})
    assert candidate.category.versions.get(number=1).is_active
    client_of("Admin").post(address, {"reason": "New lamp", "all_the_same": "on"})
    candidate.refresh_from_db()
    assert candidate.is_active


def test_a_training_leaves_what_is_not_proven_a_candidate(person):
    version = ModelVersionFactory.create(standing=Standing.CANDIDATE)
    change_gate(version.category, by=person(Role.ADMIN), **GATE)
    run = TrainingRunFactory.create(category=version.category, promote_when_done=True)
    train._finish(SimpleNamespace(job=run, finish=lambda **values: None), [run], [version])
    version.refresh_from_db()
    assert version.standing == Standing.CANDIDATE
    with pytest.raises(Conflict, match="anyway"):
        promote(version, by=None)


@pytest.mark.parametrize("wrong", [{"strength": 6}, {"most": 101.0}, {"most": -1.0}, {"most": "x"}])
def test_a_gate_that_cannot_be_is_refused(client_of, api_of, candidate, wrong):
    slug = candidate.category.slug
    page = client_of("Admin").post(f"/categories/{slug}/promotion-gate/", GATE | wrong)
    assert page.status_code == 400
    answer = api_of("Admin").patch(f"/api/categories/{slug}/promotion-gate/", wrong, format="json")
    assert answer.status_code == 400
    if wrong != {"most": "x"}:
        with pytest.raises(Refused):
            change_gate(candidate.category, by=None, **wrong)


def test_a_gate_is_set_on_its_page_and_by_api(client_of, api_of, candidate):
    slug = candidate.category.slug
    assert client_of("Admin").post(f"/categories/{slug}/promotion-gate/", GATE).status_code == 302
    api = f"/api/categories/{slug}/promotion-gate/"
    assert api_of("QA manager").get(api).json() == GATE
    form = api_of("Admin").patch(api, {"most": GATE["most"]}, format="multipart")
    assert form.json() == GATE, "what it leaves out stays as it is"
    assert api_of("Admin").patch(api, {"is_on": False}, format="json").json() == GATE | {"is_on": False}
    assert api_of("Admin").patch(api, {"most": True}, format="json").status_code == 400, "not 1 %"
    assert Event.objects.filter(kind="robustness.gate_changed").count() == 2, "of each change one"
