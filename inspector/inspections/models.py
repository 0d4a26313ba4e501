"""The record: batches of photos and what was found on each. A verdict, once written, is never changed."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from inspector.categories.models import Category
from inspector.core.jobs import Job
from inspector.registry.models import ModelVersion


class Verdict(models.TextChoices):
    OK = "OK", "OK"
    REVIEW = "REVIEW", "Review"
    ANOMALY = "ANOMALY", "Anomaly"


class Source(models.TextChoices):
    WEB = "web", "Browser"
    API = "api", "API"
    COMMAND = "command", "Command line"


class Batch(models.Model):
    """Inspections submitted together."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="batches")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="batches"
    )
    source = models.CharField(max_length=10, choices=Source)
    created = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name_plural = "batches"

    def __str__(self) -> str:
        return f"Batch {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("inspections:batch", args=[self.pk])


class Inspection(Job):
    """One photo judged once."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="inspections")
    # Its batch's category and submitter, repeated: history filters and sorts on them through one index.
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="inspections")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="inspections"
    )
    # The photo as it came, byte for byte.
    filename = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, db_index=True)
    bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    original = models.FileField(upload_to="unused", max_length=255)
    note = models.CharField(max_length=200, blank=True, help_text="What had to be converted to judge it")
    # What was found. Written once, together.
    verdict = models.CharField(max_length=10, choices=Verdict, blank=True)
    score = models.FloatField(null=True)
    threshold = models.FloatField(null=True)
    review_from = models.FloatField(null=True, help_text="Where REVIEW begins; null without such a band")
    # Of good parts, the share that look at least this unusual; null where the version knows no good scores.
    p_value = models.FloatField(null=True)
    version = models.ForeignKey(ModelVersion, null=True, on_delete=models.PROTECT, related_name="inspections")
    milliseconds = models.PositiveIntegerField(null=True, help_text="Spent on this photo by the worker")
    # Pictures for people: the photo as a browser can show it, the model's reconstruction (of methods that
    # make one), and two layers to lay over it: the anomaly map as colours and as contour lines.
    preview = models.FileField(upload_to="unused", max_length=255, blank=True)
    thumbnail = models.FileField(upload_to="unused", max_length=255, blank=True)
    reconstruction = models.FileField(upload_to="unused", max_length=255, blank=True)
    heatmap = models.FileField(upload_to="unused", max_length=255, blank=True)
    contours = models.FileField(upload_to="unused", max_length=255, blank=True)

    class Meta:
        ordering = ["-pk"]
        permissions = [("retry_inspection", "Can send a failed inspection round again")]
        indexes = [
            models.Index(fields=["category", "-id"], name="inspection_category"),
            models.Index(fields=["verdict", "-id"], name="inspection_verdict"),
            models.Index(fields=["state", "-id"], name="inspection_state"),
            models.Index(fields=["category", "verdict", "-id"], name="inspection_category_verdict"),
            models.Index(fields=["state", "category", "id"], name="inspection_queue"),
            models.Index(fields=["created"], name="inspection_created"),
            models.Index(
                fields=["lease_until"], name="inspection_lease", condition=models.Q(state="running")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="done")
                | models.Q(
                    score__isnull=False, threshold__isnull=False, version__isnull=False, verdict__gt=""
                ),
                name="done_has_a_verdict",
            )
        ]

    def __str__(self) -> str:
        return f"Inspection {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("inspections:inspection", args=[self.pk])
