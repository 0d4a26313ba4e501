from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "inspector.registry"
    verbose_name = "Versions"
