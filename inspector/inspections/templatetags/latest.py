"""What pages of lower apps show about inspections."""

from datetime import datetime

from django import template
from django.db.models import OuterRef, Subquery

from inspector.categories.models import Category
from inspector.inspections.models import Inspection

register = template.Library()


@register.simple_tag
def last_inspection_by_category() -> dict[int, datetime | None]:
    """When each category's newest photo came in, by its id; one query, one index look-up a category."""
    newest = Inspection.objects.filter(category=OuterRef("pk")).order_by("-created").values("created")[:1]
    return dict(Category.objects.order_by().values_list("pk", Subquery(newest)))
