from django.db import migrations, models

from inspector.categories.names import key_of


def give_keys(apps, schema_editor):
    """The first of two that look alike gets the key; a later one keeps its name and gets a suffix in the key.

    Two spaces: no key has them, so that no name can be given that is equal to it.
    """
    Category = apps.get_model("categories", "Category")
    used = set()
    for category in Category.objects.order_by("pk"):
        key = key_of(category.name)
        category.key = f"{key}  {category.pk}" if key in used or not key else key
        used.add(category.key)
        category.save(update_fields=["key"])


class Migration(migrations.Migration):
    dependencies = [("categories", "0002_exploration")]

    operations = [
        migrations.AddField("category", "archived", models.DateTimeField(editable=False, null=True)),
        migrations.AddField(
            "category",
            "imported_from",
            models.TextField(blank=True, default="", editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            "category",
            "key",
            models.CharField(default="", editable=False, max_length=255),
            preserve_default=False,
        ),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
    ]
