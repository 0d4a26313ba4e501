"""Rebuild the hourly sums from inspections and reviews."""

from typing import Any

from django.core.management.base import BaseCommand

from inspector.monitoring.rebuild import rebuild


class Command(BaseCommand):
    help = "Rebuild the hourly sums of Trends from inspections and reviews. Verdicts wait meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = rebuild()
        self.stdout.write("All sums were right." if not wrong else f"{wrong:,} sums were corrected.")
