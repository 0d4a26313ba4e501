"""Endpoints of robustness reports and of the gate before promoting."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inspector.categories.models import Category
from inspector.core.api import JobError, NothingUnread, Who, refusals, requires
from inspector.registry.selectors import versions
from inspector.robustness import selectors
from inspector.robustness.ask import ask, cancel
from inspector.robustness.gate import change_gate, gate_of
from inspector.robustness.models import MOST_PHOTOS, PHOTOS, STRENGTHS, RobustnessReport
from inspector.robustness.views import ASKS, SETS


class ReportDetail(serializers.ModelSerializer):
    """results: false alarms, misses and AUROC after each change of each strength, and sentences (`says`)."""

    requested_by = Who()
    error = JobError()
    progress = serializers.JSONField(help_text="`done` of `total` verdicts, while it runs")
    results = serializers.JSONField(help_text="Empty until it is done")

    class Meta:
        model = RobustnessReport
        fields = (
            *("id", "version", "state", "progress", "photos", "threshold", "review_from", "created"),
            *("finished", "requested_by", "error", "results"),
        )
        read_only_fields = fields


class NewReport(NothingUnread, serializers.Serializer):
    photos = serializers.IntegerField(
        default=PHOTOS,
        min_value=1,
        max_value=MOST_PHOTOS,
        help_text="Good test photos, and as many defective ones",
    )


class OfVersion(GenericAPIView):
    queryset = versions()
    serializer_class = ReportDetail

    def get_permissions(self) -> Any:
        return [requires(ASKS if self.request.method == "POST" else "registry.view_metrics")()]

    @extend_schema(
        operation_id="versions_robustness_retrieve",
        summary="The robustness report of a version",
        description="The newest, whatever its state. 404 where nobody asked for one.",
        responses={200: ReportDetail} | refusals(401, 403, 404),
        tags=["versions"],
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(self.newest()).data)

    @extend_schema(
        operation_id="versions_robustness_create",
        summary="Measure how a version's verdicts hold under harmless changes",
        description="A worker makes it in some minutes; poll until its state is `done` or `failed`. While "
        "one is open, asking again gives that one. QA managers and admins only.",
        request=NewReport,
        responses={202: ReportDetail} | refusals(400, 401, 403, 404, 409),
        tags=["versions"],
    )
    def post(self, request: Request, pk: int) -> Response:
        sent = NewReport(data=request.data)
        sent.is_valid(raise_exception=True)
        made = ask(self.get_object(), by=request.user, **sent.validated_data)
        return Response(self.get_serializer(made).data, status.HTTP_202_ACCEPTED)

    def newest(self) -> RobustnessReport:
        version = self.get_object()
        newest = selectors.newest(version)
        if newest is None:
            raise NotFound(f"Nobody has asked for a robustness report of {version}.")
        return newest


class Cancel(OfVersion):
    http_method_names = ["post", "options"]

    @extend_schema(
        operation_id="versions_robustness_cancel",
        summary="Cancel the robustness report in progress",
        request=None,
        responses={200: ReportDetail} | refusals(401, 403, 404, 409),
        tags=["versions"],
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(cancel(self.newest(), by=request.user)).data)


class GateDetail(NothingUnread, serializers.Serializer):
    """When promoting a version asks for a confirmation. What is not sent stays as it is."""

    is_on = serializers.BooleanField(
        required=False, help_text="Ask without a robustness report, or with too many false alarms"
    )
    strength = serializers.IntegerField(required=False, min_value=STRENGTHS[0], max_value=STRENGTHS[-1])
    most = serializers.FloatField(
        required=False, min_value=0, max_value=100, help_text="Most false alarms of any change, in per cent"
    )


class Gate(APIView):
    def get_permissions(self) -> Any:
        return [requires(SETS if self.request.method == "PATCH" else "registry.view_metrics")()]

    @extend_schema(
        summary="What a category requires before promoting",
        responses={200: GateDetail} | refusals(401, 403, 404),
        tags=["versions"],
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(GateDetail(gate_of(get_object_or_404(Category, slug=slug))).data)

    @extend_schema(
        summary="Change what a category requires before promoting",
        description="Admins only.",
        request=GateDetail,
        responses={200: GateDetail} | refusals(400, 401, 403, 404),
        tags=["versions"],
    )
    def patch(self, request: Request, slug: str) -> Response:
        category = get_object_or_404(Category, slug=slug)
        sent = GateDetail(data=request.data, partial=True)  # what a form leaves out is not false
        sent.is_valid(raise_exception=True)
        return Response(GateDetail(change_gate(category, by=request.user, **sent.validated_data)).data)
