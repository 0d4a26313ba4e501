"""Each decision about a lot has a category; of two at once in one category only one is taken."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0009_former_lot_decisions")]

    operations = [
        migrations.AlterField(
            "lotdecision",
            "category",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="categories.category"
            ),
        ),
        migrations.AlterModelOptions("lotdecision", {"ordering": ["lot", "category", "-number"]}),
        migrations.AddConstraint(
            "lotdecision",
            models.UniqueConstraint(
                fields=("lot", "category", "number"), name="one_lot_decision_of_a_number"
            ),
        ),
    ]
