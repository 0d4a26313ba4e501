"""Events: of declared kinds only, in the transaction of the deed, with what they are about."""

import ast
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.transaction import TransactionManagementError

from inspector.accounts.events import AccountEvent
from inspector.categories.events import CategoryEvent
from inspector.core import events
from inspector.core.events import Kind, Undeclared, record, subject_named
from inspector.core.models import Event, SetupStep
from tests.factories import (
    BatchFactory,
    CategoryFactory,
    InspectionFactory,
    ModelVersionFactory,
    TrainingRunFactory,
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


# --- What was there before -------------------------------------------------------------------
@pytest.fixture
def former():
    """go_back() -> the trail of the state before kinds were declared: how to write a row of it.

    Rows that events are about are made before: other tables go back, too.
    """

    def go_back():
        executor = MigrationExecutor(connection)
        executor.migrate([("core", "0006_words")])
        apps = executor.loader.project_state([("core", "0006_words")]).apps
        AuditEvent = apps.get_model("core", "AuditEvent")

        def write(verb, what, who=None, **detail):
            return AuditEvent.objects.create(verb=verb, what=what, who_id=who, detail=detail).pk

        return write

    yield go_back
    migrate()


def migrate():
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def subjects():
    columns = ("pk", "kind", "subject_type", "subject_id", "category_id")
    return {pk: tuple(rest) for pk, *rest in Event.objects.values_list(*columns)}


@pytest.mark.django_db(transaction=True)
def test_the_trail_of_before_gets_ids(former):
    ann = UserFactory.create(username="ann")
    inspection = InspectionFactory.create(batch__category__slug="nut", batch__category__name="Hexagon nut")
    nut = inspection.category
    version, run = ModelVersionFactory.create(category=nut), TrainingRunFactory.create(category=nut)
    former = former()
    wanted = {
        former("sign in", "ann-as-she-was", ann.pk, address="10.0.0.1"): (
            "sign_in.succeeded",
            *("person", ann.pk, None),
        ),
        former("change role", "ann", role="Admin"): ("account.role_changed", "person", ann.pk, None),
        former("fail to sign in", "an unknown name"): ("sign_in.failed", "", None, None),
        former("promote", "Nut v4", version=version.pk): ("version.promoted", "version", version.pk, nut.pk),
        former("promote", "Gone v1", version=999): ("version.promoted", "version", 999, None),
        former("retrain", "Nut", run=run.pk): ("run.requested", "run", run.pk, nut.pk),
        former("retry inspection", str(inspection)): (
            "inspection.retried",
            *("inspection", inspection.pk, nut.pk),
        ),
        former("dismiss inspection", "Inspection x"): ("inspection.dismissed", "inspection", None, None),
        former("photos_submitted", "Batch 7"): ("photos_submitted", "", None, None),
        former("make demo", "demo categories"): ("demo.created", "", None, None),
    }
    migrate()
    assert subjects() == wanted
    assert Event.objects.get(kind="run.requested").subject_name == "Nut"
    assert Event.objects.get(kind="version.promoted", subject_id=999).detail == {"version": 999}
    assert SetupStep.objects.get().name == "demo"


@pytest.mark.django_db(transaction=True)
def test_names_of_former_categories_are_those_of_their_time(former):
    """Slug “nut” was deleted and made again; “Bolt” was renamed, and another took its name."""
    nut = CategoryFactory.create(slug="nut", name="Nut")
    bolt = CategoryFactory.create(slug="bolt", name="Old bolt")
    second = CategoryFactory.create(slug="bolt-2", name="Bolt")
    former = former()
    wanted = {}

    def expect(category, verb, what, **detail):
        wanted[former(verb, what, **detail)] = category and category.pk

    expect(None, "create category", "Nut", slug="nut")
    expect(None, "add samples", "Nut", added=3)
    expect(None, "delete category", "Nut", slug="nut")
    expect(bolt, "create category", "Bolt", slug="bolt")
    expect(bolt, "add samples", "Bolt", added=3)
    expect(bolt, "describe category", "Old bolt", slug="bolt")
    expect(nut, "create category", "Nut", slug="nut")
    expect(nut, "add samples", "Nut", added=3)
    expect(second, "create category", "Bolt", slug="bolt-2")
    expect(second, "remove samples", "Bolt", removed=1)
    expect(bolt, "import samples", "Old bolt", added=1)
    expect(None, "add samples", "Never heard of", added=1)
    migrate()
    assert {pk: row[2] for pk, row in subjects().items()} == wanted
    assert all(row[1] == "category" and row[2] == row[3] for row in subjects().values())
