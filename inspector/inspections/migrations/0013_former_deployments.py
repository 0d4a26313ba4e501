"""Under which deployment each inspection was judged, where that can be known."""

from django.db import migrations

# So many rows at once: a table of a million is written in steps that hold nobody up for long.
AT_ONCE = 50_000


def point(apps, schema_editor):
    Deployment = apps.get_model("registry", "Deployment")
    Inspection = apps.get_model("inspections", "Inspection")
    rows = Deployment.objects.filter(kind="active").order_by("version", "since", "pk")
    by_version = {}
    for pk, version, since in rows.values_list("pk", "version_id", "since"):
        by_version.setdefault(version, []).append((pk, since))
    for version, deployments in by_version.items():
        # To the next of the same version: what a worker had in hand when another was promoted ended later.
        ends = [since for _, since in deployments[1:]] + [None]
        for (pk, since), until in zip(deployments, ends, strict=True):
            judged = Inspection.objects.filter(version=version, finished__gte=since)
            _write(judged.filter(finished__lt=until) if until else judged, pk)


def _write(judged, deployment):
    """In the order of their ids, which the index of versions has."""
    judged, last = judged.order_by("pk"), 0
    while True:
        ids = judged.filter(pk__gt=last).values_list("pk", flat=True)
        end = next(iter(ids[AT_ONCE - 1 : AT_ONCE]), None)
        step = judged.filter(pk__gt=last) if end is None else judged.filter(pk__gt=last, pk__lte=end)
        step.order_by().update(deployment=deployment)
        if end is None:
            return
        last = end


class Migration(migrations.Migration):
    # Each step by itself: after an interruption it is begun again, with the same result.
    atomic = False
    dependencies = [("inspections", "0012_deployment"), ("registry", "0007_former_deployments")]

    operations = [migrations.RunPython(point, migrations.RunPython.noop)]
