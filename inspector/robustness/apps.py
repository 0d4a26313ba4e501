from django.apps import AppConfig


class RobustnessConfig(AppConfig):
    name = "inspector.robustness"

    def ready(self) -> None:
        from inspector.registry import objections
        from inspector.robustness.gate import objection

        objections.register("robustness", objection)
