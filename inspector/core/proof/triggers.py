"""Triggers of the database that refuse to change or delete sealed events, by whatever program.

They are set up after each `migrate`, too: SQLite loses a table's triggers when a migration rebuilds it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from inspector.core.models import Event

REFUSED = "A sealed entry of the audit trail cannot be changed or deleted."
_RAISE = f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
_IS_THERE = "EXISTS (SELECT 1 FROM core_event WHERE id = NEW.id AND position IS NOT NULL)"
SQLITE = {
    "event_kept_update": f"BEFORE UPDATE ON core_event WHEN OLD.position IS NOT NULL {_RAISE}",
    "event_kept_delete": f"BEFORE DELETE ON core_event WHEN OLD.position IS NOT NULL {_RAISE}",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "event_kept_replace": f"BEFORE INSERT ON core_event WHEN {_IS_THERE} {_RAISE}",
}
FUNCTION = f"""CREATE OR REPLACE FUNCTION core_event_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION '{REFUSED}' USING ERRCODE = 'integrity_constraint_violation';
END $$"""
POSTGRESQL = {
    "event_kept": "BEFORE UPDATE OR DELETE ON core_event FOR EACH ROW WHEN (OLD.position IS NOT NULL)",
    "event_kept_whole": "BEFORE TRUNCATE ON core_event FOR EACH STATEMENT",
}


def protect() -> None:
    """Set the triggers up; existing ones stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name, rule in SQLITE.items():
                cursor.execute(f"CREATE TRIGGER IF NOT EXISTS {name} {rule}")
            return
        cursor.execute(FUNCTION)
        for name, rule in POSTGRESQL.items():
            cursor.execute(f"CREATE OR REPLACE TRIGGER {name} {rule} EXECUTE FUNCTION core_event_kept()")


def lift() -> None:
    """Remove them: for what replaces the database as a whole."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
            table = "" if connection.vendor == "sqlite" else " ON core_event"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{table}")


@contextmanager
def lifted() -> Iterator[None]:
    lift()
    try:
        yield
    finally:
        protect()


def after_migrate(**more: Any) -> None:
    """Unless the database was migrated back to a time without seals."""
    table = Event._meta.db_table
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return
        columns = connection.introspection.get_table_description(cursor, table)
    if "position" in {column.name for column in columns}:
        protect()
