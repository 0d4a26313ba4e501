"""No address, whatever is in it, in its query, form or headers, fails or keeps anybody waiting."""

import time
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from inspector.accounts.models import FailedSignIn
from inspector.accounts.tokens import create_token
from inspector.core.jobs import State
from inspector.core.models import Event
from inspector.core.roles import Role
from inspector.exports.models import Export
from inspector.inspections.models import Inspection
from inspector.monitoring.alerts.models import Alert, Message, Rule, Webhook
from inspector.monitoring.alerts.signing import new_secret
from inspector.reviews.models import DefectType, Mark, Review
from inspector.samples.models import Exploration
from tests.factories import CategoryFactory, ModelVersionFactory, SampleFactory, UserFactory
from tests.hostile import HEADERS, IN_ADDRESS, IN_FORM, IN_QUERY, addresses, everything, filled, read_names

pytestmark = pytest.mark.django_db
PK = 1_000_000_000  # of one row of everything, which no sequence of PostgreSQL comes to
PATIENCE = 10  # seconds that a client waits
METHODS = ("post", "delete", "options")
# Of Django and its libraries, wherever one is.
COMMON = {"csrfmiddlewaretoken", "format", "_facets", "_popup", "all"}


@pytest.fixture
def known(person) -> dict[str, Any]:
    """A value of every part of an address with which it shows something."""
    by = person(Role.ADMIN)
    inspection = everything(PK)
    category = inspection.category
    CategoryFactory.create()  # with two the panel has a filter
    UserFactory.create(pk=PK)
    SampleFactory.create(category=category, pk=PK)
    Exploration.objects.create(category=category, digest="x", pk=PK)
    ModelVersionFactory.create(category=category, standing="candidate")
    FailedSignIn.objects.create(pk=PK, username="ann", ip_address="10.0.0.1", failures_since_start=5)
    Event.objects.create(pk=PK, actor=by, kind="version.promoted", subject_name="a version")
    DefectType.objects.create(category=category, name="Blot", name_key="blot", pk=PK)
    Review.objects.create(inspection=inspection, person=by, decision="good", pk=PK)
    Mark.objects.create(inspection=inspection, person=by, mask="m.png", outline="m.svg", share=0.1, pk=PK)
    rule = Rule.objects.create(name="Row", kind="row", limit=3, pk=PK)
    alert = Alert.objects.create(rule=rule, category=category, words="Three.", value=3, limit=3, pk=PK)
    hook = Webhook.objects.create(name="Line", url="https://127.0.0.1/", secret=new_secret(), pk=PK)
    Message.objects.create(alert=alert, channel="webhook", webhook=hook, to=hook.url, body="{}", pk=PK)
    Export.objects.create(requested_by=by, form="pdf", state=State.DONE, file="exports/gone.pdf", pk=PK)
    token, _ = create_token(by)
    names = {"slug": category.slug, "number": inspection.version.number, "name": "roc.svg", "kind": "preview"}
    ids = dict.fromkeys(("pk", "object_id", "id", "content_type_id", "version"), PK)
    more = {"token_key": token.token_key, "app_label": "core", "url": "nowhere", "template": "x"}
    more |= {"rest": f"{PK}/change/", "form": "csv", "lot": "L-7", "serial": "S1"}
    Inspection.objects.filter(pk=PK).update(lot="L-7", serial="S1")
    return names | ids | more


@pytest.fixture
def browser(client_of) -> Client:
    """An admin's, whose server's faults are answers."""
    client = client_of(Role.ADMIN)
    client.raise_request_exception = False
    return client


def undone(client: Client, method: str, address: str, *args: Any, **kwargs: Any) -> Any:
    """The answer to a request whose changes are taken back."""
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = getattr(client, method)(address, *args, **kwargs)
        transaction.set_rollback(True)
    client.cookies = cookies
    return response


def look(client: Client, method: str, address: str, *args: Any, **kwargs: Any) -> str:
    """What is wrong with the answer; empty where nothing is."""
    began = time.monotonic()
    response = undone(client, method, address, *args, **kwargs)
    took = time.monotonic() - began
    told = f"{method} {address[:100]} {str(args)[:150]} {str(kwargs)[:150]}: "
    if response.status_code >= 500:
        return f"{told}{response.status_code} {response.exc_info and response.exc_info[1]!r}"
    if address.startswith("/api/") and response.status_code >= 400:
        kind = response["Content-Type"]
        return "" if kind == "application/json" else f"{told}{kind}"
    return f"{told}{took:.1f} s" if took > PATIENCE else ""


def test_parts_of_addresses(browser, known):
    wrong = []
    for address, parts in addresses():
        method = "post" if browser.get(filled(address, known)).status_code == 405 else "get"
        for part in parts:
            places = [filled(address, known | {part: value}) for value in IN_ADDRESS]
            wrong += [look(browser, method, place) for place in places]
    assert not [*filter(None, wrong)]


def test_methods(browser, known):
    places = [filled(address, known) for address, _ in addresses()]
    assert not [*filter(None, [look(browser, method, place) for place in places for method in METHODS])]


def test_strangers_come_in_nowhere_and_nothing_is_kept_for_them(browser, known):
    """Of whom nobody knows who they are, and then of an admin: pictures only are kept, for one session."""
    open_to_all = {"/sign-in/", "/session/", "/healthz", "/readyz"}
    stranger = Client()
    for address, _ in addresses():
        place = filled(address, known)
        for method in ("get", *METHODS):
            answer = undone(stranger, method, place)
            moved = answer.status_code == 302 and answer["Location"].startswith(
                ("/sign-in/", "/admin/login/")
            )
            assert moved or answer.status_code in (400, 401, 403, 404, 405) or address in open_to_all, place
        for answer in (stranger.get(place), browser.get(place)):
            kept = answer["Cache-Control"]
            picture = kept.startswith("private, max-age") and "Cookie" in answer["Vary"]
            assert "no-store" in kept or picture, (place, kept)


def test_headers(browser):
    sent = [{name: value, "HX-Request": "true"} for name, values in HEADERS.items() for value in values]
    for place in ("/sign-in/", "/history/", "/api/token/", "/nowhere/", "/api/nowhere/"):
        assert not [*filter(None, [look(browser, "get", place, headers=headers) for headers in sent])]


def test_queries(browser, known, monkeypatch):
    wrong = []
    for address, _ in addresses():
        place = filled(address, known)
        for name in names_read(browser, monkeypatch, "get", place, {}):
            wrong += [look(browser, "get", place, {name: value}) for value in IN_QUERY]
    assert not [*filter(None, wrong)]


def test_forms(browser, known, monkeypatch):
    wrong = []
    for address, _ in addresses():
        place = filled(address, known)
        names = names_read(browser, monkeypatch, "post", place, {"x": "y"})
        for shift in range(len(IN_FORM) if names else 0):
            sent = {name: IN_FORM[(n + shift) % len(IN_FORM)] for n, name in enumerate(names)}
            wrong.append(look(browser, "post", place, sent))
    assert not [*filter(None, wrong)]


def names_read(client: Client, monkeypatch: Any, method: str, place: str, sent: Any) -> list[str]:
    """The names that a view looks for in its query or form, those of the panel's filters, too."""
    with read_names(monkeypatch) as names:
        response = undone(client, method, place, sent)
        if response.context and "cl" in response.context:
            for spec in response.context["cl"].filter_specs:
                names.update(spec.expected_parameters())
    return sorted(names - COMMON)
