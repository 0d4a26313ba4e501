from django.db import migrations

from inspector.registry.judgements import fill


def read_scores(apps, schema_editor):
    """Of versions made before there were rows; one without its files stays without (see read_test_scores)."""
    ModelVersion = apps.get_model("registry", "ModelVersion")
    versions = ModelVersion.objects.order_by("pk").defer("metrics", "plots")
    fill(versions, apps.get_model("registry", "Judgement"), apps.get_model("categories", "Sample"))


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_judgement")]

    operations = [migrations.RunPython(read_scores, migrations.RunPython.noop)]
