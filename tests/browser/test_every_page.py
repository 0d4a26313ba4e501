"""Every page of the site, the panel and the API's documentation: nothing for axe to find in light and dark,
nothing wider than a phone, no button cut off, no value squeezed. Which pages there are is read from the URL
conf."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from inspector.accounts.tokens import create_token
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.jobs import State
from inspector.inspections.parts import Part
from inspector.inspections.submit import submit
from inspector.monitoring.alerts.models import Alert, Answer, Message, Rule, Webhook
from inspector.monitoring.alerts.signing import new_secret
from inspector.registry.models import ModelVersion, Standing
from inspector.reviews.defect_types import named
from inspector.samples.add_samples import add_samples
from inspector.trials.ask import ask
from tests.addresses import pages, panel_arguments
from tests.browser.conftest import PHONE
from tests.browser.looks import check
from tests.factories import (
    CategoryFactory,
    ExplanationFactory,
    ExplorationFactory,
    ExportFactory,
    FailedSignInFactory,
    InspectionFactory,
    ModelVersionFactory,
    RobustnessReportFactory,
    SampleFactory,
    TrainingRunFactory,
)
from tests.photos import encoded, photo, picture, upload

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
ROLE = "Admin"  # sees most
PROGRESS = {"phase": "training", "done": 3, "total": 10, "fraction": 0.3, "epoch": 3, "epochs": 10}


@pytest.fixture
def rows(active_version: Callable[..., ModelVersion], person, work) -> dict[str, dict[str, Any]]:
    """Something to see on every page; the arguments of the site's addresses."""
    by = person(ROLE)
    nut = CategoryFactory.create(slug="nut", name="Nut", description="A steel nut.")
    version = active_version(nut)
    add_samples(nut, [upload(photo(1), "good.png")], split="train", label="good", by=by)
    bad = [upload(photo(2, broken=True), "bad.png")]
    (sample,) = add_samples(nut, bad, split="test", label="blot", by=by).samples
    sample = nut.samples.get(sha256=sample.sha256)
    sample.mask = files.store("samples/nut/masks/bad.png", encoded(picture(3).convert("L")))
    sample.save()
    bad = [upload(photo(300, broken=True), "a.png")]
    submission = submit(category=nut, uploads=bad, by=by, source="web", part=Part(lot="L-7", serial="S1"))
    work()
    run = TrainingRunFactory.create(
        category=nut, state=State.DONE, version=version, requested_by=by, progress=PROGRESS
    )
    other = ModelVersionFactory.create(category=nut, number=2, standing=Standing.CANDIDATE)
    RobustnessReportFactory.create(version=other)
    ModelVersionFactory.create(method="transformer")  # its network can be joined
    exploration = ExplorationFactory.create(category=nut, state=State.FAILED)
    token, _ = create_token(by)
    everywhere = {"form": "csv", "slug": "nut", "number": 2, "name": "roc.svg", "kind": "preview"}
    return {
        "": everywhere | {"token_key": token.token_key},
        "inspections:": {"pk": submission.inspections[0].pk},
        "inspections:batch": {"pk": submission.batch.pk},
        "samples:": {"pk": sample.pk},
        "samples:explore": {"pk": exploration.pk},
        "training:": {"pk": run.pk},
        "reviews:": {"pk": submission.inspections[0].pk},
        "parts:": {"lot": "L-7", "serial": "S1"},
        "reviews:defect-type": {"pk": named(nut, "Blot", by=by).pk},
        "exports:": {"pk": ExportFactory.create(requested_by=by, title="Lot 7", done=True).pk},
        "exports:inspection-pdf": {"pk": submission.inspections[0].pk},
        **rows_of_explanations(),
        "trials:": {"pk": ask(photo=upload(photo(4), "a.png"), versions=[version], by=by).pk, "version": 1},
        **rows_of_alerts(nut),
    }


def rows_of_explanations() -> dict[str, dict[str, Any]]:
    name = files.store("inspections/explained/patch.png", photo(1))
    picture = {"file": name, "width": 64, "height": 48}
    good = {"method": "filterbank", "part": "fine", "distance": 4.0, "usual": 1.0, "times": 4.0}
    goods = [
        good | {"photo": "000.png", "sha256": "0", "picture": "photo", "where": "photo", "degrees": 45},
        good | {"part": "coarse", "photo": "001.png", "sha256": "1", "gone": "it is no longer there"},
    ]
    version = ModelVersionFactory.create(method="filterbank")
    row = ExplanationFactory.create(
        inspection=InspectionFactory.create(judged=True, version=version, batch__category=version.category),
        state=State.DONE,
        facts={
            "says": ["Here it looks unlike anything in 6 good photos; this is what comes closest."],
            "note": "Train the category again.",
            "patches": [{"number": 1, "times": 3.0, "picture": "photo", "goods": goods}],
        },
        pictures={"photo": picture},
    )
    return {
        "explanations:": {"pk": row.pk, "name": "photo", "kind": "nearest"},
        "explanations:of-inspection": {"pk": row.inspection_id},
    }


