from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "inspector.dashboard"
