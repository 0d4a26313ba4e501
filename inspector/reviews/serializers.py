"""Reviews as the API tells of them and takes them."""

from rest_framework import serializers

from inspector.core.api import Who
from inspector.core.numbers import BIGGEST
from inspector.reviews.forms import LONGEST
from inspector.reviews.models import (
    KEYS,
    NAME_LENGTH,
    WORDS_LENGTH,
    Decision,
    DefectType,
    Disposition,
    Dispute,
    Review,
    Severity,
    Withdrawal,
)


class DefectTypeDetail(serializers.ModelSerializer):
    """A kind of defect of a category."""

    class Meta:
        model = DefectType
        fields = ("id", "name", "severity", "key", "description", "created", "retired")
        read_only_fields = fields


class NewDefectType(serializers.Serializer):
    name = serializers.CharField(max_length=NAME_LENGTH)
    severity = serializers.ChoiceField(choices=Severity.choices, default=Severity.MAJOR)
    key = serializers.IntegerField(min_value=KEYS[0], max_value=KEYS[-1], required=False)
    description = serializers.CharField(max_length=WORDS_LENGTH, required=False, allow_blank=True)


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


class NewReview(serializers.Serializer):
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
        required=False, help_text="Of your choice: sent again with the same one, nothing is added"
    )


class Reason(serializers.Serializer):
    reason = serializers.CharField(max_length=WORDS_LENGTH, required=False, allow_blank=True)


class DisputeDetail(serializers.ModelSerializer):
    person = Who()

    class Meta:
        model = Dispute
        fields = ("id", "inspection", "person", "reason", "created")
        read_only_fields = fields
