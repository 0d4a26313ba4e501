"""Endpoints of explanations."""

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from detection.options.explanations import KINDS
from inspector.core.api import JobError, NothingUnread, Who, refusals, requires
from inspector.explanations import selectors
from inspector.explanations.ask import ask, cancel
from inspector.explanations.models import Explanation
from inspector.explanations.views import PERMISSION, picture_of
from inspector.inspections import selectors as inspections
from inspector.inspections.api import AnythingAsked


class ExplanationDetail(serializers.ModelSerializer):
    requested_by = Who()
    error = JobError()
    progress = serializers.JSONField(help_text="`done` of `total` steps, while it runs")
    facts = serializers.JSONField(
        help_text="What it `says`, in sentences; numbers; boxes: left, top, right, bottom, in shares"
    )
    pictures = serializers.SerializerMethodField(help_text="Their addresses, by the names that `facts` uses")

    class Meta:
        model = Explanation
        fields = (
            *("id", "inspection", "version", "kind", "state", "progress", "created", "finished"),
            *("requested_by", "error", "facts", "pictures"),
        )
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.URLField()))
    def get_pictures(self, row: Explanation) -> dict[str, str]:
        request = self.context.get("request")
        return {
            name: str(reverse("api:explanation-picture", args=[row.pk, name], request=request))
            for name in row.pictures
        }


class NewExplanation(NothingUnread, serializers.Serializer):
    kind = serializers.ChoiceField(choices=[(kind.name, kind.title) for kind in KINDS.values()])


class OfInspection(GenericAPIView):
    queryset = Explanation.objects.all()
    serializer_class = ExplanationDetail
    permission_classes = [requires(PERMISSION)]
    pagination_class = None

    @extend_schema(
        operation_id="inspections_explanations_list",
        summary="Explanations of an inspection",
        description="Those by the version that judged it.",
        responses={200: ExplanationDetail(many=True)} | refusals(401, 403, 404),
        tags=["explanations"],
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = selectors.of_inspection(inspections.inspection(pk))
        return Response(self.get_serializer(rows, many=True).data)

    @extend_schema(
        summary="Explain an inspection",
        description="A worker makes it; poll it until its state is `done` or `failed`. A second "
        "request gives the same one; one that failed or was cancelled is tried again. Kept for some weeks.",
        request=NewExplanation,
        responses={202: ExplanationDetail} | refusals(400, 401, 403, 404, 409),
        tags=["explanations"],
    )
    def post(self, request: Request, pk: int) -> Response:
        form = NewExplanation(data=request.data)
        form.is_valid(raise_exception=True)
        made = ask(inspections.inspection(pk), form.validated_data["kind"], by=request.user)
        return Response(self.get_serializer(made).data, status.HTTP_202_ACCEPTED)


class OneExplanation(GenericAPIView):
    queryset = Explanation.objects.all()
    serializer_class = ExplanationDetail
    permission_classes = [requires(PERMISSION)]

    @extend_schema(
        summary="One explanation",
        responses={200: ExplanationDetail} | refusals(401, 403, 404),
        tags=["explanations"],
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(selectors.explanation(pk)).data)


class ExplanationPicture(GenericAPIView):
    queryset = Explanation.objects.all()
    content_negotiation_class = AnythingAsked
    permission_classes = [requires(PERMISSION)]

    @extend_schema(
        summary="A picture of an explanation",
        responses={(200, "image/*"): OpenApiTypes.BINARY} | refusals(401, 403, 404),
        tags=["explanations"],
    )
    def get(self, request: Request, pk: int, name: str) -> HttpResponseBase:
        return picture_of(request._request, selectors.explanation(pk), name)


class CancelExplanation(GenericAPIView):
    queryset = Explanation.objects.all()
    serializer_class = ExplanationDetail
    permission_classes = [requires(PERMISSION)]

    @extend_schema(
        summary="Cancel an explanation",
        request=None,
        responses={200: ExplanationDetail} | refusals(401, 403, 404, 409),
        tags=["explanations"],
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(cancel(selectors.explanation(pk))).data)
