"""Alerts as the API gives and takes them."""

from rest_framework import serializers
from rest_framework.fields import empty

from inspector.categories.models import Category
from inspector.core.api import IdRelatedField, NothingUnread, Who
from inspector.monitoring.alerts import kinds
from inspector.monitoring.alerts.models import (
    NAME_LENGTH,
    WORDS_LENGTH,
    Alert,
    Answer,
    Message,
    Rule,
    Webhook,
)
from inspector.monitoring.alerts.rules import MOST_QUIET

WEBHOOK_HELP = "IDs; admins add webhooks"


class AlertDetail(serializers.ModelSerializer):
    """It is over by itself (`over`), and closed by a person."""

    rule_name = serializers.CharField(source="rule.name")
    kind = serializers.CharField(source="rule.kind")
    category = serializers.SlugRelatedField[Category](slug_field="slug", read_only=True, allow_null=True)
    acknowledged_by = Who()
    closed_by = Who()

    class Meta:
        model = Alert
        fields = (
            *("id", "rule", "rule_name", "kind", "category", "words", "value", "limit", "created", "over"),
            *("acknowledged", "acknowledged_by", "closed", "closed_by", "note"),
        )
        read_only_fields = fields


class Note(NothingUnread, serializers.Serializer):
    note = serializers.CharField(max_length=WORDS_LENGTH, required=False, allow_blank=True)


class InUse(serializers.BooleanField):
    default_empty_html = empty


class RuleDetail(NothingUnread, serializers.ModelSerializer):
    """`limit`, `last` and `over_at` in the units of its kind."""

    kind = serializers.CharField(max_length=20, help_text="See /api/alert-rules/ for those in use")
    name = serializers.CharField(max_length=NAME_LENGTH)
    category = serializers.SlugRelatedField(
        slug_field="slug", queryset=Category.objects.all(), allow_null=True, required=False
    )
    quiet_minutes = serializers.IntegerField(min_value=0, max_value=MOST_QUIET, required=False)
    last = serializers.IntegerField(min_value=1, max_value=10_000, required=False, allow_null=True)
    webhooks = IdRelatedField(
        many=True, queryset=Webhook.objects.filter(retired=None), required=False, help_text=WEBHOOK_HELP
    )

    class Meta:
        model = Rule
        fields = (
            *("id", "name", "kind", "category", "limit", "last", "over_at", "quiet_minutes"),
            *("from_time", "until_time", "emails", "webhooks", "enabled", "created"),
        )
        read_only_fields = ("id", "created")

    # What a form leaves out is not false: a new rule is in use.
    enabled = InUse(required=False, help_text="In use; `true` by default")

    def validate_kind(self, value: str) -> str:
        if kinds.kind_of(value) is None:
            known = ", ".join(kind.value for kind in kinds.kinds())
            raise serializers.ValidationError(f"There is no kind “{value}”. The kinds are: {known}.")
        return value


class AnswerDetail(serializers.ModelSerializer):
    class Meta:
        model = Answer
        fields = ("time", "ok", "status", "text", "milliseconds")
        read_only_fields = fields


class MessageDetail(serializers.ModelSerializer):
    """What was sent, and what came of each try."""

    message_id = serializers.CharField(help_text="As sent in the header webhook-id")
    answers = AnswerDetail(many=True)

    class Meta:
        model = Message
        fields = (
            *(
                "id",
                "message_id",
                "alert",
                "channel",
                "webhook",
                "to",
                "subject",
                "body",
                "state",
                "attempts",
            ),
            *("created", "wait_until", "finished", "answers"),
        )
        read_only_fields = fields
