"""Indexes for verdicts by doubt and undecided ones by score; and what PostgreSQL knows of hidden conditions.

The history hides conditions in COALESCE(x, x) where it walks along the index of its order
(`filter_kinds.hidden`). PostgreSQL takes each for true of one row in 200, unless it has statistics of the
expression: with two of them it read and sorted a million inspections, where a step into the index was enough.
"""

from django.db import migrations, models

COLUMNS = (
    *(
        "state",
        "dismissed",
        "verdict",
        "outcome",
        "category_id",
        "batch_id",
        "created",
        "lot",
        "serial",
        "station",
    ),
    *(
        "reviewed",
        "disagreement",
        "severity",
        "defect_type",
        "submitted_by_id",
        "decided_by_id",
        "version_id",
    ),
    *("relative_score", "p_value", "doubt"),
)
TABLE = "inspections_inspection"


def know(apps, editor):
    if editor.connection.vendor != "postgresql":
        return
    for column in COLUMNS:
        editor.execute(
            f'CREATE STATISTICS IF NOT EXISTS inspection_hidden_{column} ON (COALESCE("{column}", "{column}")) FROM {TABLE}'
        )
    editor.execute(f"ANALYZE {TABLE}")


def forget(apps, editor):
    if editor.connection.vendor == "postgresql":
        for column in COLUMNS:
            editor.execute(f"DROP STATISTICS IF EXISTS inspection_hidden_{column}")


class Migration(migrations.Migration):
    dependencies = [("inspections", "0024_demo_source")]

    operations = [
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("doubt__isnull", False)),
                fields=["verdict", "doubt", "id"],
                name="inspection_verdict_doubt",
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("outcome", "open")),
                fields=["-relative_score", "-id"],
                name="inspection_open_score",
            ),
        ),
        migrations.RunPython(know, forget),
    ]
