from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "inspector.accounts"
    verbose_name = "People"
