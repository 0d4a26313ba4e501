from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inspections", "0020_former_doubts")]

    operations = [
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(fields=["version", "created", "id"], name="inspection_version_time"),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(fields=["submitted_by", "created", "id"], name="inspection_sender_time"),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("reviewed__isnull", False)),
                fields=["created", "id"],
                name="inspection_reviewed_time",
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("decided_by__isnull", False)),
                fields=["decided_by", "created", "id"],
                name="inspection_decider_time",
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("defect_type__isnull", False)),
                fields=["defect_type", "created", "id"],
                name="inspection_defect_time",
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("severity__isnull", False)),
                fields=["severity", "created", "id"],
                name="inspection_severity_time",
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("disagreement__isnull", False)),
                fields=["disagreement", "created", "id"],
                name="inspection_disagreement_time",
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("doubt__isnull", False)), fields=["doubt", "id"], name="inspection_doubt"
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("doubt__isnull", False)),
                fields=["category", "doubt", "id"],
                name="inspection_category_doubt",
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("p_value__isnull", False)),
                fields=["p_value", "id"],
                name="inspection_p_value",
            ),
        ),
    ]
