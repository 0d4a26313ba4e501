"""What happened, counted by the hour: a year of a busy line is read in a moment.

Rows are added, never locked: each verdict and review adds what it changes, whatever others write meanwhile,
and the sweep folds what was added into one row for each key. So a sum is always that of all rows of its key.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from inspector.categories.models import Category
from inspector.inspections.models import Outcome, Verdict
from inspector.inspections.part_models import PART_LENGTH
from inspector.registry.models import ModelVersion
from inspector.reviews.models import DefectType


class Sum(models.Model):
    """Its key: an hour in UTC, of when photos came; and what they have in common."""

    hour = models.DateTimeField()
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    station = models.CharField(max_length=PART_LENGTH, blank=True)
    # At most one row per key; the others were added since.
    folded = models.BooleanField(default=False)

    KEY: tuple[str, ...] = ("hour", "category_id", "version_id", "person_id", "station")

    class Meta:
        abstract = True


class HourlySum(Sum):
    """How many photos got which verdict and ended with which outcome."""

    ok_good = models.IntegerField(default=0)
    ok_defective = models.IntegerField(default=0)
    ok_open = models.IntegerField(default=0)
    review_good = models.IntegerField(default=0)
    review_defective = models.IntegerField(default=0)
    review_open = models.IntegerField(default=0)
    anomaly_good = models.IntegerField(default=0)
    anomaly_defective = models.IntegerField(default=0)
    anomaly_open = models.IntegerField(default=0)

    COUNTS: tuple[str, ...] = tuple(
        f"{verdict}_{outcome}".lower() for verdict in Verdict.values for outcome in Outcome.values
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "category", "version", "person", "station"],
                condition=Q(folded=True),
                name="one_sum_of_an_hour",
            )
        ]
        indexes = [
            models.Index(fields=["category", "hour"], name="sum_of_category"),
            models.Index(fields=["id"], condition=Q(folded=False), name="sum_added"),
        ]

    def __str__(self) -> str:
        return f"{self.category}, {self.hour:%Y-%m-%d %H:00}"


class DefectSum(Sum):
    """How many photos a standing review gave which defect type."""

    defect_type = models.ForeignKey(DefectType, on_delete=models.CASCADE, related_name="+")
    n = models.IntegerField(default=0)

    KEY = (*Sum.KEY, "defect_type_id")
    COUNTS = ("n",)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "category", "version", "person", "station", "defect_type"],
                condition=Q(folded=True),
                name="one_defect_sum_of_an_hour",
            )
        ]
        indexes = [
            models.Index(fields=["category", "hour"], name="defect_sum_of_category"),
            models.Index(fields=["id"], condition=Q(folded=False), name="defect_sum_added"),
        ]

    def __str__(self) -> str:
        return f"{self.defect_type}, {self.hour:%Y-%m-%d %H:00}"


SUMS: tuple[type[HourlySum] | type[DefectSum], ...] = (HourlySum, DefectSum)


def column(verdict: str, outcome: str) -> str:
    """Where photos with this verdict and this outcome are counted."""
    return f"{verdict}_{outcome}".lower()
