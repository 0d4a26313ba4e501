"""The endpoint that says which category photos show."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from inspector.core.api import NothingUnread, Several, refusals, requires
from inspector.core.api_parsers import JSON
from inspector.inspections.find_category import BYTES, SIDE, categories_of, view_of

MOST = 50
LONGEST = 4 * BYTES // 3
# The extremes of what is accepted as a photo.
NARROWEST, WIDEST = 1e-5, 1e5


class SmallCopy(NothingUnread, serializers.Serializer):
    pixels = serializers.CharField(
        max_length=LONGEST,
        help_text=f"The upright photo squeezed to {SIDE} x {SIDE} px: RGB bytes, row by row, in base64",
    )
    aspect = serializers.FloatField(
        min_value=NARROWEST, max_value=WIDEST, help_text="The photo's width by its height"
    )

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        try:
            return data | {"view": view_of(data["pixels"], data["aspect"])}
        except ValueError as problem:
            raise serializers.ValidationError({"pixels": [str(problem)]}) from problem


class SmallCopies(NothingUnread, serializers.Serializer):
    photos = Several(child=SmallCopy(), allow_empty=False, max_length=MOST)


class Shown(serializers.Serializer):
    categories = serializers.ListField(
        child=serializers.SlugField(),
        help_text="The category; empty where it fits none, several where it is not clear which",
    )


class ShownCategories(serializers.Serializer):
    photos = serializers.ListField(child=Shown(), help_text="In the order they were sent")


class FindCategory(GenericAPIView):
    serializer_class = SmallCopies
    parser_classes = [JSON]
    permission_classes = [requires("inspections.add_inspection")]

    @extend_schema(
        summary="Which category photos show",
        description="From small copies, which are not kept. Categories whose active version has not "
        "learned what its part looks like are left out.",
        request=SmallCopies,
        responses={200: ShownCategories} | refusals(400, 403, 409),
        tags=["inspections"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        shown = categories_of([photo["view"] for photo in form.validated_data["photos"]])
        return Response({"photos": [{"categories": [one.slug for one in each]} for each in shown]})
