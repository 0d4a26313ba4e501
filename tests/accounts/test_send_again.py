"""A plain form that meets another session, or none, costs nobody what they typed."""

import re

import pytest
from django.core import signing
from django.test import Client

from inspector.accounts.models import User
from inspector.accounts.people import create_person
from inspector.categories.models import Category
from tests.photos import upload

pytestmark = pytest.mark.django_db
FROM_A_PAGE = {"Origin": "http://testserver", "Accept": "text/html,*/*;q=0.8"}
TYPED = {"name": "Bolt M8", "description": "Two\nlines"}


@pytest.fixture
def admin() -> dict[str, str]:
    user, password = create_person("ada", "Admin")
    return {"username": user.username, "password": password}


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True, headers=FROM_A_PAGE)


def token(answer) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.content.decode())[1]


def fields(answer) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    form = answer.content.decode().split("<main")[1]
    return dict(re.findall(r'<input type="hidden"\s+name="([^"]+)"\s+value="([^"]*)"', form, re.DOTALL))


def sign_in(browser: Client, account: dict[str, str], **more: str):
    page = browser.get("/sign-in/")
    return browser.post("/sign-in/", account | {"csrfmiddlewaretoken": token(page)} | more)


def test_a_form_older_than_the_sign_in_is_offered_again_with_a_fresh_token(browser, admin):
    sign_in(browser, admin)
    stale = {"csrfmiddlewaretoken": "a" * 64}
    answer = browser.post("/new-category/", TYPED | stale, headers={"Referer": "http://testserver/from/"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "nothing was changed" in page
    assert "<strong>ada</strong>" in page
    assert 'href="http://testserver/from/"' in page
    assert "no-store" in answer["Cache-Control"]
    assert not Category.objects.exists()
    again = browser.post("/new-category/", fields(answer))
    assert again.status_code == 302
    assert Category.objects.get().name == "Bolt M8"
    assert Category.objects.get().description.split() == ["Two", "lines"]


def test_who_was_signed_out_signs_in_and_goes_on(browser, admin):
    page = browser.get("/sign-in/")
    asked = browser.post("/new-category/", TYPED | {"csrfmiddlewaretoken": token(page)})
    assert asked.status_code == 403
    assert "what you typed is kept" in asked.content.decode()
    wrong = browser.post("/sign-in/", fields(asked) | admin | {"password": "wrong"})
    assert wrong.status_code == 200
    offered = browser.post("/sign-in/", fields(wrong) | admin)
    assert "Send again" in offered.content.decode()
    browser.post("/new-category/", fields(offered))
    assert Category.objects.get().name == "Bolt M8"


def test_somebody_who_signed_in_in_another_tab_goes_on_all_the_same(browser, admin):
    page = browser.get("/sign-in/")
    asked = browser.post("/new-category/", TYPED | {"csrfmiddlewaretoken": token(page)})
    sign_in(browser, admin)
    offered = browser.post("/sign-in/", fields(asked) | admin)
    assert offered.status_code == 403
    browser.post("/new-category/", fields(offered))
    assert Category.objects.get().name == "Bolt M8"


def test_the_sign_in_page_that_was_open_twice_leads_on(browser, admin):
    old = browser.get("/sign-in/")
    sign_in(browser, admin)
    answer = browser.post("/sign-in/", admin | {"csrfmiddlewaretoken": token(old), "next": "/history/"})
    assert browser.get(answer.url).url == "/history/"


def test_passwords_are_never_offered_and_files_are_named(browser, admin):
    sign_in(browser, admin)
    sent = {"old_password": "hush-hush", "new_password1": "hush", "time_zone": "Asia/Tokyo"}
    page = browser.post("/account/", sent).content.decode()
    assert "hush" not in page
    assert "Asia/Tokyo" in page
    assert "Passwords are not kept" in page
    page = browser.post("/new-category/", TYPED | {"images": upload(name="good.png")}).content.decode()
    assert "Choose it again" in page
    assert "good.png" in page


def test_a_form_of_the_panel_is_offered_again(browser, admin):
    sign_in(browser, admin)
    answer = browser.post("/admin/categories/category/add/", TYPED | {"slug": "", "_save": "Save"})
    assert fields(answer)["name"] == "Bolt M8"
    assert "<dt>save</dt>" not in answer.content.decode().lower()
    browser.post("/admin/categories/category/add/", fields(answer))
    assert Category.objects.get().name == "Bolt M8"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver", "Accept": "application/json"},
    ],
)
def test_what_another_site_sends_is_not_offered(browser, admin, headers):
    nobody = browser.post("/new-category/", TYPED, headers=headers)
    assert "Bolt" not in nobody.content.decode()
    sign_in(browser, admin)
    answer = browser.post("/new-category/", TYPED, headers=headers)
    assert answer.status_code == 403
    assert "Bolt" not in answer.content.decode()
    assert "reload the page" in answer.content.decode()


def test_what_nobody_here_sealed_is_not_offered(browser, admin):
    forged = signing.dumps({"path": "/sign-out/", "fields": []}, salt="another")
    assert sign_in(browser, admin, kept=forged).status_code == 302
    assert User.objects.get().last_login is not None
