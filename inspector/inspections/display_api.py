"""Endpoints of saved views."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from inspector.core.api import NewestFirst, NothingUnread, Text, Who, refusals, requires
from inspector.core.api_parsers import JSON
from inspector.inspections import display
from inspector.inspections.columns import every
from inspector.inspections.models import SavedView
from inspector.inspections.models_display import VIEW_LENGTH, Layout

TEXT_LENGTH = 200


class ViewDetail(serializers.ModelSerializer):
    owner = Who()
    query = serializers.JSONField(help_text="As `GET /api/inspections/` takes it")
    columns = serializers.ListField(child=serializers.CharField(), help_text="Names; empty for the default")

    class Meta:
        model = SavedView
        fields = ("id", "name", "owner", "shared", "query", "layout", "columns", "created")
        read_only_fields = fields


class NewView(NothingUnread, serializers.Serializer):
    """Your view of this name is changed where there is one."""

    name = Text(max_length=VIEW_LENGTH)
    query = serializers.DictField(child=Text(max_length=TEXT_LENGTH), required=False)
    layout = serializers.ChoiceField(choices=Layout.choices, required=False)
    columns = serializers.ListField(child=Text(max_length=40), required=False, max_length=40)
    shared = serializers.BooleanField(required=False)

    def validate_columns(self, names: list[str]) -> list[str]:
        unknown = set(names) - {column.name for column in every()}
        if unknown:
            raise serializers.ValidationError(f"There is no column “{sorted(unknown)[0][:40]}”.")
        return names


class SavedViews(ListAPIView):
    queryset = SavedView.objects.all()
    serializer_class = ViewDetail
    pagination_class = NewestFirst
    parser_classes = [JSON]  # a form cannot say `query`
    permission_classes = [requires("inspections.view_inspection")]

    def get_queryset(self) -> Any:
        return display.visible(self.request.user)

    @extend_schema(summary="Saved views of the history: yours and shared ones", tags=["inspections"])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Save a view of the history",
        request=NewView,
        responses={201: ViewDetail} | refusals(400, 401, 403, 409),
        tags=["inspections"],
    )
    def post(self, request: Request) -> Response:
        form = NewView(data=request.data)
        form.is_valid(raise_exception=True)
        asked = form.validated_data
        made = display.save(
            request.user,
            asked["name"],
            asked.get("query", {}),
            layout=asked.get("layout", Layout.LIST),
            names=asked.get("columns", []),
            shared=asked.get("shared", False),
        )
        return Response(self.get_serializer(made).data, status.HTTP_201_CREATED)


class OneView(GenericAPIView):
    queryset = SavedView.objects.all()
    serializer_class = ViewDetail
    permission_classes = [requires("inspections.view_inspection")]

    @extend_schema(
        summary="A saved view", responses={200: ViewDetail} | refusals(401, 403, 404), tags=["inspections"]
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(display.view(request.user, pk)).data)

    @extend_schema(
        summary="Delete a saved view",
        description="Your own; admins may delete shared ones.",
        request=None,
        responses={204: None} | refusals(401, 403, 404),
        tags=["inspections"],
    )
    def delete(self, request: Request, pk: int) -> Response:
        display.delete(request.user, display.view(request.user, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)
