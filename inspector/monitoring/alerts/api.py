"""Endpoints of alerts."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from inspector.core.api import refusals, requires
from inspector.core.fields import IdFilter
from inspector.monitoring.alerts import handle, rules, selectors
from inspector.monitoring.alerts.messages import send_again
from inspector.monitoring.alerts.models import Alert, Message, Rule
from inspector.monitoring.alerts.serializers import AlertDetail, MessageDetail, Note, RuleDetail

STANDINGS = [("open", "Open"), ("closed", "Closed")]


class AlertFilter(filters.FilterSet):
    category = filters.CharFilter(field_name="category__slug", help_text="A category's slug")
    rule = IdFilter(field_name="rule_id")
    standing = filters.ChoiceFilter(
        choices=STANDINGS, method="of_standing", help_text="Whether a person closed it"
    )

    class Meta:
        model = Alert
        fields = ("category", "rule", "standing")

    def of_standing(self, rows: QuerySet[Alert], name: str, value: str) -> QuerySet[Alert]:
        return rows.filter(closed__isnull=value == "open")


@extend_schema(
    tags=["alerts"],
    summary="Alerts, newest first",
    responses={200: AlertDetail(many=True)} | refusals(401, 403),
)
class Alerts(ListAPIView):
    queryset = selectors.alerts()
    serializer_class = AlertDetail
    filterset_class = AlertFilter
    permission_classes = [requires("alerts.view_alert")]


class _Handled(GenericAPIView):
    queryset = Alert.objects.all()
    serializer_class = AlertDetail
    permission_classes = [requires("alerts.change_alert")]

    def note(self, request: Request) -> str:
        form = Note(data=request.data)
        form.is_valid(raise_exception=True)
        return str(form.validated_data.get("note", ""))


class Acknowledge(_Handled):
    @extend_schema(
        summary="Acknowledge an alert",
        description="Says that you are looking into it. 409 if another person already is.",
        request=Note,
        responses={200: AlertDetail} | refusals(400, 401, 403, 404, 409),
        tags=["alerts"],
    )
    def post(self, request: Request, pk: int) -> Response:
        alert = handle.acknowledge(selectors.alert(pk), by=request.user, note=self.note(request))
        return Response(AlertDetail(alert).data)


class Close(_Handled):
    @extend_schema(
        summary="Close an alert",
        description="`note`, what was found and done, is needed.",
        request=Note,
        responses={200: AlertDetail} | refusals(400, 401, 403, 404, 409),
        tags=["alerts"],
    )
    def post(self, request: Request, pk: int) -> Response:
        alert = handle.close(selectors.alert(pk), by=request.user, note=self.note(request))
        return Response(AlertDetail(alert).data)


class _OfRules(GenericAPIView):
    queryset = Rule.objects.filter(retired=None).select_related("category").prefetch_related("webhooks")
    serializer_class = RuleDetail

    def get_permissions(self) -> Any:
        return [requires("alerts.add_rule" if self.request.method == "POST" else "alerts.change_rule")()]

    def saved(self, request: Request, rule: Rule | None = None) -> Rule:
        form = RuleDetail(rule, data=request.data, partial=rule is not None)
        form.is_valid(raise_exception=True)
        sent = dict(form.validated_data)
        webhooks = sent.pop("webhooks", None)
        rule = rule or Rule()
        for name, value in sent.items():
            setattr(rule, name, value)
        return rules.save(rule, by=request.user, webhooks=webhooks)


class Rules(_OfRules, ListAPIView):
    @extend_schema(
        operation_id="alert_rules_list",
        summary="Alert rules",
        responses={200: RuleDetail(many=True)} | refusals(401, 403),
        tags=["alerts"],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="alert_rules_create",
        summary="Add an alert rule",
        request=RuleDetail,
        responses={201: RuleDetail} | refusals(400, 401, 403),
        tags=["alerts"],
    )
    def post(self, request: Request) -> Response:
        return Response(RuleDetail(self.saved(request)).data, status.HTTP_201_CREATED)


class OneRule(_OfRules):
    @extend_schema(
        summary="One alert rule", responses={200: RuleDetail} | refusals(401, 403, 404), tags=["alerts"]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(RuleDetail(self.get_object()).data)

    @extend_schema(
        summary="Change an alert rule",
        description="Fields left out stay as they are. `enabled: false` ends the alerts that it raised.",
        request=RuleDetail(partial=True),
        responses={200: RuleDetail} | refusals(400, 401, 403, 404, 409),
        tags=["alerts"],
    )
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(RuleDetail(self.saved(request, self.get_object())).data)


@extend_schema(
    tags=["alerts"],
    summary="Messages about alerts, newest first",
    responses={200: MessageDetail(many=True)} | refusals(401, 403),
)
class Messages(ListAPIView):
    """With the answer to each try."""

    serializer_class = MessageDetail
    permission_classes = [requires("alerts.view_message")]
    queryset = Message.objects.all()

    def get_queryset(self) -> QuerySet[Message]:
        return Message.objects.prefetch_related("answers").order_by("-pk")


class SendAgain(GenericAPIView):
    queryset = Message.objects.all()
    serializer_class = MessageDetail
    permission_classes = [requires("alerts.change_rule")]

    @extend_schema(
        summary="Send a message again",
        description="The same one, with the same id. 409 while it is still being tried.",
        request=None,
        responses={202: MessageDetail} | refusals(400, 401, 403, 404, 409),
        tags=["alerts"],
    )
    def post(self, request: Request, pk: int) -> Response:
        send_again(selectors.message(pk), by=request.user)
        return Response(MessageDetail(selectors.message(pk)).data, status.HTTP_202_ACCEPTED)
