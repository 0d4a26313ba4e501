"""Endpoints of exports."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from inspector.core.api import JobError, NewestFirst, NothingUnread, Text, Who, refusals, requires
from inspector.core.api_parsers import JSON
from inspector.core.jobs import State
from inspector.exports.ask import ask, cancel
from inspector.exports.models import Export, Form
from inspector.exports.selectors import export_for
from inspector.exports.views import PERMISSION, file_of
from inspector.inspections.api import AnythingAsked
from inspector.inspections.filters import InspectionFilter

TEXT_LENGTH = 200


class ExportDetail(serializers.ModelSerializer):
    requested_by = Who()
    error = JobError()
    progress = serializers.JSONField(help_text="`done` of `total` inspections, while it runs")
    query = serializers.JSONField(help_text="As `GET /api/inspections/` takes them")
    until = serializers.DateTimeField(allow_null=True, help_text="When the file is removed")
    file = serializers.SerializerMethodField(help_text="Its address, once it is ready")

    class Meta:
        model = Export
        fields = (
            *("id", "form", "query", "state", "progress", "rows", "bytes", "created", "finished", "until"),
            *("requested_by", "error", "file"),
        )
        read_only_fields = fields

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_file(self, row: Export) -> str | None:
        if row.state != State.DONE:
            return None
        return str(reverse("api:export-file", args=[row.pk], request=self.context.get("request")))


class Query(serializers.DictField):
    child = Text(max_length=TEXT_LENGTH)

    def to_internal_value(self, data: Any) -> Any:
        query = super().to_internal_value(data)
        unknown = query.keys() - InspectionFilter.base_filters.keys()
        if unknown:
            raise serializers.ValidationError(f"There is no filter “{sorted(unknown)[0][:40]}”.")
        return query


class NewExport(NothingUnread, serializers.Serializer):
    """What to export as what."""

    form = serializers.ChoiceField(choices=Form.choices)
    query = Query(
        required=False, help_text="Filters and `sort` as for `GET /api/inspections/`; by default all"
    )


class Exports(ListAPIView):
    queryset = Export.objects.all()
    serializer_class = ExportDetail
    pagination_class = NewestFirst
    parser_classes = [JSON]  # a form cannot say `query`
    permission_classes = [requires(PERMISSION)]

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(requested_by=self.request.user).select_related("requested_by")

    @extend_schema(summary="Your exports, newest first", tags=["exports"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Export inspections",
        description="A worker writes the file; poll the export until its state is `done` or `failed`. The "
        "file is removed after some days (`until`).",
        request=NewExport,
        responses={202: ExportDetail} | refusals(400, 401, 403, 409),
        tags=["exports"],
    )
    def post(self, request: Request) -> Response:
        form = NewExport(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        made = ask(form=asked["form"], query=asked.get("query", {}), by=request.user)
        return Response(self.get_serializer(made).data, status.HTTP_202_ACCEPTED)


class OneExport(GenericAPIView):
    queryset = Export.objects.all()
    serializer_class = ExportDetail
    permission_classes = [requires(PERMISSION)]

    @extend_schema(
        summary="One export",
        description="Your own; admins may open any.",
        responses={200: ExportDetail} | refusals(401, 403, 404),
        tags=["exports"],
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(export_for(request.user, pk)).data)


class ExportFile(GenericAPIView):
    queryset = Export.objects.all()
    content_negotiation_class = AnythingAsked
    permission_classes = [requires(PERMISSION)]

    @extend_schema(
        summary="The file of an export",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY} | refusals(401, 403, 404),
        tags=["exports"],
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        return file_of(request._request, export_for(request.user, pk))


class CancelExport(GenericAPIView):
    queryset = Export.objects.all()
    serializer_class = ExportDetail
    permission_classes = [requires(PERMISSION)]

    @extend_schema(
        summary="Cancel an export",
        request=None,
        responses={200: ExportDetail} | refusals(401, 403, 404, 409),
        tags=["exports"],
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(cancel(export_for(request.user, pk))).data)
