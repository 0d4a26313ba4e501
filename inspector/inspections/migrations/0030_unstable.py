from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0029_drafted"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                condition=models.Q(("stable__lt", models.F("stable_of"))),
                fields=["created", "id"],
                name="inspection_unstable_time",
            ),
        ),
    ]
