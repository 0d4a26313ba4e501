"""Endpoints of Trends: the numbers of its charts, by the same rules."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inspector.core.api import refusals, requires
from inspector.monitoring import charts, drift, live_line, serializers
from inspector.monitoring.asked import BY, MOST_DAYS, RULES, Asked
from inspector.monitoring.periods import MOST_POINTS, PER
from inspector.monitoring.views import SEE

MOMENT = "A date, or a moment in ISO 8601"
CATEGORY = OpenApiParameter("category", OpenApiTypes.STR, description="A category's slug; all unless told")
PERIOD = [
    CATEGORY,
    OpenApiParameter("since", OpenApiTypes.STR, description=f"{MOMENT}; 30 days before `until` unless told"),
    OpenApiParameter(
        "until", OpenApiTypes.STR, description=f"{MOMENT}, included; {MOST_DAYS} days after `since` at most"
    ),
]
POINTS = [
    OpenApiParameter(
        "per",
        OpenApiTypes.STR,
        enum=[name for name, _ in PER],
        description=f"What a point is; by the length of the period unless told. {MOST_POINTS} points at most",
    ),
    OpenApiParameter("base_since", OpenApiTypes.STR, description="Base period; the whole one unless told"),
    OpenApiParameter("base_until", OpenApiTypes.STR, description="Its end, included"),
    OpenApiParameter("rules", OpenApiTypes.STR, enum=[name for name, _ in RULES]),
]
COMPARED = [
    OpenApiParameter(
        "by",
        OpenApiTypes.STR,
        enum=[name for name, _ in BY],
        description="Categories, or versions of one, unless told",
    )
]


class Chart(APIView):
    """One chart's numbers."""

    name = ""
    permission_classes = [requires(SEE)]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = Asked.of_program(request.query_params)
        return Response(charts.BY_NAME[self.name](asked, charts.of_period(asked)).told)


def told(summary: str, answer: Any, *more: OpenApiParameter) -> Any:
    return extend_schema(
        summary=summary,
        parameters=[*PERIOD, *more],
        responses={200: answer} | refusals(400, 401, 403),
        tags=["trends"],
    )


def told_many(summary: str, answer: Any, *parameters: OpenApiParameter) -> Any:
    """Of what is no chart."""
    return extend_schema(
        summary=summary,
        parameters=list(parameters),
        responses={200: answer} | refusals(400, 401, 403),
        tags=["trends"],
    )


@told("The defect rate as a control chart", serializers.RateDetail, *POINTS)
class RateOfDefects(Chart):
    name = "rate"


@told("Pareto of defect types", serializers.DefectsDetail)
class DefectTypesFound(Chart):
    name = "defects"


@told("Defect rates compared", serializers.ComparisonDetail, *COMPARED)
class Comparison(Chart):
    name = "comparison"


@told("Defect rate by hour and weekday", serializers.HeatDetail)
class ByHourAndWeekday(Chart):
    name = "heat"


class DriftFound(APIView):
    permission_classes = [requires(SEE)]

    @told_many(
        "Drift of scores, brightness, sharpness and size", serializers.DriftDetail(many=True), CATEGORY
    )
    def get(self, request: Request) -> Response:
        found = drift.told(Asked.of_program(request.query_params))
        return Response(serializers.DriftDetail(found, many=True).data)


class LiveLine(APIView):
    permission_classes = [requires(SEE)]

    @told_many("Escapes and false calls", serializers.SideDetail(many=True), *PERIOD)
    def get(self, request: Request) -> Response:
        found = live_line.sides(Asked.of_program(request.query_params))
        return Response(serializers.SideDetail(found, many=True).data)
