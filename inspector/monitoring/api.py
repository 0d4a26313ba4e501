"""Endpoints of Trends: the numbers of its charts, by the same rules."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inspector.core.api import refusals, requires
from inspector.monitoring import charts, drift, groups, live_line, serializers
from inspector.monitoring.asked import BY, MOST_DAYS, RULES, Asked
from inspector.monitoring.periods import MOST_POINTS, PER
from inspector.monitoring.views import SEE

MOMENT = "A date, or a moment in ISO 8601"
CATEGORY = OpenApiParameter("category", OpenApiTypes.STR, description="A category's slug; all by default")
PERIOD = [
    CATEGORY,
    OpenApiParameter("since", OpenApiTypes.STR, description=f"{MOMENT}; 30 days before `until` by default"),
    OpenApiParameter(
        "until", OpenApiTypes.STR, description=f"{MOMENT}, included; {MOST_DAYS} days after `since` at most"
    ),
]
POINTS = [
    OpenApiParameter(
        "per",
        OpenApiTypes.STR,
        enum=[name for name, _ in PER],
        description=f"What a point is; by the length of the period by default. {MOST_POINTS} points at most",
    ),
    OpenApiParameter("base_since", OpenApiTypes.STR, description="Base period; the whole one by default"),
    OpenApiParameter("base_until", OpenApiTypes.STR, description="Its end, included"),
    OpenApiParameter("rules", OpenApiTypes.STR, enum=[name for name, _ in RULES]),
]
COMPARED = [
    OpenApiParameter(
        "by",
        OpenApiTypes.STR,
        enum=[name for name, _ in BY],
        description="Categories, or versions of one, by default",
    )
]


class Chart(APIView):
    """One chart's numbers."""

    name = ""
    permission_classes = [requires(SEE)]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        asked = Asked.of_program(request.query_params)
        return Response(charts.BY_NAME[self.name](asked, charts.of_period(asked)).api_data)


def chart_schema(summary: str, answer: Any, *more: OpenApiParameter) -> Any:
    return extend_schema(
        summary=summary,
        parameters=[*PERIOD, *more],
        responses={200: answer} | refusals(400, 401, 403),
        tags=["trends"],
    )


def list_schema(summary: str, answer: Any, *parameters: OpenApiParameter) -> Any:
    """Of what is no chart."""
    return extend_schema(
        summary=summary,
        parameters=list(parameters),
        responses={200: answer} | refusals(400, 401, 403),
        tags=["trends"],
    )


@chart_schema("The defect rate as a control chart", serializers.RateDetail, *POINTS)
class RateOfDefects(Chart):
    name = "rate"


@chart_schema("Pareto of defect types", serializers.DefectsDetail)
class DefectsByType(Chart):
    name = "defects"


@chart_schema("Defect rates compared", serializers.ComparisonDetail, *COMPARED)
class Comparison(Chart):
    name = "comparison"


@chart_schema("Defect rate by hour and weekday", serializers.HeatDetail)
class ByHourAndWeekday(Chart):
    name = "heat"


class DriftComparisons(APIView):
    permission_classes = [requires(SEE)]

    @list_schema(
        "Drift of scores, brightness, sharpness and size", serializers.DriftDetail(many=True), CATEGORY
    )
    def get(self, request: Request) -> Response:
        comparisons = drift.comparisons(Asked.of_program(request.query_params))
        return Response(serializers.DriftDetail(comparisons, many=True).data)


class LiveLine(APIView):
    permission_classes = [requires(SEE)]

    @list_schema("Escapes and false calls", serializers.SideDetail(many=True), *PERIOD)
    def get(self, request: Request) -> Response:
        both_sides = live_line.sides(Asked.of_program(request.query_params))
        return Response(serializers.SideDetail(both_sides, many=True).data)


class Groups(APIView):
    permission_classes = [requires(SEE)]

    @list_schema(
        "False alarms, misses and anomalies by station, shift, lot, version or person",
        serializers.GroupsDetail,
        *PERIOD,
        OpenApiParameter(
            "by",
            OpenApiTypes.STR,
            description=f"{', '.join(name for name, _ in groups.BY_WHAT)}, or {groups.OWN}NAME for an own "
            "field of parts; stations by default",
        ),
    )
    def get(self, request: Request) -> Response:
        """Of one category, which has to be named."""
        asked = groups.of_one_category(Asked.of_program(request.query_params, groups.GroupsForm))
        return Response(serializers.GroupsDetail(groups.figure(asked).api_data).data)
