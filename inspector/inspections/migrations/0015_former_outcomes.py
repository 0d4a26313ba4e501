"""What inspections of former versions ended with: nobody reviewed them, so it is the verdict."""

from django.db import migrations

AT_ONCE = 50_000
OUTCOMES = {"OK": "good", "REVIEW": "open", "ANOMALY": "defective"}


def fill(apps, schema_editor):
    from django.db.models import Case, Value, When

    Inspection = apps.get_model("inspections", "Inspection")
    outcome = Case(*(When(verdict=verdict, then=Value(value)) for verdict, value in OUTCOMES.items()))
    newest = Inspection.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for start in range(0, newest, AT_ONCE):
        step = Inspection.objects.filter(pk__gt=start, pk__lte=start + AT_ONCE, outcome="")
        step.filter(verdict__in=OUTCOMES).update(outcome=outcome)


class Migration(migrations.Migration):
    # Each step by itself: after an interruption it is begun again, with the same result.
    atomic = False
    dependencies = [("inspections", "0014_outcome")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
