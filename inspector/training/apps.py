from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "inspector.training"
