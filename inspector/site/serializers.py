"""Categories with their versions and runs as the API shows them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from inspector.registry.serializers import DeploymentSummary, VersionSummary
from inspector.training.serializers import RunSummary


class SampleCounts(serializers.Serializer):
    train = serializers.IntegerField()
    test_good = serializers.IntegerField()
    test_defect = serializers.IntegerField()


class CategoryItem(serializers.Serializer):
    """A category with the version that judges its photos now and the run that is open, if any."""

    slug = serializers.SlugField(source="category.slug")
    name = serializers.CharField(source="category.name")
    description = serializers.CharField(source="category.description")
    archived = serializers.DateTimeField(
        source="category.archived", allow_null=True, help_text="When it was archived; null: not archived"
    )
    samples = SampleCounts()
    active_version = VersionSummary(source="active", allow_null=True)
    deployment = DeploymentSummary(
        allow_null=True, help_text="By which limits that version judges photos now, and since when"
    )
    open_run = serializers.SerializerMethodField()

    @extend_schema_field(RunSummary(allow_null=True))
    def get_open_run(self, row: Any) -> dict[str, Any] | None:
        run = self.context["open_runs"].get(row.category.pk)
        return RunSummary(run).data if run else None
