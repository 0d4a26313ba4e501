"""Events: of declared kinds only, in the transaction of the deed, with what they are about."""

import ast
from pathlib import Path

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from inspector.accounts.events import AccountEvent
from inspector.categories.events import CategoryEvent
from inspector.core import events
from inspector.core.events import Kind, Undeclared, record, subject_named
from inspector.core.models import Event
from tests.factories import (
    BatchFactory,
    ModelVersionFactory,
    UserFactory,
)

APPS = Path(__file__).resolve().parents[2] / "inspector"


class Nobodys(Kind):
    KIND = "nobodys.kind", "What nobody declared"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [Nobodys.KIND, "category.created", "promote"])
def test_what_nobody_declared_is_not_recorded(kind):
    with pytest.raises(Undeclared):
        record(None, kind, "Nut")
    assert not Event.objects.exists()


def test_a_kind_is_declared_once():
    class Second(Kind):
        CREATED = "category.created", "Created category, too"

    with pytest.raises(ValueError, match="twice"):
        events.declare(Second)


@pytest.mark.django_db
def test_an_event_knows_what_it_is_about():
    version = ModelVersionFactory.create()
    event = record(None, CategoryEvent.CREATED, version)
    found = (event.subject_type, event.subject_id, event.category_id, event.subject_name)
    assert found == ("version", version.pk, version.category_id, str(version))
    person = UserFactory.create()
    event = record(None, AccountEvent.CREATED, person)
    assert (event.subject_type, event.subject_id, event.category_id) == ("person", person.pk, None)
    event = record(None, AccountEvent.SIGN_IN_FAILED, "a name " * 50, address="10.0.0.1")
    assert (event.subject_type, event.subject_id, len(event.subject_name)) == ("", None, 200)
    with pytest.raises(Undeclared):
        record(None, CategoryEvent.CREATED, BatchFactory.create())


@pytest.mark.parametrize("text", ["", "inspection", "inspection-", "inspection-x", "batch-1", "inspection-٣"])
def test_what_is_no_subject(text):
    with pytest.raises(ValueError, match="no subject"):
        subject_named(text)


# --- In the transaction of the deed ----------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_an_event_goes_with_its_deed():
    with pytest.raises(TransactionManagementError):
        record(None, CategoryEvent.CREATED, "Nut")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record(None, CategoryEvent.CREATED, "Nut")
        raise ZeroDivisionError
    assert not Event.objects.exists()


def opened(tree):
    """Calls of `record` that lie within a `with transaction.atomic()` of their own function."""
    for block in ast.walk(tree):
        if isinstance(block, ast.With) and "atomic()" in ast.unparse(block.items[-1]):
            yield from calls(block)


def calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name(node) == "record"]


def name(call):
    return getattr(call.func, "id", "")


def test_every_verb_opens_a_transaction_for_what_it_records():
    """Tests of the verbs run in one anyway and would not see it."""
    others = set()
    for path in APPS.rglob("*.py"):
        tree = ast.parse(path.read_text())
        within = {call.lineno for call in opened(tree)}
        others |= {path.name for call in calls(tree) if call.lineno not in within}
    # `register` opens it around what it is given; `User.save` around `end_access`.
    assert others == {"train.py", "models.py"}
