import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest


class Migration(migrations.Migration):
    dependencies = [
        ("inspections", "0004_contours"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="inspection",
            name="dismissed",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="inspection",
            name="dismissed_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="inspection",
            name="relative_score",
            field=models.GeneratedField(
                db_persist=True,
                expression=Coalesce(
                    F("score") / Greatest(F("threshold"), models.Value(1e-9)), models.Value(-1e30)
                ),
                output_field=models.FloatField(),
            ),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(fields=["-relative_score", "-id"], name="inspection_score"),
        ),
        migrations.AddIndex(
            model_name="inspection",
            index=models.Index(
                fields=["category", "-relative_score", "-id"], name="inspection_category_score"
            ),
        ),
    ]
