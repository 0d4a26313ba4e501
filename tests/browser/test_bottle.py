"""Everything with real parts: import, retrain and promote in the admin panel, inspect, find in History.

Bottles are imported, a real worker trains and judges, a real browser does what people do.
"""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from detection import demo
from inspector.categories.models import Category
from inspector.core import nudge
from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from tests.conftest import real_data_folder
from tests.factories import TrainingRunFactory

pytestmark = [pytest.mark.chromium, pytest.mark.real_data, pytest.mark.django_db(transaction=True)]
WORKER = "celery -A inspector worker -Q train,inspect,explain --pool solo --without-gossip --without-mingle"
# Seconds instead of minutes: what the category is retrained with is what it was trained with last.
SHORT = {"size": 64, "width": 8, "epochs": 2, "learning_rate": 1e-3}
LONG = 120_000  # ms that a worker's start and a training may take on a busy machine
send = nudge.send


@pytest.fixture
def bottle(
    processes: Callable[..., object], installation: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The category, imported, with a real worker waiting for messages that are really sent."""
    monkeypatch.setattr(nudge, "send", send)
    processes(WORKER.split(), installation)
    folder = real_data_folder() / "bottle"
    call_command("import_category", str(folder), verbosity=0)
    TrainingRunFactory.create(category=Category.objects.get(slug="bottle"), state=State.DONE, options=SHORT)
    return folder


def retrain_and_promote(page: Page) -> None:
    """As an admin, in the panel: from the category to the run, from the run to its version."""
    page.set_default_timeout(LONG)
    page.locator("#result_list").get_by_role("link", name="Bottle", exact=True).click()
    page.get_by_role("link", name="Retrain").click()
    page.get_by_text("Advanced").click()  # has the options of the last training
    page.get_by_role("button", name="Start with these options").click()
    expect(page.get_by_text("its version will be a candidate")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="Bottle v1").click()
    expect(page.get_by_text("Candidate")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="Promote").click()
    page.get_by_label("Why").fill("The first one.")
    page.get_by_role("button", name="Promote Bottle v1").click()
    expect(page.get_by_text("Bottle v1 is active")).to_be_visible(timeout=LONG)


def heatmap_of(page: Page, filename: str) -> bytes:
    """Open the inspection from its row; gives the bytes of its heatmap."""
    page.get_by_role("link", name=filename, exact=True).click()
    expect(page.locator(".facts-title")).to_have_text(filename)
    address = page.locator('.stage [data-layer="heatmap"]').get_attribute("src")
    heatmap = page.request.get(address)
    assert heatmap.headers["content-type"] == "image/png"
    page.go_back()
    return heatmap.body()


def explain(page: Page, filename: str, ways: int) -> None:
    page.get_by_role("link", name=filename, exact=True).click()
    buttons = page.locator("#explanations").get_by_role("button", name="Explain ")
    expect(buttons).to_have_count(ways)
    for _ in range(ways):
        buttons.first.click()
        page.wait_for_timeout(300)
    expect(page.locator("#explanations [role=status] > strong")).to_have_count(ways, timeout=LONG)
    page.go_back()


def test_bottles_from_the_shelf_to_the_record(open_page, bottle, tmp_path):
    page = open_page("/inspect/")
    expect(page.get_by_text("No category can be inspected yet")).to_be_visible()
    retrain_and_promote(open_page("/admin/categories/category/", role="Admin"))

    page.reload()
    photos = {"good.jpg": bottle / "test/good/000.jpg", "broken.jpg": bottle / "test/broken_large/000.jpg"}
    for name, path in photos.items():
        (tmp_path / name).write_bytes(path.read_bytes())
    page.get_by_label("Bottle").check()
    page.locator("input[name=images]").set_input_files([tmp_path / name for name in photos])
    page.get_by_role("button", name="Send now").click()
    rows = page.locator('.row[data-state="done"]')
    expect(rows).to_have_count(2, timeout=LONG)
    for row in rows.all():
        expect(row.locator(".verdict")).to_have_text(re.compile("^(OK|REVIEW|ANOMALY)$"))
    assert heatmap_of(page, "good.jpg") != heatmap_of(page, "broken.jpg")
    explain(page, "broken.jpg", ways=4)

    gear = tmp_path / "gear.jpg"
    gear.write_bytes(demo.photo("plastic_gear", 0))
    page.locator("input[name=images]").set_input_files(gear)
    refused = page.locator(".row[data-other-part]")
    expect(refused).to_contain_text("This does not look like Bottle", timeout=LONG)
    assert not Inspection.objects.get(filename="gear.jpg").verdict

    page.get_by_role("link", name="History").click()
    for name in photos:
        expect(page.locator("tbody tr", has_text=name).locator(".verdict")).to_be_visible()
    assert Inspection.objects.filter(state=State.DONE, version__number=1).count() == 2
