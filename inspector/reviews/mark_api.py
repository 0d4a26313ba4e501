"""Endpoints of marks: where on a photo a person sees the defect."""

from typing import Any

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from PIL import Image
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from inspector.core.api import refusals, requires
from inspector.core.api_parsers import JSON, MultiPart
from inspector.inspections import selectors as inspections
from inspector.inspections.models import Inspection
from inspector.inspections.outlines import outlines_of
from inspector.reviews import masks
from inspector.reviews.decide import UNASKED
from inspector.reviews.mark import mark, refuse_to_mark
from inspector.reviews.marks import marks, one, standing_mark
from inspector.reviews.models import Mark
from inspector.reviews.serializers import DefectMark, NewMark, Outlines, Reason
from inspector.reviews.show_mark import mask_of
from inspector.reviews.unmark import unmark


class MarkOfInspection(GenericAPIView):
    queryset = Mark.objects.all()
    serializer_class = DefectMark
    parser_classes = [MultiPart, JSON]

    def get_permissions(self) -> Any:
        adds = self.request.method == "POST"
        return [requires("reviews.add_review" if adds else "reviews.view_review")()]

    @extend_schema(
        summary="The mark of an inspection",
        description="The newest, unless it was withdrawn: then 404.",
        responses={200: DefectMark} | refusals(401, 403, 404),
        tags=["reviews"],
    )
    def get(self, request: Request, pk: int) -> Response:
        standing = standing_mark(inspections.inspection(pk))
        if standing is None:
            raise Http404(f"Nobody marked inspection {pk}.")
        return Response(self.get_serializer(standing).data)

    @extend_schema(
        summary="Mark where the defect is",
        description="As a mask (a form with a file), or as polygons and boxes (JSON). It is added beside the "
        "model's map; the newest mark counts. Whoever may decide about the photo may mark it. 409 "
        "`no_verdict`, `no_photo`, `decided_good`: there is nothing to mark; `marked_meanwhile`: another "
        "mark stands than `seen` says.",
        request={"multipart/form-data": NewMark, "application/json": NewMark},
        responses={201: DefectMark} | refusals(400, 401, 403, 404, 409, 413),
        tags=["reviews"],
    )
    def post(self, request: Request, pk: int) -> Response:
        inspection = inspections.inspection(pk)
        refuse_to_mark(inspection, request.user)
        form = NewMark(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        mask, tools = _mask(inspection, sent)
        made = mark(inspection, mask, by=request.user, tools=tools, seen=sent.get("seen", UNASKED))
        return Response(self.get_serializer(one(made.pk)).data, status.HTTP_201_CREATED)


def _mask(inspection: Inspection, sent: dict[str, Any]) -> tuple[Image.Image, list[str]]:
    size = (inspection.width, inspection.height)
    if sent.get("mask"):
        return masks.from_png(sent["mask"].read(masks.MAX_BYTES + 1), size), ["mask"]
    polygons, boxes = sent.get("polygons", []), sent.get("boxes", [])
    tools = [name for name, shapes in (("polygon", polygons), ("box", boxes)) if shapes]
    return masks.from_shapes(polygons, boxes, size), tools


class MaskOfMark(GenericAPIView):
    queryset = marks()
    serializer_class = DefectMark
    permission_classes = [requires("reviews.view_review")]

    @extend_schema(
        summary="The mask of a mark",
        description="PNG at the photo's size, upright as it is shown: 255 on the defect, else 0.",
        responses={(200, "image/png"): OpenApiTypes.BINARY} | refusals(401, 403, 404),
        tags=["reviews"],
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        return mask_of(request._request, one(pk))


class WithdrawMark(GenericAPIView):
    queryset = marks()
    serializer_class = DefectMark
    permission_classes = [requires("reviews.add_review")]

    @extend_schema(
        summary="Withdraw a mark",
        description="Your own; admins can withdraw any, with a reason. Then the inspection has no mark.",
        request=Reason,
        responses={200: DefectMark} | refusals(400, 401, 403, 404, 409),
        tags=["reviews"],
    )
    def post(self, request: Request, pk: int) -> Response:
        form = Reason(data=request.data)
        form.is_valid(raise_exception=True)
        unmark(one(pk), by=request.user, reason=str(form.validated_data.get("reason", "")))
        return Response(self.get_serializer(one(pk)).data)


class OutlinesOfMap(GenericAPIView):
    queryset = Inspection.objects.all()
    serializer_class = Outlines
    permission_classes = [requires("inspections.view_inspection")]

    @extend_schema(
        summary="The outlines of an anomaly map",
        description="Where it reaches the limits that the photo was judged by: what a mark can begin with.",
        responses={200: Outlines} | refusals(401, 403, 404),
        tags=["reviews"],
    )
    def get(self, request: Request, pk: int) -> Response:
        return Response(outlines_of(inspections.inspection(pk)))
