"""Who decided, the defect type and the rest of each inspection's newest standing review, into its columns."""

from django.db import migrations

AT_ONCE = 2_000
DISAGREEMENTS = {("OK", "defective"): "escape", ("ANOMALY", "good"): "false_call"}


def fill(apps, schema_editor):
    Inspection = apps.get_model("inspections", "Inspection")
    reviews = apps.get_model("reviews", "Review").objects.filter(withdrawal=None).order_by("pk")
    last = 0
    # In the order they were made: the newest of an inspection comes last, and stays.
    while step := list(reviews.filter(pk__gt=last).select_related("inspection")[:AT_ONCE]):
        for review in step:
            Inspection.objects.filter(pk=review.inspection_id).update(
                decided_by=review.person_id,
                defect_type=review.defect_type_id,
                severity=review.severity or None,
                disagreement=DISAGREEMENTS.get((review.inspection.verdict, review.decision)),
            )
        last = step[-1].pk


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_former_reviews"), ("inspections", "0021_history_indexes")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
