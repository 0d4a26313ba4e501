"""A new category, or a new name or description for one."""

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from inspector.categories.archived import locked
from inspector.categories.events import CategoryEvent
from inspector.categories.models import Category
from inspector.categories.names import cleaned, key_of
from inspector.core.errors import Conflict, Refused
from inspector.core.events import Who, record

NAME_LENGTH = Category._meta.get_field("name").max_length or 0
SLUG_LENGTH = Category._meta.get_field("slug").max_length or 0


def create_category(
    name: str, *, by: Who, slug: str | None = None, description: str = "", imported_from: str = ""
) -> Category:
    """A category without samples. Its slug comes from the name, is in its address and never changes."""
    name = checked_name(name)
    slug = free_slug(name, slug)
    words = {"name": name, "description": description.strip(), "imported_from": imported_from}
    try:
        with transaction.atomic():
            category = Category.objects.create(slug=slug, key=key_of(name), **words)
            record(by, CategoryEvent.CREATED, category, slug=slug)
    except IntegrityError:
        # Somebody was faster between the check and the write: the database's constraints caught it.
        checked_name(name)
        raise _slug_taken(slug) from None
    return category


def checked_name(name: str, of: Category | None = None) -> str:
    """The name as it is kept. Refused when it is none, too long, or that of another category than `of`."""
    name = cleaned(name)
    key = key_of(name)
    if not key:
        raise Refused("bad_name", "A category needs a name.")
    if len(name) > NAME_LENGTH:
        raise Refused("bad_name", f"The name has {len(name)} characters; the limit is {NAME_LENGTH}.")
    other = Category.objects.filter(key=key).first()
    # Its own, or that of one that was there beside its look-alike before these were refused: it may stay.
    stays = of is not None and key_of(of.name) == key
    if other and not stays:
        raise _name_taken(name, other)
    return name


def slug_of(text: str) -> str:
    """The slug as it is stored; "" where there is nothing to make it from."""
    return slugify(text)[:SLUG_LENGTH].strip("-")


def free_slug(name: str, slug: str | None = None) -> str:
    """The slug a category of this name will have. Refused when there can be none or it is taken."""
    slug = slug_of(slug or name)
    if not slug:
        words = f"“{name}” has no Latin letter or digit to make an address from: give one, too."
        raise Refused("bad_name", words, fields={"slug": [words]})
    if Category.objects.filter(slug=slug).exists():
        raise _slug_taken(slug)
    return slug


def describe_category(category: Category, *, name: str, description: str, by: Who) -> Category:
    """Another name or description; the slug stays. Conflict "deleted" where it is gone."""
    try:
        with transaction.atomic():
            # Of two who change it at once, the second one's event names what the first one wrote.
            stored = locked(category)
            name = checked_name(name, stored)
            category.key = stored.key if key_of(stored.name) == key_of(name) else key_of(name)
            category.name, category.description = name, description.strip()
            category.save(update_fields=["name", "key", "description"])
            record(by, CategoryEvent.DESCRIBED, category, slug=category.slug, **_changes(stored, category))
    except IntegrityError:
        checked_name(name, stored)
        raise
    return category


def _changes(former: Category, category: Category) -> dict[str, str]:
    """Old and new values of what changed."""
    return {
        key: value
        for name in ("name", "description")
        if getattr(former, name) != getattr(category, name)
        for key, value in (
            (f"former_{name}", getattr(former, name)),
            (name, getattr(category, name)),
        )
    }


def _name_taken(name: str, other: Category) -> Conflict:
    archived = " It is archived: unarchive it, or choose another name." if other.archived else ""
    message = (
        f"The category “{other.name}” already exists."
        if name == other.name
        else f"“{name}” looks like “{other.name}”, a category that already exists."
    )
    return Conflict(
        "category_exists", message + (archived or " Choose another name, or open that one."), see=other
    )


def _slug_taken(slug: str) -> Conflict:
    other = Category.objects.filter(slug=slug).first()
    return Conflict(
        "category_exists",
        f"The address “{slug}” is already used by the category “{other or slug}”. "
        "Choose another name, or open that one.",
        see=other,
        fields={"slug": ["Choose another address."]},
    )
