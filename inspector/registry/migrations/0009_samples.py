import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The same column and the same table; the model is in another app."""

    dependencies = [("registry", "0008_no_standing"), ("samples", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="judgement",
                    name="sample",
                    field=models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="judgements",
                        to="samples.sample",
                    ),
                ),
            ]
        )
    ]
