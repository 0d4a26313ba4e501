"""The endpoint of a category's part rules."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inspector.categories.models import Category
from inspector.core.api import NothingUnread, refusals, requires
from inspector.inspections.part_models import CODE_KINDS, PATTERN_LENGTH, CodeFills
from inspector.inspections.part_rules import change_rules, rules_of


class PartRulesDetail(NothingUnread, serializers.Serializer):
    """How photos say which part they show, where no person does. What is not sent stays as it is."""

    filename_pattern = serializers.CharField(
        required=False, allow_blank=True, max_length=PATTERN_LENGTH, help_text="With named groups (RE2)"
    )
    codes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(CODE_KINDS.items())),
        required=False,
        max_length=len(CODE_KINDS),
        help_text="Kinds of codes to look for on the photo",
    )
    code_fills = serializers.ChoiceField(choices=CodeFills.choices, required=False)
    code_pattern = serializers.CharField(required=False, allow_blank=True, max_length=PATTERN_LENGTH)
    left = serializers.IntegerField(required=False, min_value=0, max_value=99, help_text="In percent")
    top = serializers.IntegerField(required=False, min_value=0, max_value=99, help_text="In percent")
    right = serializers.IntegerField(required=False, min_value=1, max_value=100, help_text="In percent")
    bottom = serializers.IntegerField(required=False, min_value=1, max_value=100, help_text="In percent")
    trusts_exif = serializers.BooleanField(required=False, help_text="Keep the camera's time as `taken`")
    checks_part = serializers.BooleanField(
        required=False, help_text="Give no verdict on a photo that shows another part"
    )


class PartRulesOfCategory(APIView):
    permission_classes = [requires("inspections.change_partrules")]

    @extend_schema(
        operation_id="part_rules_retrieve",
        summary="Part rules of a category",
        responses={200: PartRulesDetail} | refusals(401, 403, 404),
        tags=["categories"],
    )
    def get(self, request: Request, slug: str) -> Response:
        return Response(PartRulesDetail(rules_of(get_object_or_404(Category, slug=slug))).data)

    @extend_schema(
        operation_id="part_rules_update",
        summary="Change the part rules of a category",
        description="They apply to photos that arrive from now on.",
        request=PartRulesDetail,
        responses={200: PartRulesDetail} | refusals(400, 401, 403, 404),
        tags=["categories"],
    )
    def patch(self, request: Request, slug: str) -> Response:
        category = get_object_or_404(Category, slug=slug)
        form = PartRulesDetail(data=request.data, partial=True)  # what a form leaves out is not false
        form.is_valid(raise_exception=True)
        sent: dict[str, Any] = form.validated_data
        return Response(PartRulesDetail(change_rules(category, by=request.user, **sent)).data)
