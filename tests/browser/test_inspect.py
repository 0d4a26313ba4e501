"""Photos in, verdicts out, in a real browser: choosing, pasting, dropping, failing, and the keyboard."""

import base64
import re

import pytest
from playwright.sync_api import Page, expect

from inspector.core.jobs import State
from inspector.inspections.models import Inspection
from tests.browser.intake import choose, send
from tests.factories import CategoryFactory
from tests.photos import photo

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
GOOD, BROKEN = photo(1), photo(300, broken=True)


def expect_summary(page: Page, words: str) -> None:
    """Now or soon: a look at the batch may have counted before a photo was judged and read the rows after."""
    expect(page.locator(".batch-summary")).to_have_text(words)


def give(page: Page, event: str, *files: tuple[str, bytes]) -> None:
    """Paste or drop files the way the browser tells the page about them."""
    data = [[name, base64.b64encode(content).decode()] for name, content in files]
    page.evaluate(
        """([event, files]) => {
            const given = new DataTransfer();
            for (const [name, content] of files) {
                const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
                given.items.add(new File([bytes], name, { type: "image/png" }));
            }
            const options = { bubbles: true, cancelable: true };
            document.body.dispatchEvent(event === "paste"
                ? new ClipboardEvent("paste", { ...options, clipboardData: given })
                : new DragEvent("drop", { ...options, dataTransfer: given }));
        }""",
        [event, data],
    )


def test_from_photos_to_verdicts_without_a_reload(open_intake, work, photos):
    page = open_intake()
    send(page, photos(good=GOOD, broken=BROKEN, notes=b"no photo at all"))
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(2)
    refused = page.locator('.row[data-state="rejected"]')
    expect(refused).to_contain_text("notes.png")
    # A picture of the photo is there before the server has one, and stays while the page polls.
    expect(page.locator('.row[data-state="waiting"] canvas')).to_have_count(2)
    page.wait_for_timeout(900)
    expect(page.locator('.row[data-state="waiting"] canvas')).to_have_count(2)
    expect_summary(page, "2 photos: 2 waiting")
    assert work() == 2
    expect(page.locator('.row[data-verdict="OK"]')).to_contain_text("good.png")
    expect(page.locator('.row[data-verdict="ANOMALY"]')).to_contain_text("broken.png")
    expect(page.locator(".row .thumb img")).to_have_count(2)
    expect_summary(page, "2 photos: 1 ANOMALY 1 OK")
    expect(refused).to_be_visible()
    # Final: nothing is asked for any more.
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.wait_for_timeout(1200)
    assert [url for url in requests if "/rows/" in url] == []  # a picture may come late on a busy machine
    # The way back from an inspection, or a reload, shows the rows again.
    page.reload()
    expect(page.locator(".row[data-verdict]")).to_have_count(2)


def test_a_picture_drawn_after_the_server_answered_is_still_shown(open_intake, photos):
    page = open_intake()
    page.evaluate(
        """() => {
            const real = createImageBitmap;
            window.createImageBitmap = (...given) =>
                new Promise((done) => setTimeout(() => done(real(...given)), 1500));
        }"""
    )
    send(page, photos(good=GOOD, broken=BROKEN))
    waiting = page.locator('.row[data-state="waiting"]')
    expect(waiting).to_have_count(2)
    expect(waiting.locator("canvas")).to_have_count(0)
    expect(waiting.locator("canvas")).to_have_count(2)


def test_the_page_takes_photos_as_soon_as_a_category_has_a_model(open_page, active_version):
    category = CategoryFactory.create()
    page = open_page("/inspect/")
    expect(page.get_by_text("No category can be inspected yet")).to_be_visible()
    version = active_version(category)
    # What the fragment of trainings tells the page when one ends.
    page.evaluate("document.body.dispatchEvent(new Event('run-ended'))")
    expect(page.get_by_text("Choose photos")).to_be_visible()
    page.get_by_label(category.name).check()
    give(page, "paste", ("image.png", GOOD))
    page.get_by_role("button", name="Send now").click()
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
    assert Inspection.objects.get().category == version.category


