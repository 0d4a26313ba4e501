from django.apps import AppConfig
from django.db.models.signals import post_migrate

from inspector.accounts.groups import make_groups


class AccountsConfig(AppConfig):
    name = "inspector.accounts"
    verbose_name = "People"

    def ready(self) -> None:
        post_migrate.connect(make_groups, dispatch_uid="inspector.accounts.groups")
