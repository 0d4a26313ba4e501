"""Sensitive acts ask why, and where the installation wants that the password again."""

import pytest

from inspector.accounts import limits
from inspector.accounts.models import ApiToken, User
from inspector.accounts.people import create_person
from inspector.accounts.selectors import role_of
from inspector.accounts.tokens import create_token
from inspector.categories.models import Category
from inspector.core import trail
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.registry.models import Standing
from inspector.registry.selectors import active_deployment, active_version
from inspector.reviews.decide import Finding, decide
from inspector.reviews.models import Withdrawal
from inspector.samples.models import Sample
from tests.factories import CategoryFactory, InspectionFactory, ModelVersionFactory, SampleFactory

pytestmark = pytest.mark.django_db
PASSWORD = "long and good enough"
WHY = "The lamp was changed."


@pytest.fixture
def admin(client_of, person):
    browser = client_of(Role.ADMIN)
    who = person(Role.ADMIN)
    who.set_password(PASSWORD)
    who.save()
    browser.force_login(who)
    return browser


@pytest.fixture
def nut():
    return CategoryFactory.create(slug="nut", name="Nut")


@pytest.fixture
def candidate(nut):
    ModelVersionFactory.create(category=nut, number=1)
    return ModelVersionFactory.create(category=nut, number=2, standing=Standing.CANDIDATE)


def body(answer) -> str:
    return answer.content.decode()


# --- The acts: where, what is sent, and whether it was done ----------------------------------
def promote(nut):
    return "/categories/nut/v2/promote/", {}, lambda: active_version(nut).number == 2


def promote_in_panel(nut):
    pk = nut.versions.get(number=2).pk
    return f"/admin/registry/modelversion/{pk}/promote/", {}, lambda: active_version(nut).number == 2


def change_limits(nut):
    now = active_deployment(nut)
    sent = {"threshold": now.threshold * 2, "review_from": "", "replaces": now.pk}
    return "/categories/nut/limits/", sent, lambda: active_deployment(nut).threshold == now.threshold * 2


def remove_sample(nut):
    pk = SampleFactory.create(category=nut).pk
    return f"/samples/{pk}/remove/", {}, lambda: not Sample.objects.filter(pk=pk).exists()


def remove_ticked(nut):
    pk = SampleFactory.create(category=nut).pk
    sent = {"sample": [pk]}
    return "/categories/nut/explore/remove/", sent, lambda: not Sample.objects.filter(pk=pk).exists()


def remove_in_panel(nut):
    pk = SampleFactory.create(category=nut).pk
    address = f"/admin/{Sample._meta.app_label}/sample/"
    sent = {"action": "remove_selected", "_selected_action": [pk], "confirmed": "1"}
    return address, sent, lambda: not Sample.objects.filter(pk=pk).exists()


def make_person(nut):
    sent = {"username": "zoe", "role": "Inspector", "password1": PASSWORD, "password2": PASSWORD}
    return "/admin/accounts/user/add/", sent, lambda: User.objects.filter(username="zoe").exists()


def form_of(user, **changes):
    known = {"username": user.username, "role": role_of(user).value, "is_active": "on"}
    return known | {"first_name": "", "last_name": "", "email": "", "time_zone": ""} | changes


def change_role(nut):
    ben, _ = create_person("ben", Role.INSPECTOR)
    sent = form_of(ben, role="QA manager")
    return f"/admin/accounts/user/{ben.pk}/change/", sent, lambda: role_of(ben) == Role.QA_MANAGER


def make_inactive(nut):
    ben, _ = create_person("ben", Role.INSPECTOR)
    sent = form_of(ben, confirmed="1")
    del sent["is_active"]
    return f"/admin/accounts/user/{ben.pk}/change/", sent, lambda: not User.objects.get(pk=ben.pk).is_active


def set_password(nut):
    ben, _ = create_person("ben", Role.INSPECTOR)
    sent = {"password1": "another long one", "password2": "another long one"}

    def done():
        return User.objects.get(pk=ben.pk).check_password("another long one")

    return f"/admin/accounts/user/{ben.pk}/password/", sent, done


def archive(nut):
    return "/categories/nut/archive/", {}, lambda: Category.objects.get(slug="nut").archived is not None


def archive_in_panel(nut):
    address = f"/admin/categories/category/{nut.pk}/archive/"
    return address, {}, lambda: Category.objects.get(slug="nut").archived is not None


def delete(nut):
    return (
        "/categories/nut/delete/",
        {"name": "Nut"},
        lambda: not Category.objects.filter(slug="nut").exists(),
    )


def revoke_token(nut):
    ben, _ = create_person("ben", Role.INSPECTOR)
    row, _ = create_token(ben, "Camera 3")
    sent = {"action": "revoke_selected", "_selected_action": [row.pk], "confirmed": "1"}
    return "/admin/accounts/apitoken/", sent, lambda: not ApiToken.objects.filter(user=ben).exists()


