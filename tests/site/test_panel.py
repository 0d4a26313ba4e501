"""The admin panel as a whole, in the site's words: what is true of every page of it."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from inspector.accounts.models import ApiToken
from inspector.accounts.tokens import create_token
from inspector.core.templatetags.figures import NONE
from inspector.registry.models import ModelVersion
from tests.addresses import pages, panel_arguments
from tests.factories import (
    FailedSignInFactory,
    InspectionFactory,
    ModelVersionFactory,
    SampleFactory,
    TrainingRunFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
NOBODYS_WORDS = (
    *("knox", "auth token", "pbkdf2", "md5", "iterations", "salt", "algorithm"),
    *("to change", "to view", "this user", "after you've created", "created via this admin", "record —"),
    *("patchcore-padim", "&quot;role&quot;", "no results found", "yielded", "log out"),
)


@pytest.fixture
def panel(client_of):
    return client_of("Admin")


@pytest.fixture
def rows(person):
    """One row in every list."""
    version = ModelVersionFactory.create(method="patchcore-padim", promoted_by=person("Admin"))
    SampleFactory.create(category=version.category)
    InspectionFactory.create(judged=True, version=version, batch__category=version.category)
    TrainingRunFactory.create(category=version.category, method="patchcore-padim")
    create_token(person("Admin"))
    FailedSignInFactory.create()


def words(answer) -> str:
    """What people read of a page, titles and labels included."""
    page = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", answer.content.decode())
    page = re.sub(r'<[^>]*?(?:title|aria-label|placeholder)="([^"]*)"[^>]*>', r" \1 ", page)
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_every_page_speaks_the_site_s_words(panel, rows, person):
    by_id = {"admin:auth_user_": {"id": person("Admin").pk}, "admin:app_list": {"app_label": "core"}}
    addresses = pages(panel, panel_arguments() | by_id, panel=True)
    assert len(addresses) > 20
    for address in addresses:
        read = words(panel.get(address))
        found = [word for word in NOBODYS_WORDS if word in read.lower()]
        assert found == [], f"{address}: {read}"
        assert "Back to the site" in read or "History" in read, f"{address} is a dead end"


def test_titles_say_what_a_page_is(panel, rows):
    for model, site_admin in admin.site._registry.items():
        meta = model._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        assert "<h1 class=" in panel.get(address).content.decode()
        assert f"{site_admin.list_title} · Admin panel · Inspector" in words(panel.get(address))
    assert "Add category · Admin panel · Inspector" in words(panel.get("/admin/categories/category/add/"))


def test_only_what_can_be_added_has_a_button_for_it(panel, rows):
    offered = []
    for model in admin.site._registry:
        meta = model._meta
        page = panel.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))
        if "addlink" in page.content.decode():
            offered.append(meta.verbose_name)
    assert sorted(offered) == ["category", "person"]


@pytest.mark.usefixtures("one_day")
def test_times_and_dashes_are_those_of_the_site(panel, rows, person):
    run = "/admin/training/trainingrun/"
    page = panel.get(run)
    assert "Today " in words(page)
    assert re.search(r'<time datetime="[^"]+" title="\w+day ', page.content.decode())
    ModelVersionFactory.create(standing="candidate")
    assert "The system" in words(page)
    assert f" {NONE} " in words(panel.get("/admin/registry/modelversion/"))


def test_a_password_is_set_or_not_and_nothing_more(panel):
    person = UserFactory.create()
    address = f"/admin/accounts/user/{person.pk}/change/"
    person.set_password("a long enough one")
    person.save()
    page = panel.get(address)
    assert "Set. Change the password" in words(page)
    assert person.password.split("$")[1][:6] not in page.content.decode()
    person.set_unusable_password()
    person.save()
    assert "Set a password" in words(panel.get(address))


def test_django_s_pages_beside_the_site_s_own_lead_there(panel, rows):
    assert panel.get("/admin/accounts/").url == "/admin/"
    assert panel.get("/admin/password_change/").url == "/account/"
    assert panel.get("/admin/password_change/done/").url == "/account/"
    history = panel.get(
        reverse("admin:registry_modelversion_history", args=[ModelVersion.objects.earliest("pk").pk]),
        follow=True,
    )
    assert history.status_code == 200
    assert history.redirect_chain[0][0].startswith("/admin/core/event/?about=version-")
    lost = panel.get("/admin/inspections/inspection/999/change/", follow=True)
    assert lost.redirect_chain[0][0] == "/admin/inspections/inspection/"
    assert "There is no inspection 999." in words(lost)
    assert panel.post("/admin/logout/").url == "/sign-in/"


def test_nothing_found_and_nothing_there_are_said(panel):
    address = "/admin/inspections/inspection/"
    assert "No inspections yet" in words(panel.get(address))
    assert "No inspection matches “77”." in words(panel.get(address, {"q": "77"}))
    assert "No inspection matches these filters." in words(panel.get(address, {"state__exact": "failed"}))
    assert "No API tokens yet" in words(panel.get("/admin/accounts/apitoken/"))


def test_a_token_is_named_by_its_beginning_and_its_owner(panel, rows):
    token = ApiToken.objects.get()
    page = words(panel.get(f"/admin/accounts/apitoken/{token.pk}/change/"))
    assert f"{token.token_key[:8]}… of admin" in page
    assert token.pk not in page
