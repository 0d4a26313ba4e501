"""What happens to categories, and how the audit trail tells of it."""

from inspector.core.events import Detail, Kind, declare, subject_type


def _slug(detail: Detail) -> str:
    return f"Address: {detail['slug']}"


def _described(detail: Detail) -> str:
    """Such as “Name: Nut, before: Nuts”; former events know neither."""
    told = []
    for name in ("name", "description"):
        if name in detail:
            told.append(
                f"{name.capitalize()}: {detail[name] or 'none'}, before: {detail[f'former_{name}'] or 'none'}"
            )
    return "; ".join(told)


def _gone(detail: Detail) -> str:
    told = f"{detail['samples']} samples, {detail['versions']} versions, {detail['runs']} trainings"
    return f"{told}; address: {detail['slug']}"


subject_type("category", "categories.Category", category="pk")


@declare
class CategoryEvent(Kind):
    CREATED = "category.created", "Created category", _slug
    DESCRIBED = "category.described", "Changed name or description", _described
    ARCHIVED = "category.archived", "Archived category"
    UNARCHIVED = "category.unarchived", "Unarchived category"
    DELETED = "category.deleted", "Deleted category", _gone
