"""A log of every end of an inspection, kept by a database trigger: it sees every writer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

_LOG = {
    "sqlite": [
        "CREATE TRIGGER log_end AFTER UPDATE ON inspections_inspection"
        " WHEN NEW.state IN ('done', 'failed') AND OLD.state != NEW.state"
        " BEGIN INSERT INTO ends VALUES (NEW.id, NEW.verdict); END",
    ],
    "postgresql": [
        "CREATE FUNCTION log_end() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO ends VALUES (NEW.id, NEW.verdict); RETURN NEW; END $$",
        "CREATE TRIGGER log_end AFTER UPDATE ON inspections_inspection FOR EACH ROW"
        " WHEN (NEW.state IN ('done', 'failed') AND OLD.state != NEW.state) EXECUTE FUNCTION log_end()",
    ],
}
_UNLOG = {
    "sqlite": ["DROP TRIGGER log_end"],
    "postgresql": ["DROP TRIGGER log_end ON inspections_inspection", "DROP FUNCTION log_end"],
}


@contextmanager
def logged() -> Iterator[Callable[[], list[tuple[int, str]]]]:
    """Yields a function that returns every end so far: (inspection, verdict)."""
    _run("CREATE TABLE ends (id bigint, verdict varchar(10))", *_LOG[connection.vendor])
    yield _written
    _run(*_UNLOG[connection.vendor], "DROP TABLE ends")


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _written() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, verdict FROM ends")
        return cursor.fetchall()
