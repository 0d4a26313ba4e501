"""How long the database is waited for.

To connect, and on a dead connection, seconds everywhere. For a statement, seconds in web processes
only, where somebody waits for the page: a backup, a restore and a migration may take hours.
"""

from typing import Any

from django.conf import settings
from django.db import connections

POSTGRESQL = "django.db.backends.postgresql"
CONNECT_SECONDS = 3
LOCK_SECONDS = 10
# A transaction that a thread forgot would hold its locks for ever.
IDLE_SECONDS = 60
# Settings of libpq and the kernel, so that a dead machine or a cut cable is noticed.
LINE = {
    "connect_timeout": CONNECT_SECONDS,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


def of_any_process(database: dict[str, Any]) -> dict[str, Any]:
    """Django's settings of a database with these limits; what its URL says stays."""
    if database["ENGINE"] != POSTGRESQL:
        return database
    options = LINE | database.get("OPTIONS", {})
    return database | {"ENGINE": "inspector.core.postgresql", "OPTIONS": options}


def of_web_process() -> None:
    """From now on, for each connection that this process makes."""
    database = connections.settings["default"]
    if not settings.STATEMENT_SECONDS or database["ENGINE"] != "inspector.core.postgresql":
        return
    limits = {
        "statement_timeout": settings.STATEMENT_SECONDS,
        "lock_timeout": LOCK_SECONDS,
        "idle_in_transaction_session_timeout": IDLE_SECONDS,
    }
    flags = " ".join(f"-c {name}={seconds * 1000}" for name, seconds in limits.items())
    options = database["OPTIONS"]
    # The server's own limit goes first; this one is for a server that does not keep it.
    options["patience"] = settings.STATEMENT_SECONDS + 5
    options["options"] = f"{flags} {options.get('options', '')}".strip()
