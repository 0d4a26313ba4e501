"""A new category, or other words for one."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from inspector.categories.models import Category
from inspector.core.audit import Who, record
from inspector.core.errors import Conflict, Refused

NAME_LENGTH = Category._meta.get_field("name").max_length or 0
SLUG_LENGTH = Category._meta.get_field("slug").max_length or 0


def create_category(name: str, *, by: Who, slug: str | None = None, description: str = "") -> Category:
    """A category without samples. Its slug comes from the name, is in its address and never changes."""
    name = _name(name)
    slug = free_slug(name, slug)
    try:
        with transaction.atomic():
            category = Category.objects.create(name=name, slug=slug, description=description.strip())
            record(by, "create category", category, slug=slug)
    except IntegrityError:
        raise _taken(slug) from None
    return category


def free_slug(name: str, slug: str | None = None) -> str:
    """The slug a category of this name will have. Refused when there can be none or it is taken."""
    slug = slugify(slug or name)[:SLUG_LENGTH].strip("-")
    if not slug:
        raise Refused("bad_name", f"“{name}” has no Latin letter or digit for the address; give a slug, too.")
    if Category.objects.filter(slug=slug).exists():
        raise _taken(slug)
    return slug


def _taken(slug: str) -> Conflict:
    return Conflict(
        "category_exists",
        f"There is a category with the address “{slug}” already. Choose another name, or open that one.",
    )


def describe_category(category: Category, *, name: str, description: str, by: Who) -> Category:
    """Another name or description; the slug stays."""
    category.name, category.description = _name(name), description.strip()
    with transaction.atomic():
        category.save(update_fields=["name", "description"])
        record(by, "describe category", category, slug=category.slug)
    return category


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused("bad_name", "A category needs a name.")
    if len(name) > NAME_LENGTH:
        raise Refused("bad_name", f"The name has {len(name)} characters; {NAME_LENGTH} are the most.")
    return name
