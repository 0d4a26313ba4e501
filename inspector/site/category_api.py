"""Endpoints of categories as a whole: each with the version at work and its open run."""

from typing import Any

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from inspector.accounts.sure_api import Why, why
from inspector.categories.models import Category
from inspector.core.api import refusals, requires
from inspector.registry.selectors import CategoryRow, categories_overview, category_overview
from inspector.site.archive import archive, unarchive
from inspector.site.delete import delete
from inspector.site.serializers import CategoryItem
from inspector.training.selectors import open_run_by_category

TRUE = ("1", "true", "yes")
FALSE = ("", "0", "false", "no")


class CategoryView(APIView):
    permission_classes = [requires("categories.view_category")]

    def context(self, rows: list[CategoryRow]) -> dict[str, Any]:
        return {"request": self.request, "open_runs": open_run_by_category(row.category for row in rows)}

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
        parameters=[Why],
        responses={204: None} | refusals(400, 401, 403, 404, 409),
        tags=["categories"],
    )
    def delete(self, request: Request, slug: str) -> Response:
        delete(get_object_or_404(Category, slug=slug), by=request.user, reason=why(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Archive(CategoryView):
    permission_classes = [requires("categories.change_category")]

    @extend_schema(
        summary="Archive a category",
        description="It accepts no photos and appears in no list; its history is kept. Admins only.",
        request=Why,
        responses={200: CategoryItem} | refusals(400, 401, 403, 404, 409),
        tags=["categories"],
    )
    def post(self, request: Request, slug: str) -> Response:
        archive(get_object_or_404(Category, slug=slug), by=request.user, reason=why(request))
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
