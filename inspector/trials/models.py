"""One photo as the models of several categories see it. It is not an inspection, and not part of the
record."""

from datetime import timedelta

from django.db import models
from django.urls import reverse

from inspector.core.jobs import LongJob
from inspector.inspections.models import Verdict
from inspector.registry.models import ModelVersion

KEPT = timedelta(days=7)


class Trial(LongJob):
    """A photo that somebody wants to see judged by several versions. Its progress is {"done", "total"}."""

    photo = models.FileField(upload_to="unused", max_length=255, editable=False)
    filename = models.CharField(max_length=255, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Trial {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("trials:trial", args=[self.pk])


class TrialJudgement(models.Model):
    """What one version says of the photo, by the limits in force when it was asked."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="judgements")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    threshold = models.FloatField()
    review_from = models.FloatField(null=True)
    map_low = models.FloatField()
    map_high = models.FloatField()
    # Null until it is judged, or where `problem` says why it was not.
    score = models.FloatField(null=True)
    # "" where the photo does not show the version's part: its score means nothing then.
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    other_part = models.BooleanField(default=False)
    p_value = models.FloatField(null=True)
    milliseconds = models.PositiveIntegerField(null=True)
    preview = models.FileField(upload_to="unused", max_length=255, blank=True)
    heatmap = models.FileField(upload_to="unused", max_length=255, blank=True)
    problem = models.TextField(blank=True)
    drafted = False  # the model itself judges, whatever the deployment uses

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["trial", "version"], name="a_version_once_in_a_trial")]

    def __str__(self) -> str:
        return f"{self.version} in {self.trial}"
