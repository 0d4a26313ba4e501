"""Endpoints of model versions."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from inspector.accounts.sure_api import Why
from inspector.categories.models import Category
from inspector.core.api import refusals, requires
from inspector.core.numbers import BIGGEST
from inspector.registry.models import ModelVersion, Standing
from inspector.registry.promote import promote
from inspector.registry.selectors import deployments, versions
from inspector.registry.serializers import DeploymentSummary, NewLimits, VersionDetail
from inspector.registry.set_limits import set_limits


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


class Promotion(Why):
    """Why, and whether also where something speaks against it."""

    all_the_same = serializers.BooleanField(
        default=False, help_text="Promote it although something speaks against it"
    )
    replaces = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=BIGGEST,
        help_text="`id` of the active deployment that you saw, null for none; without it, whatever is active "
        "is replaced",
    )


class Promote(GenericAPIView):
    queryset = versions()
    serializer_class = VersionDetail
    permission_classes = [requires("registry.promote_modelversion")]

    @extend_schema(
        summary="Make this version the active one of its category",
        description="To roll back, promote the previous version. `reason` says why: the audit trail and the "
        "history of limits show it. 409 `not_proven`: the category asks for a robustness report, and there "
        "is none or it has too many false alarms; `all_the_same` promotes it nevertheless. 409 "
        "`changed_meanwhile`: another deployment is active than `replaces`. 409 `damaged_version`: its files "
        "are gone or damaged, and no photo could be judged. Admins only.",
        request=Promotion,
        responses={200: VersionDetail} | refusals(400, 403, 404, 409, 503),
        tags=["versions"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        version, sent = self.get_object(), Promotion(data=request.data or request.query_params)
        sent.is_valid(raise_exception=True)
        version = promote(version, by=request.user, **sent.validated_data)
        return Response(self.get_serializer(version).data)


class Deployments(ListAPIView):
    serializer_class = DeploymentSummary
    queryset = deployments()

    def get_permissions(self) -> Any:
        changes = self.request.method == "POST"
        needed = "registry.promote_modelversion" if changes else "registry.view_deployment"
        return [requires(needed)()]

    def get_queryset(self) -> Any:
        return deployments(get_object_or_404(Category, slug=self.kwargs["slug"]))

    @extend_schema(
        operation_id="deployments_list",
        summary="Which version judged a category by which limits",
        description="Newest first; the one whose `until` is null is at work. QA managers and admins only.",
        responses={200: DeploymentSummary(many=True)} | refusals(401, 403, 404),
        tags=["deployments"],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="deployments_create",
        summary="Judge by other limits from now on",
        description="The active version stays; nothing is trained. Past inspections keep their verdicts. "
        "409 `changed_meanwhile`: somebody changed limits or version since you read them. Admins only. To "
        "put another version to work, promote it.",
        request=NewLimits,
        responses={201: DeploymentSummary} | refusals(400, 401, 403, 404, 409),
        tags=["deployments"],
    )
    def post(self, request: Request, slug: str) -> Response:
        category = get_object_or_404(Category, slug=slug)
        sent = NewLimits(data=request.data)
        sent.is_valid(raise_exception=True)
        deployment = set_limits(category, **sent.validated_data, by=request.user)
        return Response(self.get_serializer(deployment).data, status.HTTP_201_CREATED)
