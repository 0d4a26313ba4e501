"""Recompute the outcome of every inspection from its verdict and its reviews."""

from typing import Any

from django.core.management.base import BaseCommand

from inspector.reviews.outcomes import recompute


class Command(BaseCommand):
    help = "Recompute the outcome of every inspection from its verdict and its reviews."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = recompute()
        self.stdout.write("All outcomes were right." if not wrong else f"{wrong:,} outcomes were corrected.")
