import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The same column and the same table; the model is in another app."""

    dependencies = [("training", "0005_table_of_snapshots"), ("samples", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="trainingrun",
                    name="snapshot",
                    field=models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="samples.datasetsnapshot",
                    ),
                ),
                migrations.DeleteModel(name="DatasetSnapshot"),
            ]
        )
    ]
