"""The session ends, or becomes another's, while photos are on the page: none has to be chosen again."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from inspector.accounts.models import User
from inspector.core.jobs import State
from inspector.inspections.models import Batch, Inspection
from tests.browser.intake import choose, send, waiting
from tests.factories import CategoryFactory
from tests.photos import photo

pytestmark = [pytest.mark.chromium, pytest.mark.django_db(transaction=True)]
GOOD, BROKEN = photo(1), photo(300, broken=True)
PASSWORD = "over the hills and far"


@pytest.fixture
def password(person) -> str:
    inspector = person("Inspector")
    inspector.set_password(PASSWORD)
    inspector.save()
    return PASSWORD


def sign_in(page: Page, password: str) -> None:
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_photos_wait_until_somebody_has_signed_in_in_place(open_intake, photos, password):
    page = open_intake()
    page.locator("h1").click()
    Session.objects.all().delete()
    send(page, photos(good=GOOD, broken=BROKEN))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 photos are kept here")
    expect(page.locator('.row[data-state="kept"]')).to_have_count(2)
    expect(dialog.get_by_label("Username")).to_have_value("inspector")
    expect(dialog.get_by_label("Password")).to_be_focused()
    expect(dialog.get_by_label("Password")).to_have_attribute("autocomplete", "current-password")
    sign_in(page, "wrong")
    expect(dialog.get_by_role("alert")).to_contain_text("Wrong username or password")
    sign_in(page, password)
    # Sending goes on by itself, and so does everything else.
    waiting(page, 2)
    expect(dialog).to_be_hidden()
    assert Batch.objects.get().submitted_by.username == "inspector"
    choose(page, photos(more=GOOD))
    waiting(page, 3)
    assert Batch.objects.count() == 1


def test_closed_the_way_back_is_a_calm_notice(open_intake, photos, password):
    page = open_intake()
    Session.objects.all().delete()
    send(page, photos(good=GOOD))
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    notice = page.locator("#session-lost")
    expect(notice).to_contain_text("1 photo is kept here")
    # What comes meanwhile waits with it.
    choose(page, photos(more=GOOD))
    expect(page.locator('.row[data-state="kept"]')).to_have_count(2)
    notice.get_by_role("button", name="Sign in").click()
    sign_in(page, password)
    waiting(page, 2)
    expect(notice).to_be_hidden()


@pytest.mark.parametrize("while_kept", [False, True], ids=["before sending", "while photos are kept"])
def test_signing_in_in_another_tab_is_enough(open_intake, photos, password, while_kept):
    page = open_intake()
    Session.objects.all().delete()
    if while_kept:
        send(page, photos(good=GOOD))
        expect(page.get_by_role("dialog")).to_be_visible()
    other = page.context.new_page()
    other.goto("/sign-in/")
    other.get_by_label("Username").fill("inspector")
    sign_in(other, password)
    expect(other.locator("h1")).to_have_text("Today")
    if while_kept:
        page.evaluate("dispatchEvent(new Event('focus'))")
    else:
        send(page, photos(good=GOOD))
    waiting(page, 1)
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_photos_go_out_in_another_name_only_after_it_was_said(open_intake, client_of, photos, live_server):
    page = open_intake()
    send(page, photos(good=GOOD))
    waiting(page, 1)
    session = client_of("QA manager").cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    choose(page, photos(broken=BROKEN))
    notice = page.locator("#session-lost")
    expect(notice).to_contain_text("qa-manager is signed in now")
    expect(notice).to_contain_text("would be sent in the name of qa-manager, as a new batch")
    assert Inspection.objects.count() == 1
    page.get_by_role("button", name="Continue as qa-manager").click()
    waiting(page, 2)
    assert [batch.submitted_by.username for batch in Batch.objects.order_by("pk")] == [
        "inspector",
        "qa-manager",
    ]
    expect(page.locator(".topbar")).to_contain_text("qa-manager")


def test_who_was_there_first_can_sign_in_again(open_intake, client_of, photos, live_server, password):
    page = open_intake()
    session = client_of("QA manager").cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    send(page, photos(good=GOOD))
    page.get_by_role("button", name="Sign in as inspector").click()
    sign_in(page, password)
    waiting(page, 1)
    assert Batch.objects.get().submitted_by.username == "inspector"


def test_a_page_that_polls_is_not_taken_away(open_intake, photos, work, password):
    page = open_intake()
    send(page, photos(good=GOOD))
    waiting(page, 1)
    Session.objects.all().delete()
    notice = page.locator("#session-lost")
    expect(notice).to_contain_text("You have been signed out")
    work()
    notice.get_by_role("button", name="Sign in").click()
    sign_in(page, password)
    expect(page.locator('.row[data-verdict="OK"]')).to_have_count(1)
    assert "/inspect/" in page.url


def test_a_button_of_a_page_with_a_stale_token_works(open_intake, photos, live_server):
    page = open_intake()
    send(page, photos(good=GOOD))
    waiting(page, 1)
    Inspection.objects.update(
        state=State.FAILED, error_code="lost", error_message="It stopped.", finished="2036-01-01T00:00Z"
    )
    retry = page.get_by_role("button", name="Retry")
    expect(retry).to_be_visible()
    page.context.add_cookies([{"name": "csrftoken", "value": "n" * 32, "url": live_server.url}])
    retry.click()
    waiting(page, 1)


def test_photos_for_a_category_are_added_with_a_stale_token(open_page, photos, live_server):
    page = open_page(f"/categories/{CategoryFactory.create().slug}/samples/", role="Admin")
    page.locator("[name=images]").set_input_files(photos(good=GOOD))
    page.context.add_cookies([{"name": "csrftoken", "value": "n" * 32, "url": live_server.url}])
    page.get_by_role("button", name="Add them").click()
    expect(page.get_by_text("1 added")).to_be_visible()


def typing(open_page, person) -> tuple[User, Page]:
    """An admin whose session ends over a form."""
    admin = person("Admin")
    admin.set_password(PASSWORD)
    admin.save()
    page = with_a_clock(open_page("/new-category/", role="Admin"))
    page.get_by_label("Name", exact=True).fill("Bolt M8")
    page.get_by_label("Description").fill("Seen from above,\nhead to the left")
    Session.objects.all().delete()
    return admin, page


def with_a_clock(page: Page) -> Page:
    """The bell has asked once; it asks again when a minute has passed."""
    page.clock.install()
    with page.expect_response("**/alerts/unread/**"):
        page.reload()
    return page


def test_a_page_that_polls_does_not_go_away_with_what_was_typed(open_page, person, accessibility_faults):
    admin, page = typing(open_page, person)
    page.clock.fast_forward(61_000)
    told = page.locator("#messages")
    expect(told).to_contain_text("You have been signed out. What you did here is kept.")
    assert accessibility_faults(page) == []
    with page.expect_popup() as popup:
        told.get_by_role("link", name="Sign in in another tab").click()
    other = popup.value
    other.get_by_label("Username").fill(admin.username)
    sign_in(other, PASSWORD)
    expect(other.get_by_role("button", name="Create category")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(told).not_to_contain_text("signed out")
    page.get_by_role("button", name="Create category").click()
    expect(page.get_by_role("heading", name="Bolt M8")).to_be_visible()


def test_a_page_that_polls_and_holds_nothing_goes_to_sign_in(open_page):
    page = with_a_clock(open_page("/new-category/", role="Admin"))
    Session.objects.all().delete()
    page.clock.fast_forward(61_000)
    page.wait_for_url("**/sign-in/**")


def test_what_was_typed_into_a_plain_form_outlives_the_session(open_page, person, accessibility_faults):
    admin, page = typing(open_page, person)
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Create category").click()
    expect(page.get_by_text("what you typed is kept")).to_be_visible()
    page.get_by_label("Username").fill(admin.username)
    sign_in(page, PASSWORD)
    expect(page.get_by_role("heading", name="Send again?")).to_be_visible()
    expect(page.get_by_text("head to the left")).to_be_visible()
    assert accessibility_faults(page) == []
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", name="Bolt M8")).to_be_visible()
