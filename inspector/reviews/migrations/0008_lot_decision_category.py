"""A decision about a lot is of a category, too: two categories may have lots of one name."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("categories", "0008_samples"), ("reviews", "0007_marks")]

    operations = [
        migrations.RemoveConstraint("lotdecision", "one_lot_decision_of_a_number"),
        migrations.AddField(
            "lotdecision",
            "category",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="categories.category",
            ),
        ),
    ]
