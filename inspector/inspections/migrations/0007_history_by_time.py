"""The history goes by time: indexes that begin with what is filtered by and end with time and id.

The old ones go first, so that no more room is taken than needed.
"""

from django.db import migrations, models

NOT_DISMISSED = models.Q(dismissed__isnull=True)


def _gone(name: str) -> migrations.RemoveIndex:
    return migrations.RemoveIndex(model_name="inspection", name=name)


def _new(name: str, *fields: str, condition: models.Q | None = None) -> migrations.AddIndex:
    index = models.Index(fields=[*fields, "created", "id"], name=name, condition=condition)
    return migrations.AddIndex(model_name="inspection", index=index)


class Migration(migrations.Migration):
    dependencies = [("inspections", "0006_waits_and_keys")]

    operations = [
        migrations.AlterModelOptions(
            name="inspection",
            options={
                "ordering": ["-created", "-pk"],
                "permissions": [("retry_inspection", "Can send a failed inspection round again")],
            },
        ),
        _gone("inspection_category"),
        _gone("inspection_verdict"),
        _gone("inspection_category_verdict"),
        _gone("inspection_created"),
        _gone("inspection_state"),
        _new("inspection_time"),
        _new("inspection_category_time", "category"),
        _new("inspection_verdict_time", "verdict"),
        _new("inspection_cat_verdict_time", "category", "verdict"),
        _new("inspection_state_time", "state", condition=NOT_DISMISSED),
        _new("inspection_cat_state_time", "category", "state", condition=NOT_DISMISSED),
        _new("inspection_dismissed_time", condition=models.Q(dismissed__isnull=False)),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(fields=["verdict", "-relative_score", "-id"], name="inspection_verdict_score"),
        ),
    ]
