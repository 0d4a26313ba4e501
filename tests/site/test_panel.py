"""The admin panel as a whole, in the site's words: what is true of every page of it."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from inspector.accounts.models import ApiToken
from inspector.accounts.tokens import create_token
from inspector.core.templatetags.figures import NONE
from inspector.registry.models import ModelVersion
from inspector.samples.models import Sample
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


SAMPLES = "/admin/samples/sample/"


def test_a_page_that_is_no_more_shows_the_last_one_with_the_same_filters(panel):
    """After an action that removed what was on it, the filters were lost and nothing was said."""
    samples = SampleFactory.create_batch(31, split="test", label="scratch")
    SampleFactory.create(label="good")
    for page in (2, 99, 0, -1):
        shown = panel.get(f"{SAMPLES}?label=scratch&p={page}")
        assert shown.status_code == 200 and shown.context["cl"].result_count == 31
    assert len(panel.get(f"{SAMPLES}?label=scratch&p=99").context["cl"].result_list) == 1
    form = {"action": "remove_selected", "_selected_action": samples[0].pk, "index": 0, "reason": "Dark."}
    done = panel.post(f"{SAMPLES}?label=scratch&p=2", form | {"confirmed": 1}, follow=True)
    assert "1 sample was removed" in words(done) and done.context["cl"].result_count == 30


def test_a_filter_that_there_is_not_is_said_and_nothing_is_done(panel):
    sample = SampleFactory.create()
    for address in (f"{SAMPLES}?colour=red", f"{SAMPLES}?colour=red&e=1"):
        shown = panel.get(address, follow=True)
        assert "a filter or a value that this list does not have" in words(shown)
        assert "database" not in words(shown)
    form = {"action": "remove_selected", "_selected_action": sample.pk, "confirmed": 1, "reason": "Dark."}
    assert "Nothing was changed. The address" in words(panel.post(address, form, follow=True))
    assert Sample.objects.exists()


@pytest.mark.parametrize("model", ["samples/sample", "accounts/apitoken", "inspections/inspection"])
def test_what_vanished_since_it_was_ticked_is_not_reported_as_done(panel, model):
    action = {"accounts": "revoke_selected", "samples": "remove_selected"}.get(model.split("/")[0])
    for across in (0, 1):
        form = {
            "_selected_action": 999,
            "confirmed": 1,
            "reason": "Old.",
            "select_across": across,
            "index": 0,
        }
        said = words(
            panel.post(f"/admin/{model}/", form | {"action": action or "retry_selected"}, follow=True)
        )
        assert "Nothing was changed: what you selected is no longer there." in said and " 0 " in said
        assert "0 samples were" not in said and "0 tokens were" not in said and "0 of the" not in said


def test_rows_that_came_while_all_were_confirmed_are_asked_about_again(panel):
    SampleFactory.create_batch(2)
    form = {"action": "remove_selected", "_selected_action": 1, "select_across": 1}
    asked = panel.post(SAMPLES, form)
    assert "Remove 2 samples" in words(asked)
    counted = re.findall(r'name="counted" value="(\d+)"', asked.text)
    SampleFactory.create()
    form |= {"confirmed": 1, "counted": counted, "reason": "Dark."}
    again = panel.post(SAMPLES, form)
    assert "Others came meanwhile" in words(again) and "Remove 3 samples" in words(again)
    assert Sample.objects.count() == 3
    [counted] = re.findall(r'name="counted" value="(\d+)"', again.text)
    panel.post(SAMPLES, form | {"counted": counted})
    assert not Sample.objects.exists()


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
