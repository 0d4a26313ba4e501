"""Runs and methods as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from detection.options.catalogue import MethodInfo, needs_weights
from inspector.categories.models import Category
from inspector.core.api import IdRelatedField, JobError, NothingUnread, Several, Who
from inspector.registry.models import ModelVersion
from inspector.training.ability import Ability
from inspector.training.family import ABLE
from inspector.training.models import TrainingRun
from inspector.training.options import DEFAULT_METHOD, METHODS, schema


class RunSummary(serializers.ModelSerializer):
    """A run within its category."""

    progress = serializers.DictField(source="reached", read_only=True)

    class Meta:
        model = TrainingRun
        fields = ("id", "state", "progress")
        read_only_fields = fields


class RunDetail(serializers.ModelSerializer):
    """A run by itself. `progress.fraction` goes from 0 to 1."""

    category = serializers.SlugRelatedField[TrainingRun](slug_field="slug", read_only=True)
    lead = serializers.PrimaryKeyRelatedField[TrainingRun](
        read_only=True,
        allow_null=True,
        help_text="Of a family: the run that also trains this one; null for the first of them.",
    )
    joins = serializers.PrimaryKeyRelatedField[ModelVersion](
        read_only=True,
        allow_null=True,
        help_text="The version that it joins without a training; usually null.",
    )
    progress = serializers.DictField(source="reached", read_only=True)
    requested_by = Who()
    error = JobError()

    class Meta:
        model = TrainingRun
        fields = (
            "id",
            "category",
            "state",
            "method",
            "options",
            "lead",
            "joins",
            "fast",
            "requested_by",
            "created",
            "started",
            "finished",
            "cancel_requested",
            "progress",
            "error",
            "version",
        )
        read_only_fields = fields


@extend_schema_field(schema())
class RetrainOptions(serializers.DictField):
    """Checked by `submit`, as those of forms and commands are."""


class RetrainRequest(NothingUnread, serializers.Serializer):
    method = serializers.CharField(
        required=False,
        help_text=f"One of {', '.join(METHODS)}. Default: that of the last training a user started, "
        f"at first {DEFAULT_METHOD}.",
    )
    options = RetrainOptions(
        required=False,
        help_text="Options not given have the method's defaults. Without any options: those of last time.",
    )
    fast = serializers.BooleanField(
        required=False,
        help_text="Whether to make a quick draft, too, which may decide clear OKs. Where it is of no use, "
        "the version has none and its page says why. Default: as last time, at first false.",
    )
    joins = IdRelatedField(
        queryset=ModelVersion.objects.select_related("category"),
        required=False,
        help_text="The id of another category's version to join: its network or memory bank is used, without "
        "a training. Method and options are that version's, so give neither. `fast` is false by default.",
    )

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if "joins" in asked and asked.keys() - {"joins", "fast"}:
            raise serializers.ValidationError(
                {"joins": "Method and options are those of the version that it joins: leave them out."}
            )
        return asked


class FamilyRequest(NothingUnread, serializers.Serializer):
    categories = Several(
        child=serializers.SlugRelatedField(slug_field="slug", queryset=Category.objects.all()),
        min_length=2,
        max_length=100,
        help_text="Slugs of the categories.",
    )
    method = serializers.CharField(help_text=f"One of {', '.join(ABLE)}.")
    options = RetrainOptions(required=False, help_text="Options not given have the method's defaults.")
    fast = serializers.BooleanField(default=False, help_text="Whether each gets a quick draft, too.")


class MethodItem(serializers.Serializer):
    """A method, and whether it can be trained where trainings run."""

    name = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    can_train = serializers.SerializerMethodField()
    why_not = serializers.SerializerMethodField()
    backbones = serializers.SerializerMethodField(
        help_text="The pretrained networks it can be trained on now, as workers reported them; others of "
        "timm can be requested as timm/NAME"
    )

    def get_can_train(self, method: MethodInfo) -> bool | None:
        """null: no train worker has reported lately what it has."""
        able: Ability = self.context["able"]
        if needs_weights(method.name) and not able.known:
            return None
        return able.lack(method.name) is None

    def get_why_not(self, method: MethodInfo) -> str:
        """What it lacks and what to do; empty where it lacks nothing."""
        return str(self.context["able"].lack(method.name) or "")

    def get_backbones(self, method: MethodInfo) -> list[str]:
        able: Ability = self.context["able"]
        return able.networks if needs_weights(method.name) else []


class RunStarted(serializers.Serializer):
    run = RunDetail()


class FamilyStarted(serializers.Serializer):
    runs = RunDetail(many=True)
