"""What was judged and reviewed before there were sums is counted, too."""

from collections import defaultdict
from datetime import UTC

from django.db import migrations
from django.db.models import Count, Exists, OuterRef
from django.db.models.functions import TruncHour

BY = ("category_id", "version_id", "submitted_by_id", "station")
KEY = ("hour", "category_id", "version_id", "person_id", "station")


def count(apps, schema_editor):
    Inspection = apps.get_model("inspections", "Inspection")
    rows = Inspection.objects.filter(state="done").order_by().annotate(hour=TruncHour("created", tzinfo=UTC))
    found = defaultdict(dict)
    for *key, verdict, outcome, n in (
        rows.values_list("hour", *BY, "verdict", "outcome").annotate(n=Count("pk")).iterator()
    ):
        found[tuple(key)][f"{verdict}_{outcome}".lower()] = n
    HourlySum = apps.get_model("monitoring", "HourlySum")
    HourlySum.objects.bulk_create(
        (
            HourlySum(folded=True, **dict(zip(KEY, key, strict=True)), **counts)
            for key, counts in found.items()
        ),
        batch_size=2000,
    )
    _count_defects(apps)


def _count_defects(apps):
    Review, DefectSum = apps.get_model("reviews", "Review"), apps.get_model("monitoring", "DefectSum")
    newer = Review.objects.filter(inspection=OuterRef("inspection"), withdrawal=None, pk__gt=OuterRef("pk"))
    rows = Review.objects.filter(~Exists(newer), withdrawal=None, defect_type__isnull=False).order_by()
    rows = rows.annotate(hour=TruncHour("inspection__created", tzinfo=UTC))
    by = [f"inspection__{name}" for name in BY]
    counted = rows.values_list("hour", *by, "defect_type_id").annotate(n=Count("pk"))
    DefectSum.objects.bulk_create(
        (
            DefectSum(folded=True, **dict(zip(KEY, key, strict=True)), defect_type_id=defect, n=n)
            for *key, defect, n in counted.iterator()
        ),
        batch_size=2000,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0001_sums"),
        ("inspections", "0018_measures"),
        ("reviews", "0002_former_reviews"),
    ]
    operations = [migrations.RunPython(count, migrations.RunPython.noop)]
