from django.db import migrations


class Migration(migrations.Migration):
    """The table of what moves to the app `samples` gets the name it has there; its rows stay as they are."""

    dependencies = [("training", "0004_words")]

    operations = [migrations.AlterModelTable("datasetsnapshot", "samples_datasetsnapshot")]
