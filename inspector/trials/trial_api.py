"""Endpoints of trials: one photo as several versions see it."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from inspector.core.api import JobError, NothingUnread, Who, refusals, requires
from inspector.core.api_parsers import MultiPart
from inspector.inspections.api import AnythingAsked
from inspector.trials import selectors
from inspector.trials.ask import ask, cancel
from inspector.trials.asked import of_program
from inspector.trials.models import Trial, TrialJudgement
from inspector.trials.selectors import MOST
from inspector.trials.trial_views import picture_of

SEES = "registry.view_metrics"


class TrialVerdict(serializers.ModelSerializer):
    """What one version says, by the limits in force when it was asked."""

    category = serializers.CharField(source="version.category.slug")
    number = serializers.IntegerField(source="version.number")
    problem = serializers.CharField(help_text="Why there is no verdict, “” if there is one or none yet")
    preview = serializers.SerializerMethodField(help_text="Address of the photo as the version reads it")
    heatmap = serializers.SerializerMethodField(help_text="Address of the anomaly map")

    class Meta:
        model = TrialJudgement
        fields = (
            *(
                "version",
                "category",
                "number",
                "verdict",
                "other_part",
                "score",
                "threshold",
                "review_from",
                "p_value",
            ),
            *("milliseconds", "problem", "preview", "heatmap"),
        )
        read_only_fields = fields

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_preview(self, row: TrialJudgement) -> str | None:
        return self._address(row, "preview")

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_heatmap(self, row: TrialJudgement) -> str | None:
        return self._address(row, "heatmap")

    def _address(self, row: TrialJudgement, kind: str) -> str | None:
        if not getattr(row, kind):
            return None
        names = [row.trial_id, row.version_id, kind]
        return str(reverse("api:trial-picture", args=names, request=self.context.get("request")))


class TrialDetail(serializers.ModelSerializer):
    requested_by = Who()
    error = JobError()
    progress = serializers.JSONField(help_text="`done` of `total` versions, while it runs")
    judgements = serializers.SerializerMethodField(help_text="In the order the versions were named")

    class Meta:
        model = Trial
        fields = (
            *("id", "state", "progress", "created", "finished", "requested_by", "error"),
            *("filename", "sha256", "width", "height", "judgements"),
        )
        read_only_fields = fields

    @extend_schema_field(TrialVerdict(many=True))
    def get_judgements(self, row: Trial) -> Any:
        return TrialVerdict(selectors.judgements(row), many=True, context=self.context).data


class NewTrial(NothingUnread, serializers.Serializer):
    photo = serializers.FileField(allow_empty_file=True)
    version = serializers.ListField(
        child=serializers.CharField(max_length=20), min_length=1, help_text=f"A version's id; {MOST} at most"
    )


class Trials(ListAPIView):
    queryset = Trial.objects.select_related("requested_by").order_by("-pk")
    serializer_class = TrialDetail
    permission_classes = [requires(SEES)]
    parser_classes = [MultiPart]

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(requested_by=self.request.user.pk)

    @extend_schema(
        summary="Your trials, newest first",
        description="They are kept for a week.",
        responses={200: TrialDetail(many=True)} | refusals(401, 403),
        tags=["versions"],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Try a photo",
        description="Several versions judge one photo; poll it until its state is `done` or `failed`. It "
        "is not an inspection: it appears in neither history nor trends.",
        request={"multipart/form-data": NewTrial},
        responses={202: TrialDetail} | refusals(400, 401, 403, 409, 413),
        tags=["versions"],
    )
    def post(self, request: Request) -> Response:
        form = NewTrial(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        made = ask(photo=sent["photo"], versions=of_program(sent["version"]), by=request.user)
        return Response(self.get_serializer(made).data, status.HTTP_202_ACCEPTED)


class OneTrial(GenericAPIView):
    queryset = Trial.objects.all()
    serializer_class = TrialDetail
    permission_classes = [requires(SEES)]

    @extend_schema(
        summary="One trial", responses={200: TrialDetail} | refusals(401, 403, 404), tags=["versions"]
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(selectors.trial(pk)).data)


class CancelTrial(GenericAPIView):
    queryset = Trial.objects.all()
    serializer_class = TrialDetail
    permission_classes = [requires(SEES)]

    @extend_schema(
        summary="Cancel a trial",
        request=None,
        responses={200: TrialDetail} | refusals(401, 403, 404, 409),
        tags=["versions"],
    )
    def post(self, request: Request, pk: int) -> Response:
        return Response(self.get_serializer(cancel(selectors.trial(pk))).data)


class TrialPicture(GenericAPIView):
    queryset = Trial.objects.all()
    content_negotiation_class = AnythingAsked
    permission_classes = [requires(SEES)]

    @extend_schema(
        operation_id="trials_picture_retrieve",
        summary="The photo of a trial, or its anomaly map by one version",
        description="`kind`: `preview` or `heatmap`.",
        responses={(200, "image/*"): OpenApiTypes.BINARY} | refusals(401, 403, 404),
        tags=["versions"],
    )
    def get(self, request: Request, pk: int, version: int, kind: str) -> HttpResponseBase:
        return picture_of(request._request, pk, version, kind)