def withdraw_of_somebody_else(nut):
    ben, _ = create_person("ben", Role.QA_MANAGER)
    review = decide(InspectionFactory.create(judged=True), Finding("good"), by=ben)
    return f"/reviews/{review.pk}/withdraw/", {}, lambda: Withdrawal.objects.filter(review=review).exists()


ACTS = [
    archive,
    archive_in_panel,
    delete,
    revoke_token,
    withdraw_of_somebody_else,
    promote,
    promote_in_panel,
    change_limits,
    remove_sample,
    remove_ticked,
    remove_in_panel,
    make_person,
    change_role,
    make_inactive,
    set_password,
]


@pytest.mark.parametrize("act", ACTS)
def test_each_asks_why_and_keeps_the_answer(admin, nut, candidate, act):
    address, sent, done = act(nut)
    newest = Event.objects.order_by("-pk").first()
    answer = admin.post(address, sent, follow=True)
    assert "Say why" in body(answer)
    assert not done() and Event.objects.order_by("-pk").first() == newest
    admin.post(address, sent | {"reason": WHY})
    assert done()
    event = Event.objects.filter(detail__reason=WHY).get()
    entry = trail.entries([event])[0]
    assert entry.why == WHY and WHY not in entry.detail


@pytest.mark.parametrize("act", ACTS)
def test_each_asks_for_the_password_where_the_installation_wants_it(admin, nut, candidate, settings, act):
    settings.CONFIRM_PASSWORD = True
    address, sent, done = act(nut)
    sent |= {"reason": WHY}
    for wrong in ({}, {"own_password": ""}, {"own_password": "not mine"}):
        answer = admin.post(address, sent | wrong, follow=True)
        assert not done(), wrong
    assert "This is not your password" in body(answer)
    assert "not mine" not in body(answer)
    admin.post(address, sent | {"own_password": PASSWORD})
    assert done()
    assert PASSWORD not in str(list(Event.objects.values()))


def test_without_the_setting_no_page_asks_for_it(admin, nut, candidate):
    for act in (promote, promote_in_panel, archive_in_panel, delete, change_limits, make_person):
        assert "own_password" not in body(admin.get(act(nut)[0], follow=True))


def test_a_token_is_made_for_something_and_with_the_password(admin, person, settings):
    settings.CONFIRM_PASSWORD = True
    sent = {"name": "Camera 3", "days": "30"}
    for wrong in ({"own_password": "not mine"}, {"name": "", "own_password": PASSWORD}, {}):
        assert admin.post("/account/tokens/", sent | wrong).status_code == 400
    assert not ApiToken.objects.exists()
    assert admin.post("/account/tokens/", sent | {"own_password": PASSWORD}).status_code == 200
    assert Event.objects.get(kind="token.created").detail["name"] == "Camera 3"


def test_the_password_is_tried_as_often_as_at_the_sign_in_page(admin, nut, candidate, settings):
    settings.CONFIRM_PASSWORD = True
    sent = {"reason": WHY, "own_password": "not mine"}
    for _ in range(limits.FREE):
        answer = admin.post("/categories/nut/v2/promote/", sent)
    assert "Too many failed sign-ins" in body(answer)
    answer = admin.post("/categories/nut/v2/promote/", sent | {"own_password": PASSWORD})
    assert "Too many failed sign-ins" in body(answer)
    assert active_version(nut).number == 1


def test_other_words_about_a_person_need_no_reason(admin, settings):
    settings.CONFIRM_PASSWORD = True
    ben, _ = create_person("ben", Role.INSPECTOR)
    admin.post(f"/admin/accounts/user/{ben.pk}/change/", form_of(ben, first_name="Ben"))
    assert User.objects.get(pk=ben.pk).first_name == "Ben"


def test_what_was_typed_is_not_in_the_page_that_asks_again(admin, settings):
    settings.CONFIRM_PASSWORD = True
    ben, _ = create_person("ben", Role.INSPECTOR)
    sent = form_of(ben, reason=WHY, own_password=PASSWORD)
    del sent["is_active"]
    page = body(admin.post(f"/admin/accounts/user/{ben.pk}/change/", sent))
    assert "Make ben inactive" in page and WHY in page
    assert PASSWORD not in page


# --- Programs --------------------------------------------------------------------------------
def test_programs_say_why(api_of, nut, candidate):
    api = api_of(Role.ADMIN)
    address = f"/api/versions/{candidate.pk}/promote/"
    for wrong in ({"reason": "x" * 501}, {"reason": " "}, {}):
        refused = api.post(address, wrong, format="json")
        assert refused.status_code == 400 and "reason" in refused.json()["error"]["fields"]
    assert api.post(address, {"reason": WHY}, format="json").status_code == 200
    assert active_deployment(nut).reason == WHY
    assert Event.objects.get(kind="version.promoted").detail == {"replaces": 1, "reason": WHY}
