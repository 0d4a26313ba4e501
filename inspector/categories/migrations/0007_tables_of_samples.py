from django.db import migrations


class Migration(migrations.Migration):
    """The tables of what moves to the app `samples` get the names they have there; its rows stay as they are."""

    dependencies = [("categories", "0006_exploration_cancel")]

    operations = [
        migrations.AlterModelTable("sample", "samples_sample"),
        migrations.AlterModelTable("exploration", "samples_exploration"),
    ]
