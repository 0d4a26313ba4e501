"""Endpoints of inspections."""

import math
from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from inspector.core.api import NewestByTime, refusals, requires
from inspector.core.api_parsers import MultiPart
from inspector.inspections.anyway import judge_anyway, send_as
from inspector.inspections.dismiss import dismiss
from inspector.inspections.earlier import with_earlier
from inspector.inspections.filters import InspectionFilter, order_of
from inspector.inspections.hold import try_now
from inspector.inspections.keys import KEY_HEADER, REPLAY_HEADER
from inspector.inspections.models import KEY_LENGTH, Inspection, Source
from inspector.inspections.orders import TIME
from inspector.inspections.parts import part_of
from inspector.inspections.retry import retry
from inspector.inspections.selectors import history
from inspector.inspections.serializers import InspectionDetail, NewCategory, NoneSent, SendInspections, Sent
from inspector.inspections.show import KINDS, picture
from inspector.inspections.submit import Submission, submit

ALL_REJECTED = {
    "code": "all_rejected",
    "message": "None of the files can be judged; `rejected` says why for each.",
}


class InOrder(NewestByTime):
    """Sorted as the filter says: by time, score or doubt."""

    order = TIME

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        self.order = order_of(request.query_params)
        if self.order.is_time:
            return self.ordering
        way = "" if self.order.rising else "-"
        return (f"{way}{self.order.column}", f"{way}pk")

    def is_position(self, text: str) -> bool:
        if self.order.is_time:
            return super().is_position(text)
        try:
            return math.isfinite(float(text))
        except ValueError:
            return False


