"""REVIEW verdicts from before there was a queue come into it: nobody has decided about them."""

import math

from django.db import migrations

AT_ONCE = 2_000
SMALLEST = 1e-30


def fill(apps, schema_editor):
    Inspection = apps.get_model("inspections", "Inspection")
    Entry = apps.get_model("reviews", "Entry")
    rows = Inspection.objects.filter(verdict="REVIEW").order_by("pk")
    rows = rows.values_list("pk", "category_id", "score", "threshold", "relative_score", "created")
    last = 0
    while step := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        entries = [
            Entry(
                inspection_id=pk,
                category_id=category,
                why="review",
                doubt=abs(math.log(max(score, SMALLEST) / max(threshold, SMALLEST))),
                relative_score=relative,
                created=created,
            )
            for pk, category, score, threshold, relative, created in step
        ]
        Entry.objects.bulk_create(entries, ignore_conflicts=True)
        last = step[-1][0]


class Migration(migrations.Migration):
    dependencies = [("reviews", "0001_initial")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
