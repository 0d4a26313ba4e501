"""Whole ways: a lot from its photos to its PDF, an alert from its rule to the program that hears of it."""

import io
import json
from ipaddress import ip_network
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect
from standardwebhooks import Webhook as Signer

from inspector.core import outbox
from inspector.core import work as working
from inspector.exports.models import Export
from inspector.inspections.models import Inspection, Verdict
from inspector.inspections.part_rules import rules_of
from inspector.monitoring.alerts.evaluate import evaluate
from inspector.monitoring.alerts.models import Webhook
from inspector.monitoring.alerts.send import send_due
from tests.browser.intake import send, waiting
from tests.factories import BatchFactory, CategoryFactory, InspectionFactory, ModelVersionFactory
from tests.photos import photo
from tests.receiver import listening

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
LOT = "L-2026-17"


def coded(seed: int) -> bytes:
    """A photo of a part with a DataMatrix in its upper right quarter that names the lot."""
    image = Image.open(io.BytesIO(photo(seed))).convert("RGB").resize((640, 640))
    code = zxingcpp.create_barcode(LOT, zxingcpp.BarcodeFormat.DataMatrix)
    image.paste(Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6)).convert("RGB"), (440, 40))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_lot_from_its_photos_to_its_pdf(open_page, active_version, photos, work):
    category = active_version().category
    page = open_page(f"/inspect/?category={category.slug}", role="QA manager")
    send(page, photos(first=photo(1)))
    waiting(page, 1)
    work()
    # Where codes are looked for is drawn on the newest photo.
    page.goto(f"/categories/{category.slug}/part-rules/")
    page.get_by_label("DataMatrix").check()
    page.get_by_label("The code is").select_option("lot")
    drawn = page.locator("[data-photo]")
    drawn.scroll_into_view_if_needed()
    box = drawn.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 1)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 0.3 * box["height"])
    page.mouse.move(box["x"] + box["width"] + 40, box["y"] + 0.5 * box["height"])
    page.mouse.up()
    expect(page.get_by_label("Left")).to_have_value("50")
    expect(page.get_by_label("Bottom")).to_have_value("50")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("are read by these rules")).to_be_visible()
    rules = rules_of(category)
    assert (rules.left, rules.top, rules.right, rules.bottom) == (50, 0, 100, 50)
    # Two photos say which lot they are of.
    page.goto(f"/inspect/?category={category.slug}")
    send(page, photos(a=coded(2), b=coded(3)))
    waiting(page, 2)
    work()
    assert Inspection.objects.filter(lot=LOT).count() == 2
    page.goto(f"/lots/{LOT}/")
    expect(page.get_by_role("heading", name="2 photos")).to_be_visible()
    page.get_by_label("The lot is").select_option("blocked")
    page.get_by_label("Why").fill("Scratches at the rim")
    page.get_by_role("button", name="Decide").click()
    expect(page.locator(".page-head .tag")).to_have_text("Blocked")
    page.get_by_role("link", name="Export").click()
    page.get_by_role("button", name="PDF").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    working.run(Export, Export.objects.get().pk)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    pdf = pypdfium2.PdfDocument(Path(download.value.path()).read_bytes())
    assert LOT in "".join(sheet.get_textpage().get_text_range() for sheet in pdf)


def test_an_alert_from_its_rule_to_the_program_that_hears_of_it(open_page, settings):
    settings.WEBHOOK_NETWORKS = [ip_network("127.0.0.0/8")]
    batch = BatchFactory.create(category=CategoryFactory.create(name="Nut", slug="nut"))
    version = ModelVersionFactory.create(category=batch.category)
    with listening() as receiver:
        page = open_page("/alerts/webhooks/", role="Admin")
        page.locator("#id_name").fill("Line")
        page.locator("#id_url").fill(receiver.url)
        page.get_by_role("button", name="Add").click()
        page.goto("/alerts/rules/new/")
        page.get_by_role("link", name="Anomalies in a row").click()
        page.locator("#id_name").fill("Three in a row")
        page.locator("#id_limit").fill("3")
        page.get_by_label("Line").check()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("link", name="Three in a row")).to_be_visible()
        InspectionFactory.create_batch(
            3, judged=True, batch=batch, version=version, verdict=Verdict.ANOMALY, created=timezone.now()
        )
        assert evaluate() == 1
        outbox.deliver()
        assert send_due() == 1
        ((headers, body),) = receiver.got
    assert json.loads(body)["data"]["category"] == "nut"
    Signer(Webhook.objects.get().secret).verify(body, headers)
    page.goto("/alerts/messages/")
    page.get_by_role("link", name="Three in a row").click()
    expect(page.get_by_text("thanks")).to_be_visible()
    page.goto("/alerts/")
    expect(page.get_by_text("The last 3 photos were all anomalies.")).to_be_visible()
