"""Reads about categories."""

from django.db.models import QuerySet

from inspector.categories.models import Category


def categories() -> QuerySet[Category]:
    """All of them, by name."""
    return Category.objects.order_by("name")


def archived() -> QuerySet[Category]:
    """Those out of use."""
    return Category.objects.filter(archived__isnull=False)


def category(slug: str) -> Category:
    """One by its slug; DoesNotExist when there is none."""
    return Category.objects.get(slug=slug)
