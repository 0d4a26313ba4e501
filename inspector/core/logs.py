"""What is logged and how. Each line names its request; in workers, the one that asked for the task.

Tracebacks are here and nowhere else.
"""

import logging
from contextvars import ContextVar
from typing import Any

PLAIN, JSON = "text", "json"
# The id of the request that is answered, or that caused the task.
request_id: ContextVar[str] = ContextVar("request_id", default="")

FORMATTERS: dict[str, dict[str, Any]] = {
    PLAIN: {"format": "%(asctime)s %(levelname)s %(name)s:%(request_mark)s %(message)s"},
    JSON: {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
        "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
    },
}


class WithRequest(logging.Filter):
    """Gives a record the request's id: as a field, and as words for a line of text."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = request_id.get()
        record.request_id = known
        record.request_mark = f" [{known}]" if known else ""
        return True


def configuration(form: str, level: str) -> dict[str, Any]:
    """For settings.LOGGING."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": FORMATTERS[form]},
        "filters": {
            "without_trace": {"()": "inspector.core.error_pages.WithoutTrace"},
            "with_request": {"()": WithRequest},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["without_trace", "with_request"],
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "celery": {"level": "WARNING"},
            "waitress": {"level": "WARNING"},
            # The audit trail has who signs in.
            "axes": {"level": "ERROR"},
            # It warns at every connection that the broker of folders has no host.
            "kombu": {"level": "ERROR"},
            # An answer such as 403 or 409 is not a fault of the program, and needs no stack trace.
            "django.request": {"level": "ERROR"},
        },
    }
