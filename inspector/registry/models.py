"""What runs produced: model versions, one of them active in each category."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from inspector.categories.models import Category, Sample
from inspector.registry.making import Making
from inspector.registry.results import Results


class Standing(models.TextChoices):
    CANDIDATE = "candidate", "Candidate"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


class ModelVersion(models.Model):
    """A trained detector of a category. What it is never changes; only its standing does."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="Version number within the category, starting at 1")
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.CANDIDATE, editable=False)
    method = models.CharField(max_length=40)
    # The run folder as one zip in storage; workers unpack it into var/ and check the hash.
    artifact = models.FileField(upload_to="unused", max_length=255)
    sha256 = models.CharField(max_length=64)
    threshold = models.FloatField()
    # The fixed colour scale of this version's heatmaps: transparent at `low`, fullest at `high`.
    map_low = models.FloatField()
    map_high = models.FloatField()
    # detection.Evaluation.as_dict(), whole; the four columns are what tables sort and show.
    metrics = models.JSONField(default=dict)
    config = models.JSONField(default=dict)
    image_auroc = models.FloatField(null=True)
    f1 = models.FloatField(null=True)
    precision = models.FloatField(null=True)
    recall = models.FloatField(null=True)
    # Storage paths by name: {"roc.svg": "versions/3/plots/roc.svg", ...}
    plots = models.JSONField(default=dict)
    created = models.DateTimeField(default=timezone.now, editable=False)
    promoted = models.DateTimeField(null=True, editable=False)
    promoted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["category", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["category"], condition=models.Q(standing="active"), name="one_active_version"
            ),
        ]
        permissions = [
            ("promote_modelversion", "Can promote a model version or roll back to one"),
            ("view_metrics", "Can see the metrics of a model version, such as its AUROC"),
        ]

    def __str__(self) -> str:
        return f"{self.category} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("registry:version", args=[self.category.slug, self.number])

    @property
    def results(self) -> Results:
        """`metrics`, typed."""
        return Results.from_dict(self.metrics)

    @property
    def making(self) -> Making:
        """`config`, typed."""
        return Making.from_dict(self.config)

    @property
    def is_active(self) -> bool:
        return self.standing == Standing.ACTIVE


class Judgement(models.Model):
    """What a version said of a test photo, when it was made, by a threshold that did not know the photo."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="judgements")
    # Null once the sample was removed: hash, label and name stay.
    sample = models.ForeignKey(Sample, null=True, on_delete=models.SET_NULL, related_name="judgements")
    sha256 = models.CharField(max_length=64)
    label = models.CharField(max_length=60)
    filename = models.CharField(max_length=255)
    score = models.FloatField()
    # With cross-fitting another one for each fold: see `detection.crossfit`.
    threshold = models.FloatField()
    verdict = models.CharField(max_length=10)
    p_value = models.FloatField(null=True)

    class Meta:
        ordering = ["-score", "pk"]
        indexes = [
            models.Index(fields=["version", "-score", "id"], name="judgement_by_score"),
            models.Index(fields=["version", "sha256"], name="judgement_photo"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} for {self.filename}"
