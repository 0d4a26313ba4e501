from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "inspector.core"
    verbose_name = "Record"
