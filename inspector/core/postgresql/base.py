"""Waiting for PostgreSQL is bounded on this side, too.

The server's own `statement_timeout` needs a server that works. One that is stopped still acknowledges
every packet: without this a request would wait for it until it is back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import _WaitTimeout

# Enough for a `SELECT 1` on a connection that was idle.
PROBE_SECONDS = 3.0


class DatabaseWrapper(base.DatabaseWrapper):
    """With the option `patience`: after this many seconds without an answer the connection is given up."""

    patience: float | None = None

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.patience = conn_params.pop("patience", None)
        connection = super().get_new_connection(conn_params)
        if self.patience is not None:
            self._bound(connection)
        return connection

    def is_usable(self) -> bool:
        """Checked before the first query of a request, with less patience than a query."""
        with self._less_patient():
            return bool(super().is_usable())

    @contextmanager
    def _less_patient(self) -> Iterator[None]:
        usual = self.patience
        self.patience = usual and min(usual, PROBE_SECONDS)
        try:
            yield
        finally:
            self.patience = usual

    def _bound(self, connection: Any) -> None:
        wait = connection.wait

        def bounded(*args: Any, timeout: float | None = None, **kwargs: Any) -> Any:
            try:
                return wait(*args, timeout=timeout or self.patience, **kwargs)
            except _WaitTimeout:
                if timeout:
                    raise  # psycopg's own, which it handles
                connection.pgconn.finish()  # what it would still answer belongs to nobody
                raise psycopg.OperationalError(f"no answer within {self.patience:g} seconds") from None

        connection.wait = bounded
