"""Endpoints of categories and runs. A category's answer tells of its open run, so it is made here."""

from typing import Any

from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from detection.options.catalogue import METHODS
from inspector.categories.models import Category
from inspector.core.api import refusals, requires
from inspector.core.jobs import State
from inspector.registry.selectors import CategoryRow, categories_overview, category_overview
from inspector.training.ability import ability
from inspector.training.archive import archive, unarchive
from inspector.training.cancel import cancel
from inspector.training.delete import delete
from inspector.training.models import TrainingRun
from inspector.training.retry import retry
from inspector.training.selectors import open_run_by_category, runs
from inspector.training.serializers import CategoryItem, MethodItem, RetrainRequest, RunDetail, RunStarted
from inspector.training.submit import submit

TRUE = ("1", "true", "yes")
FALSE = ("", "0", "false", "no")


class CategoryView(APIView):
    permission_classes = [requires("categories.view_category")]

    def context(self, rows: list[CategoryRow]) -> dict[str, Any]:
        return {"open_runs": open_run_by_category(row.category for row in rows)}

    def one(self, slug: str) -> Response:
        try:
            row = category_overview(slug)
        except Category.DoesNotExist:
            raise Http404 from None
        return Response(CategoryItem(row, context=self.context([row])).data)


class Categories(CategoryView):
    @extend_schema(
        operation_id="categories_list",
        summary="Every category with its active version and its metrics",
        parameters=[
            OpenApiParameter("archived", OpenApiTypes.BOOL, description="`true`: only the archived ones")
        ],
        responses={200: CategoryItem(many=True)} | refusals(401, 403),
        tags=["categories"],
    )
    def get(self, request: Request) -> Response:
        archived = request.query_params.get("archived", "").lower()
        if archived not in TRUE + FALSE:
            raise ValidationError({"archived": ["Enter true or false."]})
        rows = categories_overview(archived=archived in TRUE)
        return Response(CategoryItem(rows, many=True, context=self.context(rows)).data)


class OneCategory(CategoryView):
    def get_permissions(self) -> Any:
        deletes = self.request.method == "DELETE"
        return [requires("categories.delete_category")()] if deletes else super().get_permissions()

    @extend_schema(
        operation_id="categories_retrieve",
        summary="One category",
        responses={200: CategoryItem} | refusals(401, 403, 404),
        tags=["categories"],
    )
    def get(self, request: Request, slug: str) -> Response:
        return self.one(slug)

    @extend_schema(
        operation_id="categories_destroy",
        summary="Delete a category that has no inspections",
        description="Including its samples, versions, runs and files; this cannot be undone. Archive one "
        "that has inspections. Admins only.",
        responses={204: None} | refusals(401, 403, 404, 409),
        tags=["categories"],
    )
    def delete(self, request: Request, slug: str) -> Response:
        delete(get_object_or_404(Category, slug=slug), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Archive(CategoryView):
    permission_classes = [requires("categories.change_category")]

    @extend_schema(
        summary="Archive a category",
        description="It accepts no photos and appears in no list; its history is kept. Admins only.",
        request=None,
        responses={200: CategoryItem} | refusals(401, 403, 404, 409),
        tags=["categories"],
    )
    def post(self, request: Request, slug: str) -> Response:
        archive(get_object_or_404(Category, slug=slug), by=request.user)
        return self.one(slug)


class Unarchive(CategoryView):
    permission_classes = [requires("categories.change_category")]

    @extend_schema(
        summary="Unarchive a category",
        request=None,
        responses={200: CategoryItem} | refusals(401, 403, 404, 409),
        tags=["categories"],
    )
    def post(self, request: Request, slug: str) -> Response:
        unarchive(get_object_or_404(Category, slug=slug), by=request.user)
        return self.one(slug)


class Retrain(APIView):
    permission_classes = [requires("training.add_trainingrun")]

    @extend_schema(
        summary="Train a new version of a category",
        description="The run waits for a worker; its version is a candidate until promoted. A method whose "
        "weights are missing is refused (`weights_missing`): see /api/methods/. Admins only.",
        request=RetrainRequest,
        responses={202: RunStarted} | refusals(400, 403, 404, 409),
        tags=["runs"],
    )
    def post(self, request: Request, slug: str) -> Response:
        category = get_object_or_404(Category, slug=slug)
        asked = RetrainRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        run = submit(category=category, by=request.user, **asked.validated_data)
        return Response(RunStarted({"run": run}).data, status.HTTP_202_ACCEPTED)


class Methods(APIView):
    permission_classes = [requires("training.view_trainingrun")]

    @extend_schema(
        operation_id="methods_list",
        summary="Detection methods, and which of them can be trained here",
        responses={200: MethodItem(many=True)} | refusals(401, 403),
        tags=["runs"],
    )
    def get(self, request: Request) -> Response:
        able = ability()
        return Response(MethodItem(METHODS.values(), many=True, context={"able": able}).data)


class RunFilter(filters.FilterSet):
    category = filters.CharFilter(field_name="category__slug", help_text="A category's slug")
    state = filters.ChoiceFilter(choices=State.choices)

    class Meta:
        model = TrainingRun
        fields = ("category", "state")


@extend_schema(tags=["runs"], summary="Training runs")
class Runs(ListAPIView):
    """Training runs, newest first."""

    queryset = runs()
    serializer_class = RunDetail
    filterset_class = RunFilter


@extend_schema(tags=["runs"], summary="One run", responses={200: RunDetail} | refusals(404))
class Run(RetrieveAPIView):
    """One run: its state, how far it is, what went wrong, the version it made."""

    queryset = runs()
    serializer_class = RunDetail


class Cancel(GenericAPIView):
    queryset = runs()
    serializer_class = RunDetail
    permission_classes = [requires("training.cancel_trainingrun")]

    @extend_schema(
        summary="Cancel a run",
        description="A waiting run ends at once, a running one within a few seconds. Admins only.",
        request=None,
        responses={200: RunDetail} | refusals(403, 404, 409),
        tags=["runs"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        run = cancel(self.get_object(), by=request.user)
        return Response(self.get_serializer(run).data)


class Retry(GenericAPIView):
    queryset = runs()
    serializer_class = RunDetail
    permission_classes = [requires("training.add_trainingrun")]

    @extend_schema(
        summary="Retry a failed run",
        description="On the same samples. Admins only.",
        request=None,
        responses={202: RunDetail} | refusals(403, 404, 409),
        tags=["runs"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        run = retry(self.get_object(), by=request.user)
        return Response(self.get_serializer(run).data, status.HTTP_202_ACCEPTED)
