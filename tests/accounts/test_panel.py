from uuid import uuid4

import pytest
from django.contrib.messages import get_messages

from inspector.accounts.models import User
from inspector.accounts.people import create_person
from inspector.accounts.selectors import role_of
from inspector.core.events import record
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.samples.events import SampleEvent

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/accounts/user/"


@pytest.fixture
def panel(client_of):
    return client_of(Role.ADMIN)


def told(answer):
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def fields(user, **changes):
    values = {"username": user.username, "role": role_of(user).value, "is_active": "on"}
    return {
        **values,
        "first_name": "",
        "last_name": "",
        "email": "",
        "time_zone": "",
        "reason": "New task.",
        **changes,
    }


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.QA_MANAGER])
def test_the_panel_is_for_admins(client_of, role):
    assert client_of(role).get("/admin/").status_code == 302


def test_every_page_of_the_sidebar_opens(panel, person):
    front = panel.get("/admin/")
    links = [item["link"] for group in front.context["sidebar_navigation"] for item in group["items"]]
    pages = [str(link) for link in links if str(link).startswith("/admin/")]
    assert len(pages) >= 6
    assert [panel.get(page).status_code for page in pages] == [200] * len(pages)


def test_django_s_own_groups_and_tokens_pages_are_gone(panel):
    assert panel.get("/admin/auth/group/").status_code == 404
    assert panel.get("/admin/accounts/apitoken/add/").status_code == 403


def test_giving_up_one_s_own_role_asks_first_and_then_leads_out_of_the_panel(panel, person):
    """It ended on a page that said “Your role does not allow this”, as if nothing had been done."""
    me = person(Role.ADMIN)
    create_person("zoe", Role.ADMIN)
    address, form = f"{PEOPLE}{me.pk}/change/", fields(me, role="Inspector")
    asked = panel.post(address, form)
    assert "can no longer open the admin panel" in asked.text
    assert role_of(User.objects.get(pk=me.pk)) == Role.ADMIN
    panel.post(address, fields(me, first_name="Ada"))
    assert User.objects.get(pk=me.pk).first_name == "Ada", "without a question"
    left = panel.post(address, form | {"confirmed": "1"}, follow=True)
    assert left.status_code == 200 and "You are no longer an admin." in left.text
    assert role_of(User.objects.get(pk=me.pk)) == Role.INSPECTOR


def test_an_admin_makes_a_person(panel):
    form = {
        "username": "zoe",
        "role": "QA manager",
        "password1": "a long enough one",
        "password2": "a long enough one",
        "reason": "New in the team.",
    }
    assert panel.post(f"{PEOPLE}add/", form).status_code == 302
    zoe = User.objects.get(username="zoe")
    assert role_of(zoe) == Role.QA_MANAGER
    assert zoe.check_password("a long enough one")


def test_an_admin_changes_role_and_words(panel, person):
    bob = person(Role.INSPECTOR)
    answer = panel.post(f"{PEOPLE}{bob.pk}/change/", fields(bob, role="Admin", time_zone="Europe/Berlin"))
    assert answer.status_code == 302
    bob.refresh_from_db()
    assert (role_of(bob), bob.is_staff, bob.time_zone) == (Role.ADMIN, True, "Europe/Berlin")
    assert Event.objects.filter(kind="account.role_changed", actor=person(Role.ADMIN)).exists()


def test_another_username_is_on_record_and_nobody_else_s(panel, person):
    bob, ann = person(Role.INSPECTOR), person(Role.QA_MANAGER)
    answer = panel.post(f"{PEOPLE}{bob.pk}/change/", fields(bob, username=ann.username.upper()))
    assert "already exists" in told(answer)
    assert not User.objects.filter(username=ann.username.upper()).exists()
    panel.post(f"{PEOPLE}{bob.pk}/change/", fields(bob, username="Rob"))
    event = Event.objects.get(kind="account.described")
    assert (event.actor, event.detail["former"]) == (person(Role.ADMIN), bob.username)
    assert f"Username: from {bob.username} to Rob" in panel.get(f"/trail/?about=person-{bob.pk}").text


@pytest.mark.parametrize("change", [{"role": "Inspector"}, {"is_active": ""}])
def test_the_last_admin_cannot_be_lost_in_the_panel(panel, person, change):
    admin = person(Role.ADMIN)
    answer = panel.post(f"{PEOPLE}{admin.pk}/change/", fields(admin, **change))
    assert "is the only admin" in told(answer)
    admin.refresh_from_db()
    assert (role_of(admin), admin.is_active, admin.is_staff) == (Role.ADMIN, True, True)


