import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# Where the models were before.
FORMER = {"sample": "categories", "exploration": "categories", "datasetsnapshot": "training"}
MODELS = [
    migrations.CreateModel(
        name="DatasetSnapshot",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("created", models.DateTimeField(auto_now_add=True)),
            ("items", models.JSONField(default=list)),
            (
                "sha256",
                models.CharField(
                    help_text="SHA-256 of the sorted hashes and labels: equal for equal data", max_length=64
                ),
            ),
            (
                "category",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="snapshots",
                    to="categories.category",
                ),
            ),
        ],
    ),
    migrations.CreateModel(
        name="Exploration",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            (
                "state",
                models.CharField(
                    choices=[
                        ("waiting", "Waiting"),
                        ("running", "Running"),
                        ("done", "Done"),
                        ("failed", "Failed"),
                        ("cancelled", "Cancelled"),
                    ],
                    default="waiting",
                    editable=False,
                    max_length=10,
                ),
            ),
            ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
            ("claim", models.UUIDField(editable=False, null=True)),
            ("lease_until", models.DateTimeField(editable=False, null=True)),
            ("created", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ("started", models.DateTimeField(editable=False, null=True)),
            ("finished", models.DateTimeField(editable=False, null=True)),
            ("error_code", models.CharField(blank=True, editable=False, max_length=40)),
            ("error_message", models.TextField(blank=True, editable=False)),
            ("cancel_requested", models.BooleanField(default=False, editable=False)),
            ("progress", models.JSONField(default=dict, editable=False)),
            ("error_details", models.TextField(blank=True, editable=False)),
            ("digest", models.CharField(editable=False, max_length=64)),
            ("description", models.JSONField(default=dict, editable=False)),
            ("plots", models.JSONField(default=dict, editable=False)),
            ("errors", models.PositiveSmallIntegerField(default=0, editable=False)),
            ("warnings", models.PositiveSmallIntegerField(default=0, editable=False)),
            (
                "category",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="explorations",
                    to="categories.category",
                ),
            ),
            (
                "requested_by",
                models.ForeignKey(
                    editable=False,
                    null=True,
                    on_delete=django.db.models.deletion.PROTECT,
                    related_name="+",
                    to=settings.AUTH_USER_MODEL,
                ),
            ),
        ],
        options={
            "ordering": ["-pk"],
            "constraints": [
                models.UniqueConstraint(
                    condition=models.Q(("state__in", ["waiting", "running"])),
                    fields=("category",),
                    name="one_open_exploration_per_category",
                )
            ],
        },
    ),
    migrations.CreateModel(
        name="Sample",
        fields=[
            (
                "id",
                models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
            ),
            ("split", models.CharField(choices=[("train", "Training"), ("test", "Test")], max_length=5)),
            ("label", models.CharField(help_text="“good”, or the kind of defect", max_length=60)),
            ("filename", models.CharField(max_length=255)),
            ("sha256", models.CharField(max_length=64)),
            ("width", models.PositiveIntegerField()),
            ("height", models.PositiveIntegerField()),
            ("bytes", models.PositiveIntegerField()),
            ("image", models.FileField(max_length=255, upload_to="unused")),
            ("mask", models.FileField(blank=True, max_length=255, upload_to="unused")),
            ("created", models.DateTimeField(auto_now_add=True)),
            (
                "category",
                models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE,
                    related_name="samples",
                    to="categories.category",
                ),
            ),
        ],
        options={
            "ordering": ["pk"],
            "constraints": [
                models.UniqueConstraint(fields=("category", "split", "label", "sha256"), name="sample_once"),
                models.CheckConstraint(
                    condition=models.Q(
                        models.Q(("split", "train"), _negated=True), ("label", "good"), _connector="OR"
                    ),
                    name="training_samples_are_good",
                ),
            ],
        },
    ),
]


def move(apps, schema_editor):
    """With the row go the permissions of people and groups, and the panel's log: all refer to its id."""
    types = apps.get_model("contenttypes", "ContentType").objects
    for model, app in FORMER.items():
        types.filter(app_label=app, model=model).update(app_label="samples")


def move_back(apps, schema_editor):
    types = apps.get_model("contenttypes", "ContentType").objects
    for model, app in FORMER.items():
        types.filter(app_label="samples", model=model).update(app_label=app)


class Migration(migrations.Migration):
    """What was in `categories` and `training` is in `samples`. The tables are there and have their names already;
    so only the state changes, and what Django and people call the models.

    One migration for both: Django makes content types that it misses after whichever migration came last.
    """

    initial = True

    dependencies = [
        ("categories", "0007_tables_of_samples"),
        ("training", "0005_table_of_snapshots"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=MODELS),
        migrations.RunPython(move, move_back),
    ]
