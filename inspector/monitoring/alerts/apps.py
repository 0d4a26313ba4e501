from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "inspector.monitoring.alerts"

    def ready(self) -> None:
        from inspector.core import outbox
        from inspector.monitoring.alerts import measures
        from inspector.monitoring.alerts.events import TOLD
        from inspector.monitoring.alerts.messages import of_event

        measures.register_all()
        outbox.register("alerts", of_event, kinds=frozenset(TOLD))
