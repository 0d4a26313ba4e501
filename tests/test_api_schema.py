"""The API does what its OpenAPI document says, whatever is sent, by whomever and with every verb."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import GenerationConfig
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance

from inspector.core.roles import Role
from inspector.wsgi import application
from tests.hostile import everything

pytestmark = pytest.mark.django_db
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
# The document cannot tell which categories there are, which password is right or which file is a photo.
UNTOLD = [positive_data_acceptance]
# Requests about one part of an operation; its JSON has all fields.
MOST, MOST_OF_BODY = 4, 60
EXAMPLES = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def rows(person: Any) -> dict[str, Any]:
    """What there is, by the names in addresses."""
    return everything(person(Role.ADMIN)) | {"name": "photo"}


@pytest.fixture
def headers(api_of: Any) -> dict[Role | None, dict[str, str]]:
    """The headers that say who asks."""
    of_roles = {role: api_of(role).defaults["HTTP_AUTHORIZATION"] for role in (Role.INSPECTOR, Role.ADMIN)}
    return {None: {}} | {role: {"Authorization": sent} for role, sent in of_roles.items()}


@pytest.fixture
def operations(headers: Any) -> Iterator[list[Any]]:
    # As Django's own test client does: the connection is the test's.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    address = "/api/schema/?format=json"
    schema = schemathesis.openapi.from_wsgi(address, application, headers=headers[Role.INSPECTOR])
    yield [found.ok() for found in schema.get_all_operations()]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def cases(operation: Any, rows: dict[str, Any], start: int) -> Iterator[Any]:
    """At and beyond the limits that the document tells of, and verbs that it does not tell of."""
    config = GenerationConfig()
    of_part: dict[Any, list[Any]] = defaultdict(list)
    for case in operation.schema.iter_coverage_cases(
        operation, generation_modes=MODES, generation_config=config
    ):
        told = case.meta.phase.data
        if told.parameter_location is not ParameterLocation.PATH:
            case.path_parameters.update(known(case.operation, rows))
        of_part[told.parameter_location, told.parameter].append(case)
    for (_, part), made in of_part.items():
        yield from spread(made, MOST_OF_BODY if part == "application/json" else MOST, start)


def spread(cases: list[Any], most: int, start: int) -> list[Any]:
    """At most so many, evenly; others for another `start`: many operations have parts that are alike."""
    step = -(-len(cases) // most)
    return cases[start % step :: step]


def known(operation: Any, rows: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in rows.items() if f"{{{name}}}" in operation.path}


def read(problem: Any) -> bool:
    """5 for a text and "yes" for a boolean: what can be read is no mistake."""
    return isinstance(problem, AcceptedNegativeData) and "Incorrect type" in problem.message


def made_up(operation: Any, rows: dict[str, Any], look: Callable[[Any], None]) -> None:
    """A few requests by chance, always the same ones, about what there is."""
    EXAMPLES(given(operation.as_strategy(path_parameters=known(operation, rows) or None))(look))()


def test_api(operations, rows, headers):
    wrong: list[str] = []
    closed: set[str] = set()  # operations that were asked without a token, too, and answered nothing

    def look(case: Any, role: Role | None) -> None:
        excluded = [*UNTOLD, *([ignored_auth] if case.operation.label in closed else [])]
        with transaction.atomic():
            try:
                response = case.call_and_validate(headers=headers[role], excluded_checks=excluded)
                if response.status_code < 300:
                    closed.add(case.operation.label)
            except FailureGroup as problems:
                told = f"{case.method} {case.operation.label} {case.query} by {role}"
                wrong.extend(f"{told}: {one.message}" for one in problems.exceptions if not read(one))
            transaction.set_rollback(True)

    for number, operation in enumerate(operations):
        made = list(cases(operation, rows, number))
        # Who may do less gets less far.
        for role, most in {None: 2, Role.INSPECTOR: 3, Role.ADMIN: len(made)}.items():
            for case in spread(made, most, number):
                look(case, role)
        made_up(operation, rows, lambda case: look(case, Role.ADMIN))
    assert not wrong, "\n\n".join(wrong)