class Inspections(ListAPIView):
    queryset = history()
    serializer_class = InspectionDetail
    filterset_class = InspectionFilter
    pagination_class = InOrder
    parser_classes = [MultiPart]

    def paginate_queryset(self, queryset: Any) -> Any:
        return with_earlier(super().paginate_queryset(queryset) or [])

    @extend_schema(
        summary="Inspections, newest first",
        description="`score_min` and `score_max` are multiples of the threshold. `sort` is `score` (highest "
        "multiple first) or `doubt` (nearest to the threshold first, in deviations of good scores); without "
        "it, and for a `state` without scores, the newest comes first.",
        tags=["inspections"],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Send photos of one category",
        description="Answers at once; poll each inspection until its state is `done` or `failed`. "
        "A bad file is listed in `rejected` and does not affect the others. Give each request an "
        "`Idempotency-Key`: if the connection is cut, send the same again with the same key, and the "
        "photos are not taken twice. The answer is then the first one, with `Idempotent-Replay: true`.",
        parameters=[
            OpenApiParameter(
                KEY_HEADER,
                OpenApiTypes.STR,
                location=OpenApiParameter.HEADER,
                description=f"Of your choice, such as a UUID; up to {KEY_LENGTH} characters, kept two days",
            )
        ],
        request={"multipart/form-data": SendInspections},
        responses={
            202: Sent,
            400: OpenApiResponse(NoneSent, "A bad request (`error`), or every file is bad (`rejected`)"),
        }
        | refusals(409, 422),
        filters=False,
        tags=["inspections"],
    )
    def post(self, request: Request) -> Response:
        form = SendInspections(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        submission = submit(
            category=sent["category"],
            uploads=sent["images"],
            by=request.user,
            source=Source.API,
            batch=sent.get("batch"),
            key=request.headers.get(KEY_HEADER, ""),
            part=part_of(sent),
        )
        if submission.inspections:
            again = {REPLAY_HEADER: "true"} if submission.again else None
            return Response(_submission_data(submission), status.HTTP_202_ACCEPTED, headers=again)
        return Response({"error": ALL_REJECTED} | _submission_data(submission), status.HTTP_400_BAD_REQUEST)


def _submission_data(submission: Submission) -> dict[str, Any]:
    batch = submission.batch.pk if submission.batch else None
    inspections, rejected = submission.inspections, submission.rejected
    return dict(Sent({"batch": batch, "inspections": inspections, "rejected": rejected}).data)


@extend_schema(
    summary="One inspection", responses={200: InspectionDetail} | refusals(404), tags=["inspections"]
)
class OneInspection(RetrieveAPIView):
    queryset = history()
    serializer_class = InspectionDetail

    def get_object(self) -> Inspection:
        return with_earlier([super().get_object()])[0]


class Retry(GenericAPIView):
    queryset = history()
    serializer_class = InspectionDetail
    permission_classes = [requires("inspections.retry_inspection")]

    @extend_schema(
        summary="Retry a failed inspection",
        request=None,
        responses={202: InspectionDetail} | refusals(403, 404, 409),
        tags=["inspections"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        inspection = retry(self.get_object(), by=request.user)
        return Response(self.get_serializer(inspection).data, status.HTTP_202_ACCEPTED)


class Dismiss(GenericAPIView):
    queryset = history()
    serializer_class = InspectionDetail
    permission_classes = [requires("inspections.retry_inspection")]

    @extend_schema(
        summary="Remove a failed inspection from the lists that ask for attention",
        description="Its record is kept: `GET /api/inspections/?state=dismissed` lists such inspections. "
        "A retry brings it back.",
        request=None,
        responses={200: InspectionDetail} | refusals(403, 404, 409),
        tags=["inspections"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(self.get_serializer(dismiss(self.get_object(), by=request.user)).data)


class TryNow(GenericAPIView):
    queryset = history()
    serializer_class = InspectionDetail
    permission_classes = [requires("inspections.retry_inspection")]

    @extend_schema(
        summary="Try a held inspection now",
        description="For a photo held back by a fault of storage, database, memory or GPU (`wait` is not "
        "null).",
        request=None,
        responses={202: InspectionDetail} | refusals(403, 404, 409),
        tags=["inspections"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        inspection = try_now(self.get_object(), by=request.user)
        return Response(self.get_serializer(inspection).data, status.HTTP_202_ACCEPTED)


class JudgeAnyway(GenericAPIView):
    queryset = history()
    serializer_class = InspectionDetail
    permission_classes = [requires("inspections.retry_inspection")]

    @extend_schema(
        summary="Judge a photo that seems to show another part",
        description="For a photo that failed with the code `not_this_part`, but does show the part.",
        request=None,
        responses={202: InspectionDetail} | refusals(403, 404, 409),
        tags=["inspections"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        inspection = judge_anyway(self.get_object(), by=request.user)
        return Response(self.get_serializer(inspection).data, status.HTTP_202_ACCEPTED)


class SendAs(GenericAPIView):
    queryset = history()
    serializer_class = InspectionDetail
    permission_classes = [requires("inspections.retry_inspection"), requires("inspections.add_inspection")]

    @extend_schema(
        summary="Send a photo as one of another category",
        description="For one that failed with the code `not_this_part`. Answers with the new inspection; the "
        "one here leaves the list and is kept.",
        request=NewCategory,
        responses={202: InspectionDetail} | refusals(400, 403, 404, 409),
        tags=["inspections"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        form = NewCategory(data=request.data)
        form.is_valid(raise_exception=True)
        sent = send_as(self.get_object(), form.validated_data["category"], by=request.user)
        return Response(self.get_serializer(sent).data, status.HTTP_202_ACCEPTED)


class AnythingAsked(BaseContentNegotiation):
    """A picture is what it is, whatever the client says it would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class Picture(GenericAPIView):
    queryset = history()
    content_negotiation_class = AnythingAsked

    @extend_schema(
        summary="A picture of an inspection",
        parameters=[
            OpenApiParameter("kind", location="path", enum=KINDS),
            OpenApiParameter("download", OpenApiTypes.STR, description="If present: sent as a download"),
        ],
        responses={(200, "image/*"): OpenApiTypes.BINARY} | refusals(404),
        tags=["inspections"],
    )
    def get(self, request: Request, pk: int, kind: str) -> HttpResponseBase:
        if kind not in KINDS:
            raise Http404
        return picture(request._request, pk, kind)
