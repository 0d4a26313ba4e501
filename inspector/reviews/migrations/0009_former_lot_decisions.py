"""By itself: PostgreSQL alters no table with rows that were changed in the same transaction."""

from django.db import migrations


def give_categories(apps, editor):
    """Each decision goes to the category with photos of its lot; where several have some it counted for all, so
    each gets it. Where none has any (they were made up, and removed) only the audit trail keeps it."""
    LotDecision = apps.get_model("reviews", "LotDecision")
    Inspection = apps.get_model("inspections", "Inspection")
    for lot in set(LotDecision.objects.values_list("lot", flat=True)):
        photos = Inspection.objects.filter(lot=lot, lot__gt="").order_by()
        first, *more = [*photos.values_list("category", flat=True).distinct(), None]
        decided = LotDecision.objects.filter(lot=lot, category=None)
        if first is None:
            decided.delete()
            continue
        for category in filter(None, more):
            for decision in decided.order_by("pk"):
                decision.pk, decision.category_id = None, category
                decision.save(force_insert=True)
        decided.update(category=first)


class Migration(migrations.Migration):
    dependencies = [("inspections", "0024_demo_source"), ("reviews", "0008_lot_decision_category")]

    operations = [migrations.RunPython(give_categories, migrations.RunPython.noop)]
