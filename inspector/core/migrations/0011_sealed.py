from django.db import migrations

from inspector.core.proof import seal, triggers


def seal_former(apps, schema_editor):
    seal.seal(apps.get_model("core", "Event"), apps.get_model("core", "Chain"))


def protect(apps, schema_editor):
    triggers.protect()


def lift(apps, schema_editor):
    triggers.lift()


class Migration(migrations.Migration):
    """The trail of before becomes the first part of the chain; from then on sealed rows are protected.

    In transactions of a thousand rows: if it is stopped, it goes on where it was.
    """

    atomic = False

    # Whatever still changed former events.
    dependencies = [("core", "0010_chain")]

    operations = [
        migrations.RunPython(seal_former, migrations.RunPython.noop),
        migrations.RunPython(protect, lift),
    ]
