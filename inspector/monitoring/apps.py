from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "inspector.monitoring"

    def ready(self) -> None:
        from inspector.inspections import verdicts
        from inspector.monitoring.count import count_changes, count_verdicts
        from inspector.reviews import changes

        verdicts.register("monitoring", count_verdicts)
        changes.register("monitoring", count_changes)
