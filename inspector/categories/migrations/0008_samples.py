from django.db import migrations


class Migration(migrations.Migration):
    """Their tables stay: they are those of the app `samples`, by its first migration."""

    dependencies = [
        ("categories", "0007_tables_of_samples"),
        ("samples", "0001_initial"),
        ("registry", "0009_samples"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(name="Exploration"),
                migrations.DeleteModel(name="Sample"),
            ]
        )
    ]
