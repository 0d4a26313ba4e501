"""The API does what its OpenAPI document says, whatever is sent, by whomever and with every verb."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from knox.models import AuthToken
from schemathesis import GenerationMode
from schemathesis.config import GenerationConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from inspector.core.roles import Role
from inspector.wsgi import application
from tests.hostile import everything

pytestmark = pytest.mark.django_db
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
# The document cannot tell which categories there are, which password is right or which file is a photo.
UNTOLD = [positive_data_acceptance]
EXAMPLES = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def rows() -> dict[str, Any]:
    """What there is, by the names in addresses."""
    pk = 1000
    inspection = everything(pk)
    return {"id": pk, "pk": pk, "slug": inspection.category.slug, "kind": "preview"}


@pytest.fixture
def operations(person: Any) -> Iterator[list[Any]]:
    # As Django's own test client does: the connection is the test's.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    headers = {"Authorization": f"Token {AuthToken.objects.create(person(Role.INSPECTOR))[1]}"}
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", application, headers=headers)
    yield [found.ok() for found in schema.get_all_operations()]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def cases(operation: Any) -> Iterator[Any]:
    """At and beyond each limit that the document tells of, and verbs that it does not tell of."""
    config = GenerationConfig()
    return operation.schema.iter_coverage_cases(operation, generation_modes=MODES, generation_config=config)


def made_up(operation: Any, rows: dict[str, Any], look: Callable[[Any], None]) -> None:
    """A few requests by chance, always the same ones, about what there is."""
    known = {name: value for name, value in rows.items() if f"{{{name}}}" in operation.path}
    EXAMPLES(given(operation.as_strategy(path_parameters=known or None))(look))()


@pytest.mark.parametrize("role", [None, Role.INSPECTOR, Role.ADMIN], ids=str)
def test_api(operations, rows, person, role):
    token = AuthToken.objects.create(person(role))[1] if role else ""
    headers = {"Authorization": f"Token {token}"} if token else {}
    wrong: list[str] = []

    def look(case: Any) -> None:
        with transaction.atomic():
            try:
                case.call_and_validate(headers=headers, excluded_checks=UNTOLD)
            except FailureGroup as problems:
                told = f"{case.method} {case.operation.label} {case.query}"
                wrong.extend(f"{told}: {problem.title}, {problem.message}" for problem in problems.exceptions)
            transaction.set_rollback(True)

    for operation in operations:
        # Who may do less gets less far.
        for case in islice(cases(operation), None if role is Role.ADMIN else 10):
            look(case)
        made_up(operation, rows, look)
    assert not wrong
