"""The database, copied as of one moment and brought back; SQLite by its own backup, PostgreSQL by COPY.

No program of the database's is needed, so it works in a container that has only Python.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from inspector.core.backup.hashed import entry_of
from inspector.core.backup.manifest import Manifest
from inspector.core.errors import Refused
from inspector.core.proof import triggers

SQLITE = "database.sqlite3"


def migrations() -> dict[str, str]:
    """The last applied migration of each app."""
    loader = MigrationExecutor(connection).loader
    applied = set(loader.applied_migrations)
    return {
        app: max(name for of, name in applied if of == app)
        for app in {app for app, _ in applied & set(loader.graph.nodes)}
    }


def save(folder: Path, manifest: Manifest) -> None:
    """Copy the database into `folder` and note it in the manifest."""
    folder.mkdir(parents=True)
    if connection.vendor == "sqlite":
        _save_sqlite(folder / SQLITE)
    else:
        manifest.columns = _save_postgresql(folder)
    manifest.database = {path.name: entry_of(path) for path in sorted(folder.iterdir())}


def load(folder: Path, manifest: Manifest) -> None:
    """Put the database of a backup in the place of this one, then migrate it to what this program needs."""
    if connection.vendor == "sqlite":
        _load_sqlite(folder / SQLITE)
    else:
        _load_postgresql(folder, manifest)
    call_command("migrate", verbosity=0, interactive=False)


def require_known(manifest: Manifest) -> None:
    """Refused "other_database" or "newer_backup" where this program cannot load it."""
    if manifest.vendor != connection.vendor:
        raise Refused(
            "other_database",
            f"The backup is of {manifest.vendor}, but this installation uses {connection.vendor}. Restore "
            f"it to an installation that uses {manifest.vendor} (DATABASE_URL).",
        )
    known = set(MigrationExecutor(connection).loader.graph.nodes)
    newer = [f"{app}.{name}" for app, name in manifest.migrations.items() if (app, name) not in known]
    if newer:
        raise Refused(
            "newer_backup",
            f"The backup was made by a newer version of this program ({', '.join(sorted(newer))}): "
            "install that version first.",
        )


def require_whole(manifest: Manifest) -> None:
    """Refused "damaged_backup" where a part of the database is not even named: its data would be missing."""
    tables = {f"{table}.copy" for table in manifest.columns}
    needed = {SQLITE} if manifest.vendor == "sqlite" else tables
    if not needed or needed - manifest.database.keys():
        raise Refused("damaged_backup", "The backup does not name all of its database. Nothing was restored.")


def _save_sqlite(target: Path) -> None:
    connection.ensure_connection()
    with closing(sqlite3.connect(target)) as copy:
        connection.connection.backup(copy)


def _load_sqlite(source: Path) -> None:
    connection.close()
    with closing(sqlite3.connect(source)) as copy:
        connection.ensure_connection()
        copy.backup(connection.connection)
    connection.close()


def _tables() -> list[str]:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return sorted({*tables, MigrationRecorder.Migration._meta.db_table})


def _save_postgresql(folder: Path) -> dict[str, list[str]]:
    """All tables as of one moment, whatever others write meanwhile."""
    columns: dict[str, list[str]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for table in _tables():
            columns[table] = _columns(cursor, table)
            with (folder / f"{table}.copy").open("wb") as file, _copy(cursor, table, columns[table]) as rows:
                for piece in rows:
                    file.write(piece)
    return columns


def _columns(cursor: Any, table: str) -> list[str]:
    """Those that are written: generated ones are computed again."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [connection.ops.quote_name(table)],
    )
    return [name for (name,) in cursor.fetchall()]


def _load_postgresql(folder: Path, manifest: Manifest) -> None:
    _drop({*_tables(), *manifest.columns})
    executor = MigrationExecutor(connection)
    executor.migrate(list(manifest.migrations.items()))
    with transaction.atomic(), connection.cursor() as cursor:
        # What migrations put in comes from the backup, too.
        triggers.lift()  # `migrate` sets them up again
        names = ", ".join(map(connection.ops.quote_name, _tables()))
        cursor.execute(f"TRUNCATE {names} CASCADE")
        for table, columns in manifest.columns.items():
            with (folder / f"{table}.copy").open("rb") as file, _paste(cursor, table, columns) as rows:
                while piece := file.read(1024 * 1024):
                    rows.write(piece)
    _set_sequences()


def _drop(tables: set[str]) -> None:
    """Only this program's: others may use the same database."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(tables & set(connection.introspection.table_names(cursor))):
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")


def _set_sequences() -> None:
    """The next row of each table gets a number that is free."""
    with connection.cursor() as cursor:
        sequences = [
            one for table in _tables() for one in connection.introspection.get_sequences(cursor, table)
        ]
        for one in sequences:
            table, column = connection.ops.quote_name(one["table"]), connection.ops.quote_name(one["column"])
            highest = f"SELECT MAX({column}) FROM {table}"  # noqa: S608 - names of our own tables
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence(%s, %s), COALESCE(({highest}), 0) + 1, false)",
                [table, one["column"]],
            )


def _copy(cursor: Any, table: str, columns: list[str]) -> Any:
    return cursor.copy(f"COPY {_named(table, columns)} TO STDOUT")


def _paste(cursor: Any, table: str, columns: list[str]) -> Any:
    return cursor.copy(f"COPY {_named(table, columns)} FROM STDIN")


def _named(table: str, columns: list[str]) -> str:
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    return f"{connection.ops.quote_name(table)} ({quoted})"
