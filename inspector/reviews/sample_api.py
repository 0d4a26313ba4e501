"""The endpoint that sends decided photos to the samples."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inspector.core.api import ErrorBody, NothingUnread, refusals, requires
from inspector.core.numbers import BIGGEST
from inspector.inspections.models import Inspection
from inspector.reviews.send import AT_ONCE, send_to_samples


class PhotosToSend(NothingUnread, serializers.Serializer):
    inspections = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=BIGGEST),
        min_length=1,
        max_length=AT_ONCE,
        help_text=f"IDs of decided ones, {AT_ONCE} at most",
    )


class SentToSamples(serializers.Serializer):
    sent = serializers.ListField(child=serializers.IntegerField(), help_text="IDs of new samples")
    masked = serializers.ListField(
        child=serializers.IntegerField(), help_text="IDs of existing samples that got another mask"
    )
    duplicates = serializers.ListField(
        child=serializers.IntegerField(), help_text="Inspections whose photo was among the samples already"
    )
    refused = ErrorBody(many=True)


class ToSamples(APIView):
    permission_classes = [requires("reviews.send_to_samples")]

    @extend_schema(
        summary="Send decided photos to the samples",
        description="By their standing review: good ones to training, defective ones to test under their "
        "defect type, with their mark as mask. Each by itself; unknown IDs are left out.",
        request=PhotosToSend,
        responses={200: SentToSamples} | refusals(400, 401, 403),
        tags=["reviews"],
    )
    def post(self, request: Request) -> Response:
        form = PhotosToSend(data=request.data)
        form.is_valid(raise_exception=True)
        rows = Inspection.objects.filter(pk__in=form.validated_data["inspections"]).order_by("pk")
        sent = send_to_samples(list(rows.select_related("category")), by=request.user)
        answer = {
            "sent": [sample.pk for sample in sent.samples],
            "masked": [sample.pk for sample in sent.masked],
            "duplicates": [row.pk for row in sent.duplicates],
            "refused": [{"code": one.code, "message": one.message} for one in sent.refused],
        }
        return Response(SentToSamples(answer).data)
