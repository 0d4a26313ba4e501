"""Model versions as the API shows them."""

from typing import Any

from rest_framework import serializers

from inspector.core.api import NothingUnread, Who
from inspector.core.events import REASON_LENGTH
from inspector.core.numbers import BIGGEST
from inspector.registry.models import Deployment, ModelVersion, Standing
from inspector.registry.set_limits import HIGHEST, LOWEST

SEES_METRICS = "registry.view_metrics"
WITHOUT_METRICS: dict[str, Any] = dict.fromkeys(("image_auroc", "f1", "precision", "recall")) | {
    "metrics": {},
    "config": {},
}


class VersionSummary(serializers.ModelSerializer):
    """A version within its category."""

    standing = serializers.ChoiceField(
        choices=Standing.choices,
        read_only=True,
        help_text="`active`: it judges photos; `retired`: it did; `candidate`: it never has",
    )
    review_from = serializers.FloatField(
        read_only=True,
        allow_null=True,
        help_text="Scores from here up to the threshold are REVIEW; null without such a band",
    )
    policy = serializers.SerializerMethodField(help_text="How the two limits were chosen; null where unknown")

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = (
            "id",
            "number",
            "standing",
            "method",
            "threshold",
            "review_from",
            "policy",
            "image_auroc",
            "f1",
            "precision",
            "recall",
            "created",
            "metrics",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_policy(self, version: ModelVersion) -> str | None:
        return version.policy or None

    def to_representation(self, version: ModelVersion) -> dict[str, Any]:
        """Only those who may see metrics learn how good it is, as on its page."""
        told = super().to_representation(version)
        request = self.context.get("request")
        if request is None or not request.user.has_perm(SEES_METRICS):
            told |= {name: value for name, value in WITHOUT_METRICS.items() if name in told}
        return told


class VersionDetail(VersionSummary):
    """A version by itself."""

    category = serializers.SlugRelatedField[ModelVersion](slug_field="slug", read_only=True)
    promoted = serializers.DateTimeField(read_only=True, allow_null=True)
    promoted_by = Who()

    class Meta(VersionSummary.Meta):
        fields = ("category", *VersionSummary.Meta.fields, "config", "sha256", "promoted", "promoted_by")
        read_only_fields = fields


class DeploymentSummary(serializers.ModelSerializer):
    """By which limits photos of a category are judged, or were."""

    version_number = serializers.IntegerField(source="version.number", read_only=True)
    policy = serializers.SerializerMethodField(
        help_text="How the limits were chosen, `manual`: by a person; null where unknown"
    )
    by = Who(help_text="Who decided so; null for the system itself")

    class Meta:
        model = Deployment
        fields: tuple[str, ...] = (
            "id",
            "version",
            "version_number",
            "change",
            "threshold",
            "review_from",
            "review_unstable",
            "fast",
            "policy",
            "since",
            "until",
            "by",
            "reason",
        )
        read_only_fields: tuple[str, ...] = fields

    def get_policy(self, deployment: Deployment) -> str | None:
        return deployment.policy or None


class Number(serializers.FloatField):
    """A number as documented: neither a text nor true or false that reads like one."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool | str):
            self.fail("invalid")
        return super().to_internal_value(data)


class NewLimits(NothingUnread, serializers.Serializer):
    """Other limits for the version at work."""

    threshold = Number(min_value=LOWEST, max_value=HIGHEST, help_text="Scores at or above this are ANOMALY")
    review_from = Number(
        min_value=LOWEST,
        max_value=HIGHEST,
        allow_null=True,
        help_text="Scores from here up to the threshold are REVIEW; null for no REVIEW",
    )
    review_unstable = serializers.BooleanField(
        required=False,
        help_text="Whether a verdict that slight changes of the photo change is REVIEW, whatever the score; "
        "without it, that stays as it is",
    )
    fast = serializers.BooleanField(
        required=False,
        help_text="Whether the version's quick draft says OK alone where that is clear; refused without a "
        "draft, and for limits below those it was measured by. Without it, that stays as it is",
    )
    reason = serializers.CharField(max_length=REASON_LENGTH, help_text="Why; kept in the history")
    replaces = serializers.IntegerField(
        min_value=1,
        max_value=BIGGEST,
        help_text="`id` of the active deployment that you saw, so that nobody's change is lost unseen",
    )
