"""Endpoints of runs and methods."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView, get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from detection.options.catalogue import METHODS
from inspector.categories.models import Category
from inspector.core.api import refusals, requires
from inspector.core.jobs import State
from inspector.training.ability import ability
from inspector.training.cancel import cancel
from inspector.training.models import TrainingRun
from inspector.training.retry import retry
from inspector.training.selectors import runs
from inspector.training.serializers import (
    FamilyRequest,
    FamilyStarted,
    MethodItem,
    RetrainRequest,
    RunDetail,
    RunStarted,
)
from inspector.training.submit import join, submit, submit_family


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
        asked = RetrainRequest(data=request.data, partial=True)  # what a form leaves out is not false
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        if "joins" in given:
            run = join(category, given["joins"], by=request.user, fast=given.get("fast", False))
        else:
            run = submit(category=category, by=request.user, **given)
        return Response(RunStarted({"run": run}).data, status.HTTP_202_ACCEPTED)


class Families(APIView):
    permission_classes = [requires("training.add_trainingrun")]

    @extend_schema(
        operation_id="families_create",
        summary="Train several categories as one model",
        description="A run for each category, all of them or none; they are trained, cancelled and "
        "retried together. Each category gets a candidate version with limits and metrics of its own. "
        "Admins only.",
        request=FamilyRequest,
        responses={202: FamilyStarted} | refusals(400, 403, 409),
        tags=["runs"],
    )
    def post(self, request: Request) -> Response:
        asked = FamilyRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        runs = submit_family(by=request.user, **asked.validated_data)
        return Response(FamilyStarted({"runs": runs}).data, status.HTTP_202_ACCEPTED)


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
