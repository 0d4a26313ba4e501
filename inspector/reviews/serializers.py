"""Reviews as the API gives and takes them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from inspector.core.api import IdRelatedField, NothingUnread, Several, Who
from inspector.core.numbers import BIGGEST
from inspector.inspections.models import Inspection
from inspector.reviews.forms import LONGEST
from inspector.reviews.masks import MAX_POINTS, MAX_SHAPES
from inspector.reviews.models import (
    KEYS,
    NAME_LENGTH,
    WORDS_LENGTH,
    Decision,
    DefectType,
    Disposition,
    Dispute,
    Mark,
    MarkWithdrawal,
    Review,
    Severity,
    Withdrawal,
)


class DefectTypeDetail(serializers.ModelSerializer):
    """A kind of defect of a category."""

    example = serializers.IntegerField(
        source="shown_example", allow_null=True, help_text="Of the inspection whose photo shows it"
    )

    class Meta:
        model = DefectType
        fields = ("id", "name", "severity", "key", "description", "example", "created", "retired")
        read_only_fields = fields


class NewDefectType(NothingUnread, serializers.Serializer):
    name = serializers.CharField(max_length=NAME_LENGTH)
    severity = serializers.ChoiceField(
        choices=Severity.choices, required=False, help_text=f"`{Severity.MAJOR}` by default"
    )
    key = serializers.IntegerField(min_value=KEYS[0], max_value=KEYS[-1], required=False)
    description = serializers.CharField(max_length=WORDS_LENGTH, required=False, allow_blank=True)


class NewExample(NothingUnread, serializers.Serializer):
    inspection = IdRelatedField(queryset=Inspection.objects.all(), allow_null=True)


class WithdrawalDetail(serializers.ModelSerializer):
    person = Who()

    class Meta:
        model = Withdrawal
        fields = ("person", "reason", "created")
        read_only_fields = fields


class ReviewDetail(serializers.ModelSerializer):
    """What a person decided. It stands unless it was withdrawn; the newest standing one counts."""

    person = Who()
    category = serializers.SlugRelatedField[Review](
        source="inspection.category", slug_field="slug", read_only=True
    )
    verdict = serializers.CharField(source="inspection.verdict", help_text="The model's, which stays")
    defect_type = serializers.CharField(source="defect_type.name", default=None, allow_null=True)
    # "" where nobody said: of a field that is only read the library would not document that.
    severity = serializers.ChoiceField(choices=Severity.choices, allow_blank=True, read_only=True)
    disposition = serializers.ChoiceField(choices=Disposition.choices, allow_blank=True, read_only=True)
    withdrawal = WithdrawalDetail(default=None, allow_null=True)

    class Meta:
        model = Review
        fields = (
            "id",
            "inspection",
            "category",
            "verdict",
            "person",
            "decision",
            "defect_type",
            "severity",
            "disposition",
            "comment",
            "created",
            "withdrawal",
        )
        read_only_fields = fields


class NewReview(NothingUnread, serializers.Serializer):
    inspection = serializers.IntegerField(min_value=1, max_value=BIGGEST)
    decision = serializers.ChoiceField(choices=Decision.choices)
    defect_type = serializers.CharField(
        max_length=NAME_LENGTH,
        required=False,
        allow_blank=True,
        help_text="Its name; one that the category does not have is added",
    )
    severity = serializers.ChoiceField(
        choices=Severity.choices, required=False, allow_blank=True, help_text="Of this part; else its type's"
    )
    disposition = serializers.ChoiceField(choices=Disposition.choices, required=False, allow_blank=True)
    comment = serializers.CharField(max_length=WORDS_LENGTH, required=False, allow_blank=True)
    seconds = serializers.FloatField(min_value=0, max_value=LONGEST, required=False)
    seen = serializers.IntegerField(
        min_value=1,
        max_value=BIGGEST,
        required=False,
        allow_null=True,
        help_text="Id of the standing review you know of, null for none: 409 if it is another by now. "
        "Left out, nothing is compared.",
    )
    operation = serializers.UUIDField(
        required=False, help_text="Your choice: a request sent again with the same one adds nothing"
    )


class Reason(NothingUnread, serializers.Serializer):
    reason = serializers.CharField(max_length=WORDS_LENGTH, required=False, allow_blank=True)


class DisputeDetail(serializers.ModelSerializer):
    person = Who()

    class Meta:
        model = Dispute
        fields = ("id", "inspection", "person", "reason", "created")
        read_only_fields = fields


class DefectMarkWithdrawal(serializers.ModelSerializer):
    person = Who()

    class Meta:
        model = MarkWithdrawal
        fields = ("person", "reason", "created")
        read_only_fields = fields


class DefectMark(serializers.ModelSerializer):
    """Where a person sees the defect."""

    person = Who()
    mask = serializers.SerializerMethodField(
        help_text="PNG at the photo's size, upright as it is shown: 255 on the defect, else 0"
    )
    withdrawal = DefectMarkWithdrawal(default=None, allow_null=True)

    class Meta:
        model = Mark
        fields = ("id", "inspection", "person", "created", "mask", "sha256", "share", "tools", "withdrawal")
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_mask(self, mark: Mark) -> Any:
        return reverse("api:mark-mask", args=[mark.pk], request=self.context.get("request"))


class NewMark(NothingUnread, serializers.Serializer):
    """A mask, or shapes in pixels of the photo as it is shown; not both."""

    mask = serializers.FileField(
        required=False, help_text="PNG at the photo's size; light is the defect, dark and transparent are not"
    )
    polygons = Several(
        child=Several(
            child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
            max_length=MAX_POINTS,
        ),
        required=False,
        max_length=MAX_SHAPES,
        help_text="Of points [x, y]; what any of them encloses is marked",
    )
    boxes = Several(
        child=serializers.ListField(child=serializers.FloatField(), min_length=4, max_length=4),
        required=False,
        max_length=MAX_SHAPES,
        help_text="[left, top, width, height]",
    )
    seen = serializers.IntegerField(
        min_value=1,
        max_value=BIGGEST,
        required=False,
        allow_null=True,
        help_text="Id of the mark you know of, null for none: 409 if it is another by now. Left out, nothing "
        "is compared.",
    )

    def validate(self, sent: dict[str, Any]) -> dict[str, Any]:
        shapes = bool(sent.get("polygons") or sent.get("boxes"))
        if shapes == bool(sent.get("mask")):
            raise serializers.ValidationError(
                {"mask": ["Send a mask, or polygons and boxes: one of the two."]}
            )
        return sent


class Outlines(serializers.Serializer):
    """Rings of points [x, y] in pixels of the photo, filled by the even-odd rule; the largest first."""

    review = serializers.ListField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.IntegerField())),
        help_text="Where the map is at or above the REVIEW limit",
    )
    anomaly = serializers.ListField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.IntegerField())),
        help_text="Where it is at or above the threshold",
    )
