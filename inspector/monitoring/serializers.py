"""Trends as the API gives them."""

from rest_framework import serializers


class CountedRow(serializers.Serializer):
    judged = serializers.IntegerField()
    defective = serializers.IntegerField()
    open = serializers.IntegerField(help_text="Undecided: REVIEW without a decision, or *cannot tell*")
    share = serializers.FloatField(allow_null=True, help_text="Defective of those whose outcome is known")


class RatePoint(CountedRow):
    label = serializers.CharField()  # type: ignore[assignment]
    since = serializers.DateTimeField()
    low = serializers.FloatField(allow_null=True, help_text="Lower limit")
    high = serializers.FloatField(allow_null=True, help_text="Upper limit")
    first_pass = serializers.FloatField(allow_null=True, help_text="First-pass yield")
    signals = serializers.ListField(child=serializers.CharField(), help_text="Names of the rules")


class MarkDetail(serializers.Serializer):
    at = serializers.IntegerField(help_text="Place of its point")
    time = serializers.DateTimeField()
    when = serializers.CharField()
    words = serializers.CharField()


class RateDetail(serializers.Serializer):
    words = serializers.CharField(help_text="Why this chart, or why there are no limits")
    chart = serializers.CharField(allow_null=True, help_text="“p chart” or “Laney p' chart”")
    centre = serializers.FloatField(allow_null=True)
    sigma_z = serializers.FloatField(allow_null=True, help_text="1: subgroups differ only by chance")
    base_since = serializers.DateTimeField()
    base_until = serializers.DateTimeField()
    marks = MarkDetail(many=True)
    rows = RatePoint(many=True)


class DefectBar(serializers.Serializer):
    name = serializers.CharField()
    n = serializers.IntegerField()
    share = serializers.FloatField()
    cumulative = serializers.FloatField()


class DefectsDetail(serializers.Serializer):
    words = serializers.CharField()
    rows = DefectBar(many=True)


class ComparedRow(CountedRow):
    name = serializers.CharField()
    low = serializers.FloatField(allow_null=True, help_text="95 % interval (Wilson)")
    high = serializers.FloatField(allow_null=True)
    first_pass = serializers.FloatField(allow_null=True)


class ComparisonDetail(serializers.Serializer):
    words = serializers.CharField()
    by = serializers.CharField()
    rows = ComparedRow(many=True)


class HeatCell(CountedRow):
    weekday = serializers.CharField()
    hour = serializers.CharField()


class HeatDetail(serializers.Serializer):
    words = serializers.CharField()
    zone = serializers.CharField()
    rows = HeatCell(many=True)


class DriftDetail(serializers.Serializer):
    """One comparison in one category."""

    category = serializers.SlugField(source="category.slug")
    measure = serializers.CharField(source="measure.name")
    against = serializers.CharField()
    finding = serializers.CharField(source="result.finding")
    percent = serializers.FloatField(source="result.percent", allow_null=True)
    since = serializers.DateTimeField(source="result.since", allow_null=True)
    p_value = serializers.FloatField(
        source="result.p_value", allow_null=True, help_text="Adjusted for the number of comparisons"
    )
    words = serializers.CharField()


class StratumDetail(serializers.Serializer):
    why = serializers.CharField()
    parts = serializers.IntegerField()
    decided = serializers.IntegerField()
    hits = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()


class SideDetail(serializers.Serializer):
    """Escapes, or false calls: a share with its 95 % interval."""

    name = serializers.CharField()
    share = serializers.FloatField(source="estimate.share", allow_null=True)
    low = serializers.FloatField(source="estimate.low")
    high = serializers.FloatField(source="estimate.high")
    parts = serializers.IntegerField(source="estimate.parts")
    decided = serializers.IntegerField(source="estimate.decided")
    waiting = serializers.IntegerField(help_text="Photos drawn for it that are still in the queue")
    strata = StratumDetail(source="estimate.strata", many=True)
    words = serializers.CharField()
    advice = serializers.CharField()


_MEASURES = ("false_alarm", "miss", "anomaly")


class GroupSaid(serializers.Serializer):
    words = serializers.CharField()
    href = serializers.CharField(help_text="The photos, in History")


class GroupRow(serializers.Serializer):
    """A share of each measure with its 95 % interval, against all other groups. `p` is adjusted for
    the number of comparisons (Benjamini and Hochberg); `differs`: `more`, `fewer`, or empty."""

    name = serializers.CharField()
    judged = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for measure in _MEASURES:
            fields |= {f"{measure}_{part}": serializers.IntegerField() for part in ("count", "n")}
            fields |= {
                f"{measure}_{part}": serializers.FloatField(allow_null=True)
                for part in ("share", "low", "high", "others", "p")
            }
            fields[f"{measure}_differs"] = serializers.CharField(allow_blank=True)
        return fields


class GroupsDetail(serializers.Serializer):
    words = serializers.CharField(help_text="How many of the photos judged ANOMALY people decided about")
    by = serializers.CharField()
    says = GroupSaid(many=True, help_text="Where there are more, in sentences")
    rows = GroupRow(many=True)
