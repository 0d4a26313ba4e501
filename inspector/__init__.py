"""The web application. Loads the Celery application so that shared tasks bind to it."""

from inspector.celery import app as celery_app

__all__ = ["celery_app"]
