"""Model versions as the API shows them."""

from rest_framework import serializers

from inspector.core.api import Who
from inspector.registry.models import ModelVersion


class VersionSummary(serializers.ModelSerializer):
    """A version within its category."""

    review_from = serializers.SerializerMethodField(
        help_text="Scores from here up to the threshold are REVIEW; null without such a band"
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

    def get_review_from(self, version: ModelVersion) -> float | None:
        return version.making.threshold.review_from

    def get_policy(self, version: ModelVersion) -> str | None:
        return version.making.threshold.policy or None


class VersionDetail(VersionSummary):
    """A version by itself."""

    category = serializers.SlugRelatedField[ModelVersion](slug_field="slug", read_only=True)
    promoted_by = Who()

    class Meta(VersionSummary.Meta):
        fields = ("category", *VersionSummary.Meta.fields, "config", "sha256", "promoted", "promoted_by")
        read_only_fields = fields
