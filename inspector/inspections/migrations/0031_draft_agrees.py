from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0030_unstable"),
    ]

    operations = [
        migrations.AddField(
            model_name="inspection",
            name="draft_agrees",
            field=models.BooleanField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("draft_agrees__isnull", False)),
                fields=["version", "-id", "draft_agrees"],
                name="inspection_compared",
            ),
        ),
    ]
