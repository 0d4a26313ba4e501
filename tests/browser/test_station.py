"""Station mode: the newest verdict from two metres, what it sounds like, and what goes wrong, as large."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, expect

from inspector.inspections.models import Batch, Inspection
from tests.browser.intake import choose
from tests.browser.looks import wait_until
from tests.photos import encoded, photo, ring

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
GOOD, BROKEN = photo(1), photo(300, broken=True)
# Every tone that is started, by its pitch.
LISTEN = """
    window.tones = [];
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (at) {
        window.tones.push(this.frequency.value);
        return start.call(this, at);
    };
"""


@pytest.fixture
def open_station(open_page, active_version):
    category = active_version().category

    def open_one(**options) -> Page:
        page = open_page("/inspect/station/", **options)
        page.context.add_init_script(LISTEN)
        page.get_by_role("link", name=category.name).click()
        expect(page.locator(".station-verdict > [data-word]")).to_have_text("READY")
        return page

    return open_one


def shown(page: Page, word: str) -> None:
    expect(page.locator(".station-verdict > [data-word]")).to_have_text(word)


def tones(page: Page) -> list[float]:
    return page.evaluate("window.tones.splice(0)")


def sounded(page: Page) -> list[float]:
    """The tones of a sound, which begins a moment after its verdict is seen."""
    wait_until(page, "window.tones.length > 0")
    page.wait_for_timeout(100)
    return tones(page)


def test_a_phone_on_a_stand(open_station, work, photos, accessibility_faults):
    page = open_station(phone=True)
    name = page.locator("h1").inner_text()
    # No delay: the category is fixed, and named large.
    page.locator("input[capture]").set_input_files(photos(good=GOOD))
    shown(page, "JUDGING …")
    expect(page.locator("img[data-photo]")).to_be_visible()
    expect(page.locator(".batch-summary")).to_contain_text("1 photo")
    assert work() == 1
    shown(page, "OK")
    expect(page).to_have_title(f"1 inspected · {name}")
    page.locator("input[capture]").set_input_files(photos(broken=BROKEN))
    # The verdict before does not stand beside a newer photo.
    shown(page, "JUDGING …")
    expect(page.locator(".batch-summary")).to_contain_text("2 photos")
    work()
    shown(page, "ANOMALY")
    expect(page.locator("img[data-contours]")).to_be_visible()
    expect(page.locator("[data-announce]")).to_contain_text("broken.png: ANOMALY")
    expect(page).to_have_title(f"(1) ANOMALY · 2 inspected · {name}")
    expect(page.locator("[data-progress][data-open='0']")).to_be_visible()
    # All of it in one screen, and large.
    for part in (".station-verdict > [data-word]", "[data-photo]", ".station-actions"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 844, part
    assert page.locator(".station-verdict > [data-word]").bounding_box()["height"] >= 40
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    # The one before, as a strip.
    expect(page.locator(".rows .row:visible")).to_have_count(1)
    expect(page.locator(".rows .row:visible")).to_contain_text("OK")
    assert accessibility_faults(page) == []
    # The way back shows them again.
    page.reload()
    shown(page, "ANOMALY")
    assert tones(page) == []


def test_the_next_day_begins_a_new_batch(open_station, photos):
    page = open_station()
    choose(page, photos(good=GOOD))
    expect(page).to_have_url(re.compile("batch="))
    earlier = timezone.now() - timedelta(hours=30)
    Batch.objects.update(created=earlier)
    Inspection.objects.update(created=earlier)
    page.reload()
    former = Batch.objects.get()
    expect(page.get_by_text("The next photo starts a new batch.")).to_be_visible()
    expect(page.get_by_role("link", name=f"Batch {former.pk}")).to_be_visible()
    expect(page.locator(".row")).to_have_count(0)
    choose(page, photos(broken=BROKEN))
    expect(page).not_to_have_url(re.compile(rf"batch={former.pk}$"))
    expect(page.get_by_text("The next photo starts a new batch.")).to_be_hidden()
    assert Batch.objects.count() == 2


def test_anomaly_and_review_sound_different_and_can_be_muted(open_station, work, photos):
    page = open_station()
    page.locator("h1").click()  # browsers want a touch first

    def judge(name: str, content: bytes) -> None:
        choose(page, photos(**{name: content}))
        expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
        work()
        expect(page.locator(".station-told [data-name]")).to_have_text(f"{name}.png")
        expect(page.locator('.row[data-state="waiting"]')).to_have_count(0)

    judge("good", GOOD)
    page.wait_for_timeout(300)
    assert tones(page) == []
    judge("broken", BROKEN)
    anomaly = sounded(page)
    assert len(anomaly) == 3
    page.evaluate(
        """() => {
            const row = document.querySelector(".row").cloneNode(true);
            row.id = "another"; row.dataset.verdict = "REVIEW";
            document.querySelector("[data-rows]").prepend(row);
        }"""
    )
    shown(page, "REVIEW")
    assert sounded(page) != anomaly
    page.get_by_role("button", name="Sound on").click()
    expect(page.get_by_role("button", name="Sound off")).to_be_visible()
    tones(page)
    judge("broken2", BROKEN)
    page.wait_for_timeout(300)
    assert tones(page) == []
    # It stays so on this device.
    page.reload()
    expect(page.get_by_role("button", name="Sound off")).to_be_visible()


def test_a_photo_that_could_not_be_sent_outlives_midnight_and_the_shift(
    open_station, photos, client_of, live_server
):
    page = open_station()
    page.context.set_offline(True)
    choose(page, photos(late=GOOD))
    expect(page.locator('.row[data-state="unsent"]')).to_have_count(1)
    page.clock.set_fixed_time(timezone.now() + timedelta(days=1))
    choose(page, photos(early=BROKEN))
    expect(page.locator('.row[data-state="unsent"]')).to_have_count(2)
    session = client_of("QA manager").cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page.context.set_offline(False)
    expect(page.locator("#session-lost")).to_contain_text("2 photos are kept here")
    page.get_by_role("button", name="Continue as qa-manager").click()
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(2)
    assert Inspection.objects.filter(submitted_by__username="qa-manager").count() == 2


def test_a_photo_without_a_verdict_says_so_as_large(open_station, work, photos):
    page = open_station()
    choose(page, photos(good=GOOD))
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
    work()
    shown(page, "OK")
    choose(page, photos(notes=b"no photo"))
    shown(page, "NOT JUDGED")
    expect(page.locator("[data-problem-told]")).to_contain_text("not an image")
    page.context.set_offline(True)
    choose(page, photos(late=GOOD))
    shown(page, "NOT JUDGED")
    expect(page.locator("[data-problem-told]")).to_contain_text("no connection")
    page.context.set_offline(False)
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
    shown(page, "JUDGING …")
    # The connection is lost while it is judged.
    page.context.set_offline(True)
    shown(page, "NOT JUDGED")
    page.context.set_offline(False)
    work()
    shown(page, "OK")


def test_another_part_is_refused_as_large(known, open_page, work, photos):
    part, _ = known("Part"), known("Ring")
    page = open_page(f"/inspect/station/?category={part.slug}", phone=True)
    page.locator("input[capture]").set_input_files(photos(odd=encoded(ring(99))))
    shown(page, "JUDGING …")
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
    work()
    shown(page, "NOT THIS PART")
    expect(page.locator("[data-problem-told]")).to_contain_text("This looks like Ring")


def test_the_session_ends_in_the_middle_of_a_shift(open_station, photos, person):
    inspector = person("Inspector")
    inspector.set_password("over the hills and far")
    inspector.save()
    page = open_station()
    Session.objects.all().delete()
    choose(page, photos(good=GOOD))
    shown(page, "NOT JUDGED")
    page.get_by_role("dialog").get_by_label("Password").fill("over the hills and far")
    page.keyboard.press("Enter")
    shown(page, "JUDGING …")
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)


def test_the_next_photo_by_a_key(open_station):
    page = open_station()
    page.on("filechooser", lambda _: None)  # the browser begins to tell of it now, not while a key is pressed
    page.locator("h1").click()
    for key in ("Space", "Enter", "u"):
        with page.expect_file_chooser():
            page.keyboard.press(key)


def test_a_live_camera_takes_photos_by_a_key(open_station, work):
    page = open_station()
    page.get_by_role("button", name="Live camera").click()
    video = page.locator("video")
    expect(video).to_be_visible()
    expect(video).to_have_js_property("readyState", 4)
    page.locator("h1").click()
    page.keyboard.press("Space")
    shown(page, "JUDGING …")
    expect(page.locator('.row[data-state="waiting"]')).to_have_count(1)
    work()
    shown(page, "ANOMALY")
    expect(page.locator(".station-told [data-name]")).to_have_text(re.compile(r"^camera [\d-]+\.jpg$"))
    # It is on again after a reload, until somebody puts it off.
    page.reload()
    expect(video).to_be_visible()
    page.get_by_role("button", name="Live camera").click()
    expect(video).to_be_hidden()


def test_a_camera_that_may_not_be_used_says_why(open_station):
    page = open_station()
    page.evaluate(
        """() => {
            const no = () => Promise.reject(new DOMException("", "NotAllowedError"));
            navigator.mediaDevices.getUserMedia = no;
        }"""
    )
    page.get_by_role("button", name="Live camera").click()
    expect(page.get_by_role("alert").filter(has_text="camera is not allowed")).to_be_visible()
    expect(page.get_by_text("Choose photos")).to_be_visible()
