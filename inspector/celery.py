"""The Celery application; its queues are in the Procfile. Messages hold only an id; rows are the truth."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inspector.settings")

TRANSPORT_ALIASES["folders"] = "inspector.core.folder_broker:Transport"
app = Celery("inspector")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging_as_it_is(**kwargs: Any) -> None:
    """Settings say what is logged. Celery would raise the level and hide how far a training is."""
