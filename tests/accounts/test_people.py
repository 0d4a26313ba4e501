import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from inspector.accounts.admin import NewPasswordForm
from inspector.accounts.forms import PasswordForm, TimeZoneForm
from inspector.accounts.people import create_person, set_active, set_role
from inspector.accounts.selectors import people, role_of
from inspector.core.errors import Refused
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.site.roles import PERMISSIONS, permissions_of

pytestmark = pytest.mark.django_db


def held(role):
    group = Group.objects.get(name=role.value)
    return {
        f"{p.content_type.app_label}.{p.codename}" for p in group.permissions.select_related("content_type")
    }


def test_each_role_is_a_group_with_the_permissions_of_the_table():
    assert {role: held(role) for role in Role} == {role: permissions_of(role) for role in Role}


def test_the_table_names_permissions_that_exist():
    known = {
        f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")
    }
    assert {name for names in PERMISSIONS.values() for name in names} <= known


def test_migrating_again_takes_back_what_was_added_by_hand():
    Group.objects.get(name="Inspector").permissions.add(Permission.objects.get(codename="delete_user"))
    call_command("migrate", verbosity=0)
    assert held(Role.INSPECTOR) == permissions_of(Role.INSPECTOR)


def test_a_new_person_has_a_role_and_a_random_password():
    person, password = create_person("ann", "QA manager")
    assert person.check_password(password)
    assert (role_of(person), person.is_staff) == (Role.QA_MANAGER, False)
    assert Event.objects.get(kind="account.created").subject_name == "ann"


def test_a_random_password_that_looks_like_the_name_is_taken(monkeypatch):
    monkeypatch.setattr("secrets.token_urlsafe", lambda nbytes: "qa-manager-x0123")
    person, password = create_person("qa-manager", Role.QA_MANAGER)
    assert person.check_password(password)


def test_only_admins_see_the_panel():
    assert [create_person(role.name, role)[0].is_staff for role in Role] == [False, False, True]


@pytest.mark.parametrize(
    ("username", "role", "password", "code"),
    [
        ("ann", "Boss", None, "no_such_role"),
        ("ann", Role.ADMIN, "short", "bad_account"),
        ("a b", Role.ADMIN, None, "bad_account"),
        ("", Role.ADMIN, None, "bad_account"),
        ("BOB", Role.INSPECTOR, None, "name_taken"),
    ],
)
def test_nonsense_is_refused(username, role, password, code):
    create_person("bob", Role.INSPECTOR)
    with pytest.raises(Refused) as refused:
        create_person(username, role, password)
    assert refused.value.code == code


def test_a_person_has_one_role_at_a_time(person):
    bob = person(Role.INSPECTOR)
    set_role(bob, Role.ADMIN, by=person(Role.ADMIN))
    bob.refresh_from_db()
    assert [group.name for group in bob.groups.all()] == ["Admin"]
    assert bob.is_staff
    event = Event.objects.get(kind="account.role_changed")
    assert (event.actor, event.detail) == (person(Role.ADMIN), {"role": "Admin", "former": "Inspector"})


def test_a_superuser_who_is_no_admin_any_more_is_no_superuser(person, django_user_model):
    person(Role.ADMIN)
    root = django_user_model.objects.create_superuser("root", password="x")
    assert role_of(root) == Role.ADMIN
    set_role(root, Role.INSPECTOR, by=None)
    root.refresh_from_db()
    assert (root.is_superuser, role_of(root)) == (False, Role.INSPECTOR)


def test_the_last_admin_stays_one(person):
    admin = person(Role.ADMIN)
    for change in (
        lambda: set_role(admin, Role.INSPECTOR, by=admin),
        lambda: set_active(admin, False, by=admin),
    ):
        with pytest.raises(Refused) as refused:
            change()
        assert (refused.value.code, refused.value.status) == ("last_admin", 409)
    second = person(Role.ADMIN, "second")
    set_active(second, False, by=admin)
    with pytest.raises(Refused):  # an admin who cannot sign in does not count
        set_role(admin, Role.INSPECTOR, by=admin)


def test_who_is_made_inactive_loses_the_tokens(person, api_of):
    api, bob = api_of(Role.INSPECTOR), person(Role.INSPECTOR)
    set_active(bob, False, by=None)
    assert not bob.auth_token_set.exists()
    assert api.get("/api/categories/").status_code == 401
    set_active(bob, True, by=None)
    bob.refresh_from_db()
    assert bob.is_active


PASSWORD, NEW = "correct horse battery", "staple of a horse"


@pytest.mark.parametrize("door", ["time zone", "password", "password, in the panel"])
def test_who_is_made_inactive_meanwhile_stays_so(door, rf):
    """Their own request had read the account before, and computing a password takes half a second."""
    bob, _ = create_person("bob", Role.INSPECTOR, PASSWORD)
    request = rf.post("/")
    request.user = type(bob).objects.get(pk=bob.pk)
    twice = {f"{name}{n}": NEW for name in ("password", "new_password") for n in (1, 2)}
    form = {
        "time zone": lambda: TimeZoneForm({"time_zone": "Europe/Berlin"}, instance=request.user),
        "password": lambda: PasswordForm(request, twice | {"old_password": PASSWORD}),
        "password, in the panel": lambda: NewPasswordForm(request.user, twice),
    }[door]()
    form.fields.pop("reason", None)
    assert form.is_valid(), form.errors
    set_active(bob, False, by=None)
    form.save()
    bob.refresh_from_db()
    assert (bob.is_active, bob.deactivations) == (False, 1)
    assert bob.time_zone == "Europe/Berlin" if door == "time zone" else bob.check_password(NEW)


def test_roles_of_everybody_cost_two_queries(person, django_assert_num_queries):
    for role in Role:
        person(role)
    with django_assert_num_queries(2):
        assert [role_of(someone) for someone in people()] == [Role.ADMIN, Role.INSPECTOR, Role.QA_MANAGER]
