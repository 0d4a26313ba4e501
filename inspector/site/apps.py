from django.apps import AppConfig
from django.db.models.signals import post_migrate

from inspector.site.groups import make_groups


class SiteConfig(AppConfig):
    name = "inspector.site"

    def ready(self) -> None:
        from inspector.core import outbox
        from inspector.registry.events import VersionEvent
        from inspector.site.first_start import ask_for_production

        post_migrate.connect(make_groups, dispatch_uid="inspector.site.groups")
        outbox.register(
            "production",
            lambda event: ask_for_production(event.category_id),
            kinds=frozenset({VersionEvent.PROMOTED}),
        )