def rows_of_alerts(nut: Category) -> dict[str, dict[str, Any]]:
    rule = Rule.objects.create(name="Anomalies in a row", kind="row", limit=3)
    hook = Webhook.objects.create(name="Line", url="https://hook.example/", secret=new_secret())
    rule.webhooks.add(hook)
    alert = Alert.objects.create(rule=rule, category=nut, words="Three anomalies.", value=3, limit=3)
    closed = Alert.objects.create(rule=rule, words="Three.", value=3, limit=3, over=timezone.now())
    Alert.objects.filter(pk=closed.pk).update(closed=timezone.now(), note="The lamp.")
    message = Message.objects.create(
        alert=alert, channel="webhook", webhook=hook, to=hook.url, subject="Alert", body="{}", state="failed"
    )
    Answer.objects.create(message=message, status=500, text="broken", milliseconds=12, ok=False)
    return {
        "alerts:": {"pk": alert.pk},
        "alerts:rule": {"pk": rule.pk},
        "alerts:message": {"pk": message.pk},
        "alerts:webhook": {"pk": hook.pk},
    }


def other_states() -> list[str]:
    """Addresses of pages that look different by what they show."""
    nut = ModelVersion.objects.get(number=1).category
    batch = nut.batches.get()
    good = InspectionFactory.create(judged=True, version=nut.versions.get(number=1), batch=batch)
    failed = InspectionFactory.create(batch=batch, state=State.FAILED, error_code="x", error_message="Lost.")
    review = InspectionFactory.create(
        judged=True,
        version=nut.versions.get(number=1),
        batch=batch,
        verdict="REVIEW",
        score=0.45,
        p_value=0.02,
    )
    refused = {"error_code": "not_this_part", "error_message": "This looks like a gear, not like a nut."}
    other = CategoryFactory.create(name="Plastic gear with a long name")
    InspectionFactory.create(batch=batch, state=State.FAILED, lot="L-7", looks_like=other, **refused)
    running = TrainingRunFactory.create(category=nut, state=State.RUNNING, progress=PROGRESS)
    return [
        f"/inspect/?batch={batch.pk}",
        f"/inspect/?category={other.slug}",  # which has no model
        f"/inspect/station/?batch={batch.pk}",
        f"/inspections/{good.pk}/",
        *(f"/inspections/{row.pk}/" for row in (failed, review, InspectionFactory.create(batch=batch))),
        "/lots/L-7/?category=nut",
        "/history/?verdict=OK&since=2036-01-01",
        "/history/?layout=grid&score_min=nan&reviewed=no",
        f"/runs/{running.pk}/",
        "/categories/nut/v1/",
        "/alerts/rules/new/?kind=anomalies",
        "/no-such-page/",
    ]


def test_the_site(open_page, accessibility_faults, client_of, rows):
    addresses = pages(client_of(ROLE), rows, panel=False) + other_states()
    addresses.remove("/api/docs/")  # below
    assert len(addresses) > 25
    check(open_page("/account/", role=ROLE), accessibility_faults, addresses)


def test_the_panel(open_page, accessibility_faults, client_of, person, rows):
    SampleFactory.create_batch(60)  # two pages of them
    FailedSignInFactory.create()
    arguments = rows | panel_arguments()
    arguments |= {"admin:app_list": {"app_label": "core"}, "admin:auth_user_": {"id": person(ROLE).pk}}
    addresses = pages(client_of(ROLE), arguments, panel=True)
    addresses += [f"{address}?q=nothing" for address in addresses if address.endswith("/category/")]
    assert len(addresses) > 20
    check(open_page("/account/", role=ROLE), accessibility_faults, addresses)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_api_s_documentation(open_page, accessibility_faults, scheme):
    page = open_page("/api/docs/", role=ROLE, color_scheme=scheme)
    operations = page.locator(".opblock-summary-control")
    expect(operations.first).to_be_visible()
    assert page.title() == "API · Inspector"
    assert page.locator("html").get_attribute("lang") == "en-GB"
    assert ("dark-mode" in (page.locator("html").get_attribute("class") or "")) is (scheme == "dark")
    # One of each kind opened, and everything that opens within it.
    for method in ("get", "post"):
        operation = page.locator(f".opblock-{method}").first
        operation.locator(".opblock-summary-control").click()
        operation.locator(".try-out__btn").click()
        operation.locator(".tablinks[data-name=model]").first.click()
    page.locator("section.models h4 button").click()
    page.locator(".models .model-box-control").first.click()
    # What is tried acts as the person who is signed in.
    operation = page.locator(".opblock-get").first
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Authorize").first.click()
    expect(page.get_by_text("Available authorizations")).to_be_visible()
    assert "knox" not in page.locator("main").inner_text().lower()
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Close", exact=True).first.click()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Inspector").first.click()
    expect(page).to_have_url(re.compile(r"/$"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_in_the_panel_by_keyboard(open_page, accessibility_faults, rows, scheme):
    page = open_page("/admin/training/trainingrun/", role=ROLE, color_scheme=scheme)
    page.get_by_role("button", name="Filters").press("Enter")
    expect(page.get_by_role("button", name="Apply Filters")).to_be_visible()
    assert accessibility_faults(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="admin").press("Enter")
    expect(page.get_by_role("link", name="Your account")).to_be_visible()
    assert accessibility_faults(page) == []
    page.goto("/admin/accounts/user/add/")
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    assert accessibility_faults(page) == []
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Show or hide the menu").press("Enter")
    expect(page.get_by_role("link", name="Back to the site")).to_be_visible()
    assert accessibility_faults(page) == []
