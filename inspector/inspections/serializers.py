"""Inspections as the API takes and shows them."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from inspector.categories.models import Category
from inspector.core.api import ErrorBody, JobError, NothingUnread, Who
from inspector.core.numbers import BIGGEST
from inspector.inspections.filters import STATES
from inspector.inspections.models import Disagreement, Inspection, Outcome, Severity, Verdict
from inspector.inspections.part_models import PART_LENGTH
from inspector.inspections.parts import NAMES

# Of what GET /api/inspections/{id}/images/{kind}/ serves, those named in `images`.
SHOWN_KINDS = ("original", "reconstruction", "heatmap", "contours")


class CategoryField(serializers.SlugRelatedField[Category]):
    default_error_messages = {
        "does_not_exist": "There is no category “{value}”. GET /api/categories/ lists them."
    }

    def to_internal_value(self, data: Any) -> Category:
        if "\0" in str(data):  # PostgreSQL refuses to look for it
            self.fail("does_not_exist", value=data)
        return super().to_internal_value(data)


def _part_field(help_text: str) -> serializers.CharField:
    return serializers.CharField(
        required=False, allow_blank=True, max_length=PART_LENGTH, default="", help_text=help_text
    )


@extend_schema_field({"type": "object", "additionalProperties": {"type": "string", "maxLength": PART_LENGTH}})
class PartFields(serializers.JSONField):
    """Which there are, and what each may be, is a matter of `parts`."""

    def to_internal_value(self, data: Any) -> Any:
        try:
            return super().to_internal_value(data)
        except RecursionError:  # nested too deep
            self.fail("invalid")


class NewCategory(NothingUnread, serializers.Serializer):
    category = CategoryField(
        slug_field="slug", queryset=Category.objects.all(), help_text="A category's slug"
    )


class SendInspections(NothingUnread, serializers.Serializer):
    """Photos of one category."""

    category = CategoryField(
        slug_field="slug", queryset=Category.objects.all(), help_text="A category's slug"
    )
    images = serializers.ListField(
        # An empty file concerns that file alone: it is refused by its name, and the others continue.
        child=serializers.FileField(allow_empty_file=True),
        allow_empty=False,
        max_length=settings.MAX_BATCH_FILES,
        help_text="One or many files",
    )
    batch = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=BIGGEST,
        help_text="Adds the photos to your earlier batch of the same category",
    )
    lot = _part_field("The lot of all these photos")
    serial = _part_field("The serial number of the part that all of these photos show")
    station = _part_field("Where they were taken")
    order = _part_field("The order that the part is made for")
    part_fields = PartFields(
        required=False,
        help_text="Fields of this installation's own (`INSPECTOR_PART_FIELDS`), a JSON object of texts: "
        '{"cavity": "3"}',
    )


class RejectedFile(serializers.Serializer):
    filename = serializers.CharField()
    code = serializers.CharField(help_text="Stable, for programs")
    message = serializers.CharField(help_text="What is wrong with the file and what to do")


class AcceptedFile(serializers.ModelSerializer):
    state = serializers.ChoiceField(choices=STATES)

    class Meta:
        model = Inspection
        fields = ("id", "state", "filename")
        read_only_fields = fields


class Sent(serializers.Serializer):
    """What became of the files: inspections to ask for again, and refused ones with the reason."""

    batch = serializers.IntegerField(allow_null=True)
    inspections = AcceptedFile(many=True)
    rejected = RejectedFile(many=True)


class NoneSent(serializers.Serializer):
    """Why nothing was accepted; where it is because of the files, `rejected` says why for each."""

    error = ErrorBody()
    batch = serializers.IntegerField(allow_null=True, required=False)
    inspections = AcceptedFile(many=True, required=False)
    rejected = RejectedFile(many=True, required=False)


class Stability(serializers.Serializer):
    """Whether the verdict depends on chance."""

    same = serializers.IntegerField(help_text="Slight changes of the photo that leave its verdict as it is")
    of = serializers.IntegerField(help_text="How many there were: 5 if these hardly moved the score, else 20")


class Wait(serializers.Serializer):
    """Why a photo has to wait: a fault of the place, not its own. Nothing is lost."""

    code = serializers.CharField(source="wait_code", help_text="Stable, for programs")
    message = serializers.CharField(source="wait_message")
    since = serializers.DateTimeField(source="wait_since")
    tried = serializers.DateTimeField(source="started", allow_null=True, help_text="When it was last tried")
    next_try = serializers.DateTimeField(source="wait_until")


class Earlier(serializers.ModelSerializer):
    """The newest inspection of the very same file in the same category before this one."""

    verdict = serializers.ChoiceField(choices=Verdict.choices)

    class Meta:
        model = Inspection
        fields = ("id", "verdict", "finished")
        read_only_fields = fields


class InspectionImages(serializers.Serializer):
    """Addresses of pictures, null where there is none (yet). They take the same token."""

    original = serializers.URLField(allow_null=True)
    reconstruction = serializers.URLField(
        allow_null=True, help_text="What the model expected; only for methods that draw it"
    )
    heatmap = serializers.URLField(allow_null=True, help_text="The anomaly map as colours: a layer, PNG")
    contours = serializers.URLField(allow_null=True, help_text="The anomaly map as lines: a layer, SVG")


class InspectionDetail(serializers.ModelSerializer):
    """One photo and what was found on it."""

    category = serializers.SlugRelatedField[Inspection](slug_field="slug", read_only=True)
    submitted_by = Who()
    state = serializers.ChoiceField(choices=STATES)
    verdict = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField(
        help_text="What the newest standing review says, otherwise the verdict; null before there is one"
    )
    decided_by = Who(help_text="Of the newest standing review; so are `reviewed`, `defect_type`, `severity`")
    disagreement = serializers.ChoiceField(
        choices=Disagreement.choices,
        allow_null=True,
        help_text="How the newest standing review contradicts the verdict",
    )
    severity = serializers.ChoiceField(choices=Severity.choices, allow_null=True)
    version = serializers.IntegerField(source="version_id", allow_null=True)
    drafted = serializers.BooleanField(
        read_only=True,
        help_text="Whether a quick draft decided: score and heatmap are estimates then, not to be compared "
        "with a model's, and there is no p-value",
    )
    draft_agrees = serializers.BooleanField(
        read_only=True,
        allow_null=True,
        help_text="Whether the quick draft's OK was right, for a photo that was drawn for the model to "
        "judge, too; null for all others",
    )
    p_interval = serializers.SerializerMethodField(
        help_text="95 % interval of the share that `p_value` estimates: wide with few good photos"
    )
    stability = serializers.SerializerMethodField(
        help_text="After how many slight changes of the photo its verdict stays as it is; null far from both "
        "limits"
    )
    spread = serializers.FloatField(
        allow_null=True,
        help_text="The standard error of the score, where it is the mean of several draws (`diffusion`)",
    )
    error = JobError()
    looks_like = serializers.SlugRelatedField[Inspection](
        slug_field="slug",
        read_only=True,
        allow_null=True,
        help_text="Of one that failed as `not_this_part`: the category that it seems to show, if any",
    )
    wait = serializers.SerializerMethodField()
    earlier = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField()
    part_fields = PartFields(read_only=True)

    class Meta:
        model = Inspection
        fields = (
            "id",
            "batch",
            "category",
            *NAMES,
            "part_fields",
            "filename",
            "sha256",
            "note",
            "state",
            "verdict",
            "outcome",
            "reviewed",
            "decided_by",
            "defect_type",
            "severity",
            "disagreement",
            "score",
            "drafted",
            "draft_agrees",
            "threshold",
            "review_from",
            "p_value",
            "p_interval",
            "doubt",
            "stability",
            "spread",
            "version",
            "deployment",
            "created",
            "taken",
            "finished",
            "milliseconds",
            "submitted_by",
            "error",
            "looks_like",
            "wait",
            "earlier",
            "dismissed",
            "images",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Verdict.choices, allow_null=True))
    def get_verdict(self, row: Inspection) -> str | None:
        return row.verdict or None

    @extend_schema_field(serializers.ChoiceField(choices=Outcome.choices, allow_null=True))
    def get_outcome(self, row: Inspection) -> str | None:
        return row.outcome or None

    @extend_schema_field(
        serializers.ListField(
            child=serializers.FloatField(), min_length=2, max_length=2, allow_null=True, default=None
        )
    )
    def get_p_interval(self, row: Inspection) -> list[float] | None:
        return None if row.p_low is None or row.p_high is None else [row.p_low, row.p_high]

    @extend_schema_field(Stability(allow_null=True))
    def get_stability(self, row: Inspection) -> dict[str, int | None] | None:
        return None if row.stable is None else {"same": row.stable, "of": row.stable_of}

    @extend_schema_field(Wait(allow_null=True))
    def get_wait(self, row: Inspection) -> dict[str, Any] | None:
        return dict(Wait(row).data) if row.is_held else None

    @extend_schema_field(Earlier(allow_null=True))
    def get_earlier(self, row: Inspection) -> dict[str, Any] | None:
        return dict(Earlier(row.earlier).data) if row.earlier else None

    @extend_schema_field(InspectionImages)
    def get_images(self, row: Inspection) -> dict[str, str | None]:
        return {kind: self._address(row, kind) for kind in SHOWN_KINDS}

    def _address(self, row: Inspection, kind: str) -> str | None:
        if not getattr(row, kind):
            return None
        address: Any = reverse(
            "api:inspection-image", args=[row.pk, kind], request=self.context.get("request")
        )
        return str(address)
