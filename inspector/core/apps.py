from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "inspector.core"
    verbose_name = "Record"

    def ready(self) -> None:
        autodiscover_modules("trail_words")
