"""Ids in forms, filters and the panel, within their bounds."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Field, IntegerField

from inspector.core.numbers import BIGGEST, whole


def is_key(field: "Field[Any, Any]", text: str) -> bool:
    """Whether this can be a row's primary key."""
    return not isinstance(field, IntegerField) or whole(text) is not None


class IdField(forms.IntegerField):
    """A row's id in a form or filter."""

    default_error_messages = {"invalid": f"Enter a whole number from 1 to {BIGGEST}."}

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        number = whole(str(value).strip())
        if not number:
            raise ValidationError(self.error_messages["invalid"], "invalid")
        return number


class IdFilter(django_filters.Filter):
    """In place of django_filters.NumberFilter, which takes numbers of any size."""

    field_class = IdField
