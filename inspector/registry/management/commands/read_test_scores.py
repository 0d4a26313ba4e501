"""`manage.py read_test_scores`: what versions said of their test photos, from files into the database."""

from typing import Any

from django.core.management import BaseCommand

from inspector.registry.judgements import fill
from inspector.registry.models import Judgement, ModelVersion
from inspector.samples.models import Sample


class Command(BaseCommand):
    help = (
        "Read the scores of test photos of every version that has none in the database: of older versions "
        "whose files were not in storage when the database was migrated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        without = ModelVersion.objects.filter(judgements=None).order_by("pk")
        wanted, filled = without.count(), fill(without, Judgement, Sample)
        self.stdout.write(f"{filled} of {wanted} versions without test scores have them now.")
