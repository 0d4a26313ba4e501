from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion
import django.utils.timezone


class Migration(migrations.Migration):
    """Columns only; `0008_former_events` fills them for the rows of before."""

    dependencies = [
        ("core", "0006_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("AuditEvent", "Event"),
        migrations.RenameField("event", "when", "time"),
        migrations.RenameField("event", "who", "actor"),
        migrations.RenameField("event", "verb", "kind"),
        migrations.RenameField("event", "what", "subject_name"),
        migrations.AlterModelOptions(
            name="event",
            options={
                "ordering": ["-time", "-pk"],
                "verbose_name": "audit trail entry",
                "verbose_name_plural": "audit trail entries",
            },
        ),
        migrations.AlterField(model_name="event", name="kind", field=models.CharField(max_length=60)),
        migrations.AlterField(
            model_name="event",
            name="subject_name",
            field=models.CharField(help_text="Name of the object, as shown on the site then", max_length=200),
        ),
        migrations.AlterField(
            model_name="event",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "event",
            "subject_type",
            models.CharField(blank=True, max_length=40, default=""),
            preserve_default=False,
        ),
        migrations.AddField("event", "subject_id", models.BigIntegerField(null=True)),
        migrations.AddField("event", "category_id", models.BigIntegerField(null=True)),
        migrations.AddIndex(
            "event", models.Index(fields=["subject_type", "subject_id", "-id"], name="event_subject")
        ),
        migrations.AddIndex("event", models.Index(fields=["actor", "-id"], name="event_actor")),
        migrations.AddIndex("event", models.Index(fields=["category_id", "-id"], name="event_category")),
        migrations.CreateModel(
            name="SetupStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40, unique=True)),
                ("done", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"default_permissions": ()},
        ),
    ]
