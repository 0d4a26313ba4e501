from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registry", "0007_former_deployments")]

    operations = [
        migrations.RemoveConstraint(
            model_name="modelversion",
            name="one_active_version",
        ),
        migrations.RemoveField(
            model_name="modelversion",
            name="promoted",
        ),
        migrations.RemoveField(
            model_name="modelversion",
            name="promoted_by",
        ),
        migrations.RemoveField(
            model_name="modelversion",
            name="standing",
        ),
    ]