def test_pasted_and_dropped_photos_join_the_batch(open_intake):
    page = open_intake()
    give(page, "paste", ("image.png", GOOD))
    page.get_by_role("button", name="Send now").click()
    expect(page.locator('.row[data-state="waiting"] .row-name')).to_have_text(
        re.compile(r"^pasted [\d-]+\.png$")
    )
    give(page, "drop", ("left.png", GOOD), ("right.png", BROKEN))
    page.get_by_role("button", name="Send now").click()
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(3)
    expect(page.locator(".batch")).to_have_count(1)
    assert Inspection.objects.values("batch").distinct().count() == 1


def test_many_photos_go_out_in_small_requests_and_rows_can_be_filtered(open_intake, work, photos):
    page = open_intake()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    send(page, photos(**{f"part{n}": photo(n) for n in range(19)}, broken=BROKEN))
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(20)
    assert len(sent) == 3
    assert work() == 20
    expect(page.locator(".row[data-verdict=ANOMALY]")).to_have_count(1)
    page.get_by_role("button", name="Anomalies").click()
    expect(page.locator(".row:visible")).to_have_count(1)


def test_without_a_connection_nothing_is_lost(open_intake, photos):
    page = open_intake()
    page.context.set_offline(True)
    send(page, photos(good=GOOD))
    row = page.locator(".row")
    expect(row).to_contain_text("no connection")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator("h1").click()
    with page.expect_event("dialog"):
        page.evaluate("location.assign('/history/')")
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="Send again").click()
    expect(row).to_contain_text("no connection")
    # With the connection the photos go out by themselves.
    page.context.set_offline(False)
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)


def test_a_failed_photo_is_sent_round_again(open_intake, work, photos):
    page = open_intake()
    send(page, photos(good=GOOD))
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
    Inspection.objects.update(
        state=State.FAILED,
        error_code="worker_lost",
        error_message="The worker stopped.",
        finished="2036-01-01T00:00Z",
    )
    row = page.locator('.row[data-state="failed"]')
    expect(row).to_contain_text("The worker stopped.")
    row.get_by_role("button", name="Retry").click()
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
    assert work() == 1
    expect(page.locator('.row[data-verdict="OK"]')).to_have_count(1)


def test_the_keyboard_is_enough(open_intake, work, photos):
    page = open_intake()
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    send(page, photos(good=GOOD, broken=BROKEN, other=photo(301, broken=True)))
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(3)
    work()
    expect(page.locator('.row[data-verdict="ANOMALY"]')).to_have_count(2)
    expect(page.get_by_role("link", name="Open the first anomaly")).to_be_visible()
    page.keyboard.press("o")
    expect(page.locator(".verdict.huge")).to_have_text("ANOMALY")
    expect(page.locator(".facts-title")).to_have_text("other.png")
    page.keyboard.press("j")
    expect(page.locator(".facts-title")).to_have_text("broken.png")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Newer inspection")
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.wait_for_timeout(300)
    expect(page.locator(".facts-title")).to_have_text("broken.png")


def test_a_phone_takes_photos(open_intake, photos):
    page = open_intake(phone=True)
    camera = page.locator("input[capture]")
    expect(page.get_by_text("Take a photo")).to_be_visible()
    camera.set_input_files(photos(a=GOOD))
    page.get_by_role("button", name="Send now").click()
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
    # There is no doubt about the category any more: one photo after the other goes out at once.
    camera.set_input_files(photos(b=BROKEN))
    expect(page.locator('.row[data-state="waiting"] .row-name')).to_have_text(["b.png", "a.png"])


def test_without_scripts_it_is_a_form(open_intake, photos):
    page = open_intake(java_script_enabled=False)
    choose(page, photos(good=GOOD, notes=b"no photo"))
    page.get_by_role("button", name="Send").click()
    expect(page.locator("h1")).to_have_text(re.compile("^Batch"))
    expect(page.locator("#messages")).to_contain_text("notes.png")
    expect(page.locator(".notice").last).to_contain_text("Reload the page")
    expect(page.locator(".row")).to_have_count(1)
