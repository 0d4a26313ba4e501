from django.apps import AppConfig
from django.db.models.signals import post_migrate

from inspector.site.groups import make_groups


class SiteConfig(AppConfig):
    name = "inspector.site"

    def ready(self) -> None:
        post_migrate.connect(make_groups, dispatch_uid="inspector.site.groups")
