"""What every API endpoint shares: permissions, pages, the shape of a refusal. Errors are in `api_errors`."""

import re
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import BasePermission, DjangoModelPermissions
from rest_framework.relations import MANY_RELATION_KWARGS
from rest_framework.request import Request

from inspector.core.numbers import ID_SCHEMA, whole

OF_FORMS = {"csrfmiddlewaretoken", "format"}
OF_LISTS = {"cursor", "page_size", "format"}


class ModelPermissions(DjangoModelPermissions):
    """Django's model permissions, for reading too: anonymous sees nothing."""

    perms_map = DjangoModelPermissions.perms_map | {
        method: ["%(app_label)s.view_%(model_name)s"] for method in ("GET", "HEAD", "OPTIONS")
    }

    def has_permission(self, request: Request, view: Any) -> bool:
        # Not a matter of permission: the view answers 405 to everybody.
        if request.user.is_authenticated and not hasattr(view, str(request.method).lower()):
            return True
        return super().has_permission(request, view)


def requires(permission: str) -> type[BasePermission]:
    """The permission class of an endpoint that does something: signed in and holding `permission`."""

    class Requires(BasePermission):
        message = "Your role does not allow this. Ask an admin."

        def has_permission(self, request: Request, view: Any) -> bool:
            return bool(request.user.is_authenticated and request.user.has_perm(permission))

    return Requires


class NothingUnread(serializers.BaseSerializer):
    """A name in a request that no field has is refused, because whoever wrote it meant something. What
    is read only may be sent back. So is true for a number: DRF's own field reads it as 1."""

    def to_internal_value(self, data: Any) -> Any:
        form = isinstance(data, QueryDict)  # in forms: list[0], object.name, and what sends them
        names = {re.split(r"[.\[]", name)[0] for name in data} - OF_FORMS if form else data
        unread = sorted(set(names) - set(self.fields)) if isinstance(data, Mapping) else []  # type: ignore[attr-defined]
        if unread:
            known = ", ".join(name for name, field in self.fields.items() if not field.read_only)  # type: ignore[attr-defined]
            raise ValidationError({unread[0][:40]: [f"There is no such field. The fields are: {known}."]})
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            given = data.get(name) if isinstance(data, Mapping) else None
            if isinstance(field, serializers.FloatField) and isinstance(given, bool):
                raise ValidationError({name: [field.error_messages["invalid"]]})
        return super().to_internal_value(data)


class Filters(DjangoFilterBackend):
    """Unknown filters are refused: one that is misspelt would keep all rows, and nobody would notice."""

    def get_filterset(self, request: Request, queryset: Any, view: Any) -> Any:
        filterset = super().get_filterset(request, queryset, view)
        if filterset is not None:
            unknown = sorted(request.query_params.keys() - filterset.filters.keys() - OF_LISTS)
            if unknown:
                known = ", ".join(filterset.filters)
                raise ValidationError(
                    {unknown[0][:40]: [f"There is no such filter. The filters are: {known}."]}
                )
        return filterset


class _Ids(serializers.ManyRelatedField):
    """Their number is looked at first: each costs a query."""

    MOST = 100

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and len(data) > self.MOST:
            raise ValidationError([f"Give at most {self.MOST}; these are {len(data):,}."])
        return super().to_internal_value(data)


class IdRelatedField(serializers.PrimaryKeyRelatedField):
    """A row by its id. Nothing else is accepted: DRF's own field reads 1.5 as 1."""

    @classmethod
    def many_init(cls, *args: Any, **kwargs: Any) -> _Ids:
        of_list = {name: value for name, value in kwargs.items() if name in MANY_RELATION_KWARGS}
        return _Ids(child_relation=cls(*args, **kwargs), **of_list)

    def to_internal_value(self, data: Any) -> Any:
        if not whole(str(data)):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(data)


class NewestFirst(CursorPagination):
    """Pages by key, so that page 2,000 costs what page 1 costs."""

    ordering: str | tuple[str, ...] = "-pk"
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get("page_size", str(self.page_size))
        size = whole(asked)
        if not size:
            raise ValidationError({"page_size": ["Enter a whole number from 1."]})
        return min(size, self.max_page_size)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "page_size":
                parameter["schema"] = ID_SCHEMA
                parameter["description"] = f"{self.page_size} by default; {self.max_page_size} at most"
        return parameters

    def decode_cursor(self, request: Request) -> Any:
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None and not self.is_position(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor

    def is_position(self, text: str) -> bool:
        return whole(text) is not None


class NewestByTime(NewestFirst):
    """Sorted as `created` says, which an index has for each filter."""

    ordering = ("-created", "-pk")

    def is_position(self, text: str) -> bool:
        try:
            moment = parse_datetime(text)
            return moment is not None and moment.astimezone(UTC) is not None
        except (ValueError, OverflowError):
            return False


@extend_schema_field(serializers.CharField(allow_null=True))
class Who(serializers.StringRelatedField[Any]):
    """A person's name; null for the system itself."""


class Text(serializers.CharField):
    """Text alone: no number is turned into one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Several(serializers.ListField):
    """A list whose length is looked at before what is in it: each item may cost a query."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().to_internal_value(data)


class CodeAndMessage(serializers.Serializer):
    code = serializers.CharField(help_text="Stable, for programs")
    message = serializers.CharField(help_text="For people: what is wrong and what to do")


@extend_schema_field(CodeAndMessage(allow_null=True))
class JobError(serializers.Field):
    """Why a job failed, of its `error_code` and `error_message`; null for one that has not."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs |= {"source": "*", "read_only": True}
        super().__init__(**kwargs)

    def to_representation(self, row: Any) -> dict[str, str] | None:
        return {"code": row.error_code, "message": row.error_message} if row.error_code else None


class ErrorBody(CodeAndMessage):
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Of a form: what is wrong with which field",
    )
    request_id = serializers.CharField(
        required=False,
        help_text="For 500 and 503: its id in the server's log, as in the header X-Request-ID",
    )


class Error(serializers.Serializer):
    """Every refusal of this API."""

    error = ErrorBody()


def refusals(*statuses: int) -> dict[int, type[Error]]:
    """For the OpenAPI document: these statuses carry an `Error`."""
    return dict.fromkeys(statuses, Error)
