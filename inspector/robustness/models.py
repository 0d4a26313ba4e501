"""How the verdicts of a version hold under harmless changes, and what that means for promoting it."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse

from detection.robustness.report import PROMISE, Report
from inspector.categories.models import Category
from inspector.core.jobs import LongJob, State, open_condition
from inspector.registry.models import ModelVersion

PHOTOS = 20  # of good parts, and as many defective ones
MOST_PHOTOS = 100
STRENGTHS = (1, 2, 3, 4, 5)


class RobustnessReport(LongJob):
    """The verdicts of a version on its test photos after harmless changes, by the limits it has when asked.

    Its progress is {"done", "total"} in verdicts while it runs.
    """

    version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="robustness_reports", editable=False
    )
    photos = models.PositiveSmallIntegerField(default=PHOTOS, editable=False)
    threshold = models.FloatField(editable=False)
    review_from = models.FloatField(null=True, editable=False)
    # The share of good parts that may be flagged; whether the limits promise it.
    promise = models.FloatField(default=PROMISE, editable=False)
    promised = models.BooleanField(default=False, editable=False)
    # detection.robustness.report.Report.as_dict(), whole.
    results = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=open_condition(), name="one_open_robustness_report"
            )
        ]

    def __str__(self) -> str:
        return f"Robustness report of {self.version}"

    def get_absolute_url(self) -> str:
        return address_of(self.version)

    @property
    def report(self) -> Report | None:
        """None for one that is not done."""
        return Report.from_dict(self.results) if self.state == State.DONE else None

    @property
    def share(self) -> dict[str, Any]:
        """`progress` as a bar takes it; empty until a worker has reported."""
        done, total = self.progress.get("done"), self.progress.get("total")
        return {"done": done, "total": total} if total else {}


class PromotionGate(models.Model):
    """What has to be known about a category's version before it is promoted without a further question."""

    category = models.OneToOneField(Category, on_delete=models.CASCADE, related_name="promotion_gate")
    is_on = models.BooleanField("Ask where a version is not proven", default=False)
    strength = models.PositiveSmallIntegerField(
        default=2, validators=[MinValueValidator(STRENGTHS[0]), MaxValueValidator(STRENGTHS[-1])]
    )
    most = models.FloatField(
        default=5.0, help_text="In per cent", validators=[MinValueValidator(0.0), MaxValueValidator(100.0)]
    )

    def __str__(self) -> str:
        return f"Promotion gate of {self.category}"


def address_of(version: ModelVersion) -> str:
    """The page of a version's robustness."""
    return reverse("robustness:report", args=[version.category.slug, version.number])
