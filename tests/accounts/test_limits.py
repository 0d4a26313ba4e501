"""How often a password may be tried, at every door; and what the trail says of it."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import get_hasher
from django.core.cache import cache
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from rest_framework.test import APIClient

from inspector.accounts import limits
from inspector.accounts.people import create_person, set_active
from inspector.core.models import Event
from inspector.core.roles import Role

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
HERE, THERE = "10.0.0.1", "10.0.0.2"


@pytest.fixture(autouse=True)
def ann():
    cache.clear()
    return create_person("ann", Role.INSPECTOR, PASSWORD)[0]


def site(password="wrong", username="ann", address=HERE, **headers):
    sent = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address, headers=headers).post("/sign-in/", sent)


def api(password="wrong", username="ann", address=HERE):
    sent = {"username": username, "password": password}
    return APIClient(REMOTE_ADDR=address).post("/api/token/", sent)


DOORS = pytest.mark.parametrize(("door", "wrong", "right"), [(site, 200, 302), (api, 401, 200)])


def later(minutes):
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


def told(answer):
    return " ".join(answer.content.decode().split())


def error(answer):
    """What it says, without the form, in which the name is."""
    return told(answer).partition("data-errors")[2].partition("</ul>")[0] or told(answer)


@DOORS
def test_after_five_failures_even_the_right_password_waits(door, wrong, right):
    assert [door().status_code for _ in range(5)] == [wrong] * 4 + [429]
    refused = door(PASSWORD)
    assert refused.status_code == 429
    assert 50 < int(refused["Retry-After"]) <= 60
    assert "Wait 1 minute, then try again." in told(refused)
    later(minutes=1)
    assert door(PASSWORD).status_code == right
    # That was the end of it: five more tries are free.
    assert [door().status_code for _ in range(4)] == [wrong] * 4


def test_doors_share_the_count_and_pauses_grow_to_an_hour():
    for door in (site, api, site, api):
        door()
    lengths = []
    for _ in range(8):
        site()
        refused = api(PASSWORD)
        assert refused.json()["error"]["code"] == "sign_in_paused"
        lengths.append(round(int(refused["Retry-After"]) / 60))
        later(minutes=lengths[-1])
    assert lengths == [1, 2, 5, 15, 30, 60, 60, 60]
    later(minutes=24 * 60)
    assert [site().status_code for _ in range(4)] == [200] * 4


def test_what_is_tried_during_a_pause_does_not_make_it_longer():
    for _ in range(20):
        site()
    assert AccessAttempt.objects.get().failures_since_start == 5


@DOORS
def test_nobody_shuts_a_person_out_from_elsewhere(door, wrong, right):
    for _ in range(6):
        door(address=THERE)
    assert door(address=THERE).status_code == 429
    assert door(PASSWORD, address=HERE).status_code == right


def test_an_address_that_tries_many_names_waits_whatever_the_name(settings):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 20
    codes = [site(username=f"name{n}").status_code for n in range(21)]
    assert codes == [200] * 19 + [429] * 2
    assert "Wait 15 minutes" in told(site(PASSWORD))
    assert site(PASSWORD, address=THERE).status_code == 302
    later(minutes=61)
    assert site(PASSWORD).status_code == 302


@DOORS
def test_unknown_wrong_and_inactive_are_told_alike_and_take_the_same_work(door, wrong, right, monkeypatch):
    hashed = []
    hasher = type(get_hasher())
    encode = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda self, *args: hashed.append(args) or encode(self, *args))
    left, _ = create_person("left", Role.INSPECTOR, PASSWORD)
    set_active(left, False, by=None)
    kinds = [{"username": "nobody"}, {"username": "ann"}, {"username": "left", "password": PASSWORD}]
    for tries in range(7):
        hashed.clear()
        answers = [door(**kind) for kind in kinds]
        assert len({answer.status_code for answer in answers}) == 1
        assert len(hashed) == (3 if tries < 5 else 0)
        assert len({error(answer) for answer in answers}) == 1


def test_names_are_one_whatever_their_case_and_spaces():
    for name in ("ann", "Ann", "ANN", " ann", "ａｎｎ"):  # noqa: RUF001
        api(username=name)
    assert site(PASSWORD).status_code == 429


@pytest.mark.parametrize(
    ("proxies", "forwarded", "counted"),
    [
        (0, "1.2.3.{n}", {HERE}),
        (1, "9.9.9.{n}, 1.2.3.4", {"1.2.3.4"}),
        (2, "9.9.9.{n}, 1.2.3.4, 10.1.1.1", {"1.2.3.4"}),
        (1, "nonsense {n}", {HERE}),
        (1, "2001:db8:0:1::{n}", {"2001:db8:0:1::"}),
        (1, "::ffff:1.2.3.4", {"1.2.3.4"}),
    ],
)
def test_the_address_is_what_the_proxy_saw_and_nobody_makes_one_up(settings, proxies, forwarded, counted):
    settings.PROXIES = proxies
    for n in range(1, 4):
        site(x_forwarded_for=forwarded.format(n=n))
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == counted


def test_the_old_password_on_the_account_page_counts_too(ann):
    browser = Client()
    browser.force_login(ann)
    form = {"old_password": "wrong", "new_password1": "staple-gun-1", "new_password2": "staple-gun-1"}
    answers = [browser.post("/account/password/", form) for _ in range(5)]
    assert "Your old password was entered incorrectly" in told(answers[0])
    assert "Wait 1 minute" in told(answers[4])
    assert "Wait 1 minute" in told(browser.post("/account/password/", form | {"old_password": PASSWORD}))


def trail():
    names = ("kind", "subject_name", "subject_type", "actor__username")
    return list(Event.objects.exclude(kind="account.created").order_by("pk").values_list(*names))


def test_the_trail_has_failures_pauses_and_successes_without_what_was_typed(ann):
    site("hunter2hunter2")
    for _ in range(5):
        site()
    api("hunter2hunter2", username="my-password-in-the-wrong-field")
    site(PASSWORD, address=THERE)
    assert trail() == [
        ("sign_in.failed", "ann", "person", None),
        ("sign_in.paused", "ann", "person", None),
        ("sign_in.failed", "an unknown name", "", None),
        ("sign_in.succeeded", "ann", "person", "ann"),
    ]
    kept = str(list(Event.objects.values())) + str(list(AccessAttempt.objects.values()))
    assert "hunter2" not in kept and "wrong-field" not in kept and PASSWORD not in kept


def test_a_flood_does_not_fill_the_trail():
    for n in range(60):
        site(username=f"name{n}", address=f"10.1.0.{n}")
        site(address=f"10.1.0.{n}")
    for _ in range(30):
        site(PASSWORD)
    assert Event.objects.count() <= 1 + 3 * 20


def test_an_admin_lifts_a_pause(client_of):
    for _ in range(5):
        site()
    panel, address = client_of(Role.ADMIN), "/admin/accounts/failedsignin/"
    page = told(panel.get(address))
    assert HERE in page and "1 minute" in page
    row = AccessAttempt.objects.get()
    panel.post(address, {"action": "lift_selected", "_selected_action": [row.pk]})
    assert site(PASSWORD).status_code == 302
    assert Event.objects.get(kind="sign_in.pause_lifted").subject_name == "ann"


def test_the_list_in_the_panel_stays_cheap_and_tells_of_paused_addresses(
    client_of, settings, django_assert_max_num_queries
):
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 20
    for n in range(20):
        site(username=f"name{n}")
        site(address=f"10.1.0.{n}")
    panel = client_of(Role.ADMIN)
    AccessAttempt.objects.exclude(ip_address=HERE).update(attempt_time=F("attempt_time") - timedelta(hours=2))
    assert told(panel.get("/admin/accounts/failedsignin/")).count("15 minutes") == 20
    AccessAttempt.objects.filter(ip_address=HERE).delete()
    with django_assert_max_num_queries(10):
        panel.get("/admin/accounts/failedsignin/")


@pytest.mark.parametrize("role", [Role.INSPECTOR, Role.QA_MANAGER])
def test_who_failed_is_for_admins(client_of, role):
    assert client_of(role).get("/admin/accounts/failedsignin/").status_code == 302


def test_a_command_lifts_a_pause():
    for _ in range(5):
        site()
    call_command("axes_reset_username", "ann", verbosity=0)
    assert site(PASSWORD).status_code == 302


def test_old_attempts_are_removed():
    site()
    later(minutes=23 * 60)
    assert limits.forget_old() == 0
    later(minutes=2 * 60)
    assert limits.forget_old() == 1
