"""The web application. Loads the Celery application so that shared tasks bind to it."""

from inspector.celery import app as celery_app

# As in pyproject.toml. Processes report it, so that one that was not restarted after an upgrade is seen.
__version__ = "0.1.0"

__all__ = ["celery_app"]
