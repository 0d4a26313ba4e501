"""Endpoints of model versions."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from inspector.core.api import refusals, requires
from inspector.registry.models import ModelVersion, Standing
from inspector.registry.promote import promote
from inspector.registry.selectors import versions
from inspector.registry.serializers import VersionDetail


class VersionFilter(filters.FilterSet):
    category = filters.CharFilter(field_name="category__slug", help_text="A category's slug")
    standing = filters.ChoiceFilter(choices=Standing.choices)

    class Meta:
        model = ModelVersion
        fields = ("category", "standing")


@extend_schema(tags=["versions"], summary="Model versions")
class Versions(ListAPIView):
    """Model versions, newest first."""

    queryset = versions()
    serializer_class = VersionDetail
    filterset_class = VersionFilter


@extend_schema(tags=["versions"], summary="One model version", responses={200: VersionDetail} | refusals(404))
class Version(RetrieveAPIView):
    """One model version with its metrics."""

    queryset = versions()
    serializer_class = VersionDetail


class Promote(GenericAPIView):
    queryset = versions()
    serializer_class = VersionDetail
    permission_classes = [requires("registry.promote_modelversion")]

    @extend_schema(
        summary="Make this version the active one of its category",
        description="To roll back, promote the previous version. Admins only.",
        request=None,
        responses={200: VersionDetail} | refusals(403, 404, 409),
        tags=["versions"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        version = promote(self.get_object(), by=request.user)
        return Response(self.get_serializer(version).data)
