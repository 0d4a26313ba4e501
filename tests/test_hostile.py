"""No address, whatever is in it, in its query, form or headers, fails or keeps anybody waiting."""

import time
from collections import defaultdict
from itertools import product
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from inspector.core.roles import Role
from tests.hostile import (
    HEADERS,
    IN_ADDRESS,
    IN_FORM,
    IN_QUERY,
    addresses,
    everything,
    filled,
    leads_somewhere,
    read_names,
)

pytestmark = pytest.mark.django_db
PATIENCE = 10  # seconds that a client waits
METHODS = ("delete", "options")  # and those that each address is asked with anyway
# Of Django and its libraries, wherever one is.
COMMON = {"csrfmiddlewaretoken", "format", "_facets", "_popup", "all"}


@pytest.fixture
def known(person) -> dict[str, Any]:
    """A value for each part of an address, with which it shows something."""
    return everything(person(Role.ADMIN))


@pytest.fixture
def browser(client_of) -> Client:
    """An admin's browser, in which a fault of the server is an answer."""
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


def asked(client: Client, method: str, address: str, *args: Any, **kwargs: Any) -> tuple[Any, str]:
    """The answer, and what is wrong with it; empty where nothing is."""
    began = time.monotonic()
    response = undone(client, method, address, *args, **kwargs)
    took = time.monotonic() - began
    told = f"{method} {address[:100]} {str(args)[:150]} {str(kwargs)[:150]}: "
    if response.status_code >= 500:
        return response, f"{told}{response.status_code} {response.exc_info and response.exc_info[1]!r}"
    if address.startswith("/api/") and response.status_code >= 400:
        kind = response["Content-Type"]
        return response, "" if kind == "application/json" else f"{told}{kind}"
    return response, f"{told}{took:.1f} s" if took > PATIENCE else ""


def look(client: Client, method: str, address: str, *args: Any, **kwargs: Any) -> str:
    return asked(client, method, address, *args, **kwargs)[1]


def test_parts_of_addresses(browser, known):
    wrong, nowhere = [], set()
    for address, parts in addresses():
        for part, value in product(parts, IN_ADDRESS):
            place = filled(address, known | {part: value})
            if not leads_somewhere(place):
                # One answer to that looks like the other.
                if value in nowhere:
                    continue
                nowhere.add(value)
            answer, problem = asked(browser, "get", place)
            wrong.append(problem)
            if answer.status_code == 405:
                wrong.append(look(browser, "post", place))
    assert not [*filter(None, wrong)]


def test_methods(browser, known):
    places = [filled(address, known) for address, _ in addresses()]
    assert not [*filter(None, [look(browser, method, place) for place in places for method in METHODS])]


def test_strangers_come_in_nowhere_and_nothing_is_kept_for_them(known):
    open_to_all = {"/sign-in/", "/session/", "/healthz", "/readyz"}
    stranger = Client()
    for address, _ in addresses():
        place = filled(address, known)
        for method in ("get", "post", *METHODS):
            answer = undone(stranger, method, place)
            moved = answer.status_code == 302 and answer["Location"].startswith(
                ("/sign-in/", "/admin/login/")
            )
            assert moved or answer.status_code in (400, 401, 403, 404, 405) or address in open_to_all, place
            assert method != "get" or is_kept_by_nobody_else(answer), place


def is_kept_by_nobody_else(answer: Any) -> bool:
    """Pictures only are kept, for one session."""
    kept = answer["Cache-Control"]
    return "no-store" in kept or (kept.startswith("private, max-age") and "Cookie" in answer["Vary"])


def test_headers(browser):
    sent = [{name: value, "HX-Request": "true"} for name, values in HEADERS.items() for value in values]
    for place in ("/sign-in/", "/history/", "/api/token/", "/nowhere/", "/api/nowhere/"):
        assert not [*filter(None, [look(browser, "get", place, headers=headers) for headers in sent])]


def test_queries(browser, known, monkeypatch):
    """Each name with each value: alone where a function of ours reads it for the first time; elsewhere
    together with its others, as some pages show nothing as soon as one name is refused."""
    wrong: list[str] = []
    refused: dict[Any, set[str]] = defaultdict(set)  # values, by a name and who reads it
    for address, _ in addresses():
        place = filled(address, known)
        plain, names = names_read(browser, monkeypatch, "get", place, {}, wrong)
        assert is_kept_by_nobody_else(plain), place
        readers = {name: {(name, one) for one in by or {address}} for name, by in names.items()}
        together = [name for name, by in readers.items() if by & refused.keys()]
        for name in readers.keys() - {*together}:
            answers = {value: asked(browser, "get", place, {name: value}) for value in IN_QUERY}
            wrong += [problem for _, problem in answers.values()]
            no = {value for value, (answer, _) in answers.items() if answer.status_code != plain.status_code}
            for by in readers[name]:
                refused[by] |= no
        for sent in rotated(together, IN_QUERY):
            no = {(name, value) for name in sent for by in readers[name] for value in refused[by]}
            taken = dict(sent.items() - no)
            wrong += [look(browser, "get", place, query) for query in ([sent, taken] if no else [sent])]
    assert not [*filter(None, wrong)]


def rotated(names: list[str], values: tuple[str, ...]) -> list[dict[str, str]]:
    """All names at once, each with every value in turn."""
    shifts = range(len(values) if names else 0)
    return [{name: values[(n + shift) % len(values)] for n, name in enumerate(names)} for shift in shifts]


def test_forms(browser, known, monkeypatch):
    wrong = []
    for address, _ in addresses():
        place = filled(address, known)
        _, names = names_read(browser, monkeypatch, "post", place, {"x": "y"}, wrong)
        wrong += [look(browser, "post", place, form) for form in rotated([*names], IN_FORM)]
    assert not [*filter(None, wrong)]


def names_read(
    client: Client, monkeypatch: Any, method: str, place: str, sent: Any, wrong: list[str]
) -> tuple[Any, dict[str, frozenset[object]]]:
    """The answer, and the names that a view looks for in its query or form, with who looks for them; those
    of the panel's filters, too."""
    with read_names(monkeypatch) as names:
        response, problem = asked(client, method, place, sent)
    wrong.append(problem)
    if response.context and "cl" in response.context:
        for spec in response.context["cl"].filter_specs:
            for name in spec.expected_parameters():
                names[name].add(type(spec))
    return response, {name: frozenset(names[name]) for name in sorted(names.keys() - COMMON)}
