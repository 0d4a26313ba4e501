"""Endpoints of lots: the results of one, and what people decided about it."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inspector.categories.models import Category
from inspector.core.api import NothingUnread, Who, refusals, requires
from inspector.core.numbers import BIGGEST
from inspector.inspections.of_part import rows_of
from inspector.inspections.part_models import PART_LENGTH
from inspector.reviews.lots import ADD, decide_lot, decisions, the_category
from inspector.reviews.models import WORDS_LENGTH, LotDecision, LotStatus
from inspector.site.lots import counts, defects

WHOSE = OpenApiParameter(
    "category",
    OpenApiTypes.STR,
    description="Its category's slug; needed where several have a lot of this name",
)
NAME = OpenApiParameter("lot", OpenApiTypes.STR, required=True, description="The lot's name")


class LotDecisionDetail(serializers.ModelSerializer):
    """What somebody decided about a lot; the highest `number` counts."""

    category = serializers.SlugRelatedField[LotDecision](slug_field="slug", read_only=True)
    person = Who()

    class Meta:
        model = LotDecision
        fields = ("category", "lot", "number", "status", "reason", "person", "created")
        read_only_fields = fields


class NewLotDecision(NothingUnread, serializers.Serializer):
    lot = serializers.CharField(max_length=PART_LENGTH)
    category = serializers.SlugRelatedField(
        slug_field="slug",
        queryset=Category.objects.all(),
        required=False,
        help_text="A slug; needed where several categories have a lot of this name",
    )
    status = serializers.ChoiceField(choices=LotStatus.choices)
    reason = serializers.CharField(max_length=WORDS_LENGTH)
    seen = serializers.IntegerField(
        min_value=0, max_value=BIGGEST, default=0, help_text="`number` of the newest decision you know of"
    )


class LotCounts(serializers.Serializer):
    """Photos of the lot, by what they ended with; `waiting` have no verdict yet."""

    total = serializers.IntegerField()
    good = serializers.IntegerField()
    defective = serializers.IntegerField()
    undecided = serializers.IntegerField()
    failed = serializers.IntegerField()
    waiting = serializers.IntegerField()
    first = serializers.DateTimeField()
    last = serializers.DateTimeField()


class LotDefect(serializers.Serializer):
    name = serializers.CharField()
    count = serializers.IntegerField()
    share = serializers.FloatField()
    cumulative = serializers.FloatField()


class LotDetail(serializers.Serializer):
    """The results of a lot."""

    lot = serializers.CharField()
    category = serializers.SlugField()
    counts = LotCounts()
    defects = LotDefect(many=True, help_text="The most frequent first (Pareto)")
    decision = LotDecisionDetail(allow_null=True)


def _asked(request: Request) -> tuple[str, Category]:
    lot = request.query_params.get("lot", "")
    if not lot or len(lot) > PART_LENGTH:
        raise ValidationError({"lot": [f"Name a lot, in at most {PART_LENGTH} characters."]})
    slug = request.query_params.get("category", "")
    return lot, the_category(lot, get_object_or_404(Category, slug=slug) if slug else None)


class OneLot(APIView):
    permission_classes = [requires("inspections.view_inspection")]

    @extend_schema(
        operation_id="lot_retrieve",
        summary="The results of a lot",
        parameters=[NAME, WHOSE],
        responses={200: LotDetail} | refusals(400, 401, 403, 404),
        tags=["lots"],
    )
    def get(self, request: Request) -> Response:
        lot, category = _asked(request)
        rows = rows_of("lot", lot, category)
        newest = decisions(lot, category).first()
        lot_now: dict[str, Any] = {"lot": lot, "category": category.slug, "decision": newest}
        lot_now |= {"counts": counts(rows), "defects": defects(rows)}
        return Response(LotDetail(lot_now).data)


class LotDecisions(ListAPIView):
    queryset = LotDecision.objects.select_related("person", "category").order_by("-pk")
    serializer_class = LotDecisionDetail

    def get_permissions(self) -> Any:
        return [requires(ADD if self.request.method == "POST" else "inspections.view_inspection")()]

    def get_queryset(self) -> Any:
        return decisions(*_asked(self.request))

    @extend_schema(
        operation_id="lot_decisions_list",
        summary="Decisions about a lot, newest first",
        parameters=[NAME, WHOSE],
        responses={200: LotDecisionDetail(many=True)} | refusals(400, 401, 403, 404),
        tags=["lots"],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="lot_decisions_create",
        summary="Decide about a lot",
        description="The decision is added; earlier ones stay. 409 `decided_meanwhile`: there is a newer one "
        "than `seen`.",
        request=NewLotDecision,
        responses={201: LotDecisionDetail} | refusals(400, 401, 403, 404, 409),
        filters=False,
        tags=["lots"],
    )
    def post(self, request: Request) -> Response:
        form = NewLotDecision(data=request.data)
        form.is_valid(raise_exception=True)
        made = decide_lot(by=request.user, **form.validated_data)
        return Response(self.get_serializer(made).data, status.HTTP_201_CREATED)
