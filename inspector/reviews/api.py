"""Endpoints of reviews."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from inspector.categories.models import Category
from inspector.core.api import refusals, requires
from inspector.core.fields import IdFilter
from inspector.inspections import selectors as inspections
from inspector.reviews import defect_types, selectors
from inspector.reviews.decide import UNASKED, Finding, decide
from inspector.reviews.dispute import dispute
from inspector.reviews.examples import choose_example
from inspector.reviews.models import Decision, DefectType, Dispute, Review
from inspector.reviews.serializers import (
    DefectTypeDetail,
    DisputeDetail,
    NewDefectType,
    NewExample,
    NewReview,
    Reason,
    ReviewDetail,
)
from inspector.reviews.withdraw import withdraw


class ReviewFilter(filters.FilterSet):
    category = filters.CharFilter(field_name="inspection__category__slug", help_text="A category's slug")
    inspection = IdFilter(field_name="inspection_id")
    decision = filters.ChoiceFilter(choices=Decision.choices)

    class Meta:
        model = Review
        fields = ("category", "inspection", "decision")


class Reviews(ListAPIView):
    queryset = selectors.reviews()
    serializer_class = ReviewDetail
    filterset_class = ReviewFilter

    def get_permissions(self) -> Any:
        adds = self.request.method == "POST"
        return [requires("reviews.add_review" if adds else "reviews.view_review")()]

    @extend_schema(
        summary="Reviews, newest first",
        description="Withdrawn ones, too.",
        responses={200: ReviewDetail(many=True)} | refusals(401, 403),
        tags=["reviews"],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        summary="Decide about an inspection",
        description="The review is added; the model's verdict stays. 409 `no_verdict`: it was not judged "
        "yet; `decided_meanwhile`: another review stands than `seen` says.",
        request=NewReview,
        responses={201: ReviewDetail} | refusals(400, 401, 403, 404, 409),
        filters=False,
        tags=["reviews"],
    )
    def post(self, request: Request) -> Response:
        form = NewReview(data=request.data)
        form.is_valid(raise_exception=True)
        sent = form.validated_data
        finding = Finding(
            sent["decision"],
            sent.get("defect_type") or None,
            severity=sent.get("severity", ""),
            disposition=sent.get("disposition", ""),
            comment=sent.get("comment", ""),
            seconds=sent.get("seconds"),
        )
        made = decide(
            inspections.inspection(sent["inspection"]),
            finding,
            by=request.user,
            seen=sent.get("seen", UNASKED),
            operation=sent.get("operation"),
        )
        return Response(ReviewDetail(selectors.review(made.pk)).data, status.HTTP_201_CREATED)


class Withdraw(GenericAPIView):
    queryset = selectors.reviews()
    serializer_class = ReviewDetail
    permission_classes = [requires("reviews.add_review")]

    @extend_schema(
        summary="Withdraw a review",
        description="Your own; admins can withdraw any, with a reason. Then the review before it counts, "
        "else the verdict.",
        request=Reason,
        responses={200: ReviewDetail} | refusals(400, 401, 403, 404, 409),
        tags=["reviews"],
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        review = self.get_object()
        withdraw(review, by=request.user, reason=_reason(request))
        return Response(ReviewDetail(selectors.review(review.pk)).data)


class DisputeVerdict(GenericAPIView):
    queryset = Dispute.objects.all()
    serializer_class = DisputeDetail
    permission_classes = [requires("reviews.dispute_inspection")]

    @extend_schema(
        summary="Dispute a verdict",
        description="It goes to the top of the review queue. `reason` is needed. Inspectors dispute "
        "verdicts of photos that they sent.",
        request=Reason,
        responses={201: DisputeDetail} | refusals(400, 401, 403, 404, 409),
        tags=["reviews"],
    )
    def post(self, request: Request, pk: int) -> Response:
        made = dispute(inspections.inspection(pk), by=request.user, reason=_reason(request))
        return Response(self.get_serializer(made).data, status.HTTP_201_CREATED)


def _reason(request: Request) -> str:
    form = Reason(data=request.data)
    form.is_valid(raise_exception=True)
    return str(form.validated_data.get("reason", ""))


class DefectTypes(ListAPIView):
    queryset = DefectType.objects.select_related("example").order_by("pk")
    serializer_class = DefectTypeDetail

    def get_permissions(self) -> Any:
        adds = self.request.method == "POST"
        return [requires("reviews.add_defecttype" if adds else "reviews.view_review")()]

    def get_queryset(self) -> Any:
        category = get_object_or_404(Category, slug=self.kwargs["slug"])
        return super().get_queryset().filter(category=category)

    @extend_schema(
        operation_id="defect_types_list",
        summary="Defect types of a category",
        responses={200: DefectTypeDetail(many=True)} | refusals(401, 403, 404),
        tags=["reviews"],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="defect_types_create",
        summary="Add a defect type",
        description="One of the same name is changed; one that was retired is in use again.",
        request=NewDefectType,
        responses={201: DefectTypeDetail} | refusals(400, 401, 403, 404, 409),
        tags=["reviews"],
    )
    def post(self, request: Request, slug: str) -> Response:
        category = get_object_or_404(Category, slug=slug)
        form = NewDefectType(data=request.data)
        form.is_valid(raise_exception=True)
        defect_type = defect_types.add(category, by=request.user, **form.validated_data)
        return Response(self.get_serializer(defect_type).data, status.HTTP_201_CREATED)


class ExampleOfDefectType(GenericAPIView):
    queryset = DefectType.objects.select_related("category", "example")
    serializer_class = DefectTypeDetail
    permission_classes = [requires("reviews.change_defecttype")]

    @extend_schema(
        summary="Choose the example photo of a defect type",
        description="One that was decided to have this defect; null removes the example.",
        request=NewExample,
        responses={200: DefectTypeDetail} | refusals(400, 401, 403, 404),
        tags=["reviews"],
    )
    def put(self, request: Request, pk: int) -> Response:
        defect_type = self.get_object()
        form = NewExample(data=request.data)
        form.is_valid(raise_exception=True)
        choose_example(defect_type, form.validated_data["inspection"], by=request.user)
        return Response(self.get_serializer(defect_type).data)
