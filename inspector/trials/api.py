"""Endpoint of comparisons."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inspector.core.api import refusals, requires
from inspector.trials import selectors
from inspector.trials.asked import of_program
from inspector.trials.beside import compare
from inspector.trials.selectors import MOST


class Metric(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True, help_text="Of the 95 % interval")
    high = serializers.FloatField(allow_null=True)


class Counted(serializers.Serializer):
    name = serializers.CharField()
    count = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Number of test photos")


class KindRecall(serializers.Serializer):
    name = serializers.CharField()
    n = serializers.IntegerField()
    flagged = serializers.IntegerField(allow_null=True)
    recall = serializers.FloatField(allow_null=True)


class PointField(serializers.ListField):
    child = serializers.FloatField()


class ComparedVersion(serializers.Serializer):
    """A version; scores and limits in multiples of its threshold."""

    id = serializers.IntegerField(source="version.pk")
    category = serializers.CharField(source="version.category.slug")
    number = serializers.IntegerField(source="version.number")
    method = serializers.CharField(source="version.method")
    standing = serializers.CharField(source="version.standing")
    n_good = serializers.IntegerField(source="version.results.n_good")
    n_defect = serializers.IntegerField(source="version.results.n_defect")
    metrics = Metric(many=True)
    mistakes = Counted(many=True)
    kinds = KindRecall(many=True)
    roc = PointField(child=PointField(), help_text="Shares of good and of defective photos flagged")
    precision_recall = PointField(child=PointField(), source="pr", help_text="Recall and precision")
    ms_per_image = serializers.FloatField(source="milliseconds", allow_null=True)
    training_seconds = serializers.FloatField(source="version.making.seconds", allow_null=True)


class Compare(APIView):
    permission_classes = [requires("registry.view_metrics")]

    @extend_schema(
        summary="Versions of several categories side by side",
        parameters=[
            OpenApiParameter(
                "version", OpenApiTypes.INT, many=True, description=f"A version's id; {MOST} at most"
            )
        ],
        responses={200: ComparedVersion(many=True)} | refusals(400, 401, 403),
        tags=["versions"],
    )
    def get(self, request: Request) -> Response:
        shown = of_program(request.query_params.getlist("version"))
        return Response(ComparedVersion(compare(shown, selectors.scores(shown)).shown, many=True).data)
