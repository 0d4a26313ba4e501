from django.db import migrations, models


class Migration(migrations.Migration):
    """Apart from the rows' change: PostgreSQL alters no table in the transaction that wrote to it."""

    dependencies = [("categories", "0003_key_archived_imported_from")]

    operations = [
        migrations.AlterField(
            "category", "key", models.CharField(editable=False, max_length=255, unique=True)
        ),
    ]
