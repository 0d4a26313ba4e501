from django.db import migrations

# As `detection.thresholds` told it until there was a code for it.
BEGINS, BY_DEFECTS = "REVIEW begins where ", "labelled defects score"


def fill(apps, schema_editor):
    """Whether scores of good parts or of labelled defects say where REVIEW begins, out of the sentence."""
    versions = apps.get_model("registry", "ModelVersion").objects
    for pk, config in versions.values_list("pk", "config").iterator():
        chosen = config.get("threshold") or {}
        _, begins, why = str(chosen.get("chosen_on") or "").partition(BEGINS)
        if begins and chosen.get("review_from") is not None and not chosen.get("review_by"):
            chosen["review_by"] = "defects" if BY_DEFECTS in why else "good"
            versions.filter(pk=pk).update(config=config)


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0004_words"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
