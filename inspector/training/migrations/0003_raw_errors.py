"""What a network library said was part of the message of runs that lacked weights: it becomes their details."""

import re

from django.db import migrations

RAW = re.compile(r"could not be downloaded \((.*?)\)\.(?= Either )", re.DOTALL)


def move(apps, schema_editor):
    runs = apps.get_model("training", "TrainingRun").objects
    for run in runs.filter(error_code="weights_missing").only("error_message"):
        if found := RAW.search(run.error_message):
            message = RAW.sub("could not be downloaded.", run.error_message)
            runs.filter(pk=run.pk).update(error_message=message, error_details=found[1])


class Migration(migrations.Migration):
    dependencies = [("training", "0002_machines")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