def test_making_somebody_inactive_says_what_is_lost_first(panel, api_of, person):
    api_of(Role.INSPECTOR)
    bob = person(Role.INSPECTOR)
    leaves = {name: value for name, value in fields(bob).items() if name != "is_active"}
    page = panel.post(f"{PEOPLE}{bob.pk}/change/", leaves).content.decode()
    assert "can no longer sign in. Their API token is deleted" in page
    assert f'<input type="hidden" name="username" value="{bob.username}">' in page
    bob.refresh_from_db()
    assert bob.is_active
    panel.post(f"{PEOPLE}{bob.pk}/change/", leaves | {"confirmed": "1"})
    bob.refresh_from_db()
    assert not bob.is_active


def test_a_password_is_set_and_noted_but_not_shown(panel, person):
    bob = person(Role.INSPECTOR)
    form = {"password1": "another long one", "password2": "another long one", "reason": "Forgotten."}
    assert panel.post(f"{PEOPLE}{bob.pk}/password/", form).status_code == 302
    bob.refresh_from_db()
    assert bob.check_password("another long one")
    assert "long one" not in str(Event.objects.get(kind="account.password_set").detail)


def test_nobody_is_deleted(panel, person):
    assert panel.post(f"{PEOPLE}{person(Role.INSPECTOR).pk}/delete/").status_code == 403


def test_permissions_are_not_picked_one_by_one(panel, person):
    page = panel.get(f"{PEOPLE}{person(Role.INSPECTOR).pk}/change/").content.decode()
    assert "user_permissions" not in page
    assert "is_superuser" not in page


def test_a_token_is_revoked(panel, api_of, person):
    api = api_of(Role.INSPECTOR)
    token = person(Role.INSPECTOR).auth_token_set.get()
    page = panel.get("/admin/accounts/apitoken/").content.decode()
    assert token.token_key[:8] in page
    asked = {"action": "revoke_selected", "_selected_action": [token.pk]}
    page = panel.post("/admin/accounts/apitoken/", asked).content.decode()
    assert "Revoke 1 token" in page and "bg-red-600" in page
    assert api.get("/api/categories/").status_code == 200
    panel.post("/admin/accounts/apitoken/", asked | {"confirmed": "1", "reason": "Ann has left."})
    assert api.get("/api/categories/").status_code == 401
    assert Event.objects.get(kind="token.revoked").subject_name == "inspector"


def test_the_audit_trail_is_read_only(panel, person):
    create_person("eve", Role.INSPECTOR, by=person(Role.ADMIN))
    event = Event.objects.get(subject_name="eve")
    page = panel.get(f"/admin/core/event/{event.pk}/change/").content.decode()
    assert "Created account" in page
    assert "Role: Inspector" in page
    for address in (f"{event.pk}/change/", f"{event.pk}/delete/", "add/"):
        assert panel.post(f"/admin/core/event/{address}").status_code == 403


def test_the_list_of_people_stays_cheap(panel, person, django_assert_max_num_queries):
    panel.get(PEOPLE)
    for n in range(30):
        person(Role.INSPECTOR, f"person{n}")
    with django_assert_max_num_queries(10):
        panel.get(PEOPLE)


def test_the_trail_shows_an_upload_of_many_requests_as_one_row(panel, person, django_assert_max_num_queries):
    by = person(Role.INSPECTOR)
    Event.objects.all().delete()
    for _ in range(20):
        operation = uuid4()
        for _ in range(3):
            detail = {"split": "train", "label": "good", "added": 8}
            event = record(by, SampleEvent.ADDED, "Nut", operation=operation, **detail)
    address = "/admin/core/event/"
    with django_assert_max_num_queries(10):
        page = panel.get(address)
    assert len(page.context["cl"].result_list) == 20
    assert page.content.decode().count("Training, good: 24 added") == 20
    assert len(panel.get(address, {"q": "nut"}).context["cl"].result_list) == 20
    assert len(panel.get(address, {"kind": "version.promoted"}).context["cl"].result_list) == 0
    page = panel.get(f"{address}{event.pk - 2}/change/").content.decode()
    assert "3, the last one " in page


def test_the_trail_is_narrowed_to_one_thing_and_to_one_person(panel, person):
    eve, _ = create_person("eve", Role.INSPECTOR, by=person(Role.ADMIN))
    create_person("bob", Role.INSPECTOR)
    address = "/admin/core/event/"
    (event,) = panel.get(address, {"about": f"person-{eve.pk}"}).context["cl"].result_list
    assert event.subject_name == "eve"
    events = panel.get(address, {"who": "admin"}).context["cl"].result_list
    assert "eve" in {event.subject_name for event in events}
    assert {event.actor for event in events} == {person(Role.ADMIN)}
    for place in (address, f"{address}{event.pk}/change/"):
        assert panel.get(place, {"about": "nonsense"}, follow=True).status_code == 200
    page = panel.get(f"{PEOPLE}{eve.pk}/change/").content.decode()
    for query in (f"about=person-{eve.pk}", "who=eve"):
        assert f"{address}?{query}" in page
