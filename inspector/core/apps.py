from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.urls import register_converter
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "inspector.core"
    verbose_name = "Record"

    def ready(self) -> None:
        from inspector.core.health import places, processes
        from inspector.core.metrics import places as metrics_of_places
        from inspector.core.numbers import Id
        from inspector.core.proof import triggers

        register_converter(Id, "id")  # before any `urls` is read
        places.register_all()
        processes.register_all()
        metrics_of_places.register_all()
        post_migrate.connect(triggers.after_migrate, sender=self)
        autodiscover_modules("events", "work_kinds", "health_checks", "prometheus", "slots")
        import_module("inspector.core.request_ids")  # connects to Celery's signals
