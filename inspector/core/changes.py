"""Changing a row that people share: what it was is known, and no simultaneous change of others is lost."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model

Row = TypeVar("Row", bound=Model)


def locked(model: type[Row], defaults: Mapping[str, Any] | None = None, **key: Any) -> Row:
    """The row of this key as it is now, made if there is none, and ours until the transaction ends."""
    row, _ = model._default_manager.select_for_update().get_or_create(defaults=dict(defaults or {}), **key)
    return row


def change(row: Model, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give a locked row other values, and save it. What was different before, by name; for the trail."""
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    if before:
        for name in before:
            setattr(row, name, values[name])
        row.save(update_fields=list(before))
    return before
