"""How doubtful the verdicts of former versions were, as `inspections.doubt` says it of new ones."""

import math
import statistics

from django.db import migrations
from django.db.models import F, Value
from django.db.models.functions import Abs, Greatest, Ln

AT_ONCE = 50_000
GOOD = "good"


def spread(judgements, version):
    scores = judgements.filter(version=version, label=GOOD, score__gt=0).values_list("score", flat=True)
    logs = [math.log(score) for score in scores]
    found = statistics.stdev(logs) if len(logs) >= 3 else 0.0
    return found if found > 1e-6 else 1.0


def fill(apps, schema_editor):
    Inspection = apps.get_model("inspections", "Inspection")
    judgements = apps.get_model("registry", "Judgement").objects
    distance = Abs(
        Ln(Greatest(F("score"), Value(1e-30))) - Ln(Greatest(F("threshold"), Value(1e-9))),
    )
    newest = Inspection.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    versions = apps.get_model("registry", "ModelVersion").objects.values_list("pk", flat=True)
    spreads = {version: spread(judgements, version) for version in versions}
    for start in range(0, newest, AT_ONCE):
        step = Inspection.objects.filter(pk__gt=start, pk__lte=start + AT_ONCE, doubt=None)
        step = step.filter(score__isnull=False, threshold__isnull=False)
        for version, deviation in spreads.items():
            step.filter(version_id=version).update(doubt=distance / Value(deviation))


class Migration(migrations.Migration):
    # Each step by itself: after an interruption it is begun again, with the same result.
    atomic = False
    dependencies = [("inspections", "0019_decided"), ("registry", "0007_former_deployments")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
