"""What happens to categories, and how the audit trail puts it."""

from inspector.core.events import Detail, Kind, declare, subject_type


def _slug(detail: Detail) -> str:
    return f"Address: {detail['slug']}"


def _described(detail: Detail) -> str:
    """Such as “Name: Nut, before: Nuts”; earlier events have neither."""
    changes = []
    for name in ("name", "description"):
        if name in detail:
            changes.append(
                f"{name.capitalize()}: {detail[name] or 'none'}, before: {detail[f'former_{name}'] or 'none'}"
            )
    return "; ".join(changes)


def _gone(detail: Detail) -> str:
    counts = f"{detail['samples']} samples, {detail['versions']} versions, {detail['runs']} trainings"
    return f"{counts}; address: {detail['slug']}"


subject_type("category", "categories.Category", category="pk")


@declare
class CategoryEvent(Kind):
    CREATED = "category.created", "Created category", _slug
    DESCRIBED = "category.described", "Changed name or description", _described
    ARCHIVED = "category.archived", "Archived category"
    UNARCHIVED = "category.unarchived", "Unarchived category"
    DELETED = "category.deleted", "Deleted category", _gone
