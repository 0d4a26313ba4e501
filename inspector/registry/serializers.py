"""Model versions as the API shows them."""

from rest_framework import serializers

from inspector.core.api import Who
from inspector.registry.models import ModelVersion


class VersionSummary(serializers.ModelSerializer):
    """A version within its category."""

    class Meta:
        model = ModelVersion
        fields: tuple[str, ...] = (
            "id",
            "number",
            "standing",
            "method",
            "threshold",
            "image_auroc",
            "f1",
            "precision",
            "recall",
            "created",
            "metrics",
        )
        read_only_fields: tuple[str, ...] = fields


class VersionDetail(VersionSummary):
    """A version by itself."""

    category = serializers.SlugRelatedField[ModelVersion](slug_field="slug", read_only=True)
    promoted_by = Who()

    class Meta(VersionSummary.Meta):
        fields = ("category", *VersionSummary.Meta.fields, "config", "sha256", "promoted", "promoted_by")
        read_only_fields = fields
