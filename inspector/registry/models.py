"""What runs produced: model versions; and deployments: which of them judges a category, by which limits."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from detection.results import Evaluation
from inspector.categories.models import Category
from inspector.core.events import REASON_LENGTH
from inspector.registry.making import Making
from inspector.samples.models import Sample


class Standing(models.TextChoices):
    """Of a version, derived from its deployments: never deployed, deployed now, deployed once."""

    CANDIDATE = "candidate", "Candidate"
    ACTIVE = "active", "Active"
    RETIRED = "retired", "Retired"


class VersionQuerySet(QuerySet["ModelVersion"]):
    def with_standing(self) -> Self:
        """`standing`, and when and by whom it was promoted last: as the properties of the same names,
        in one query and to filter by."""
        deployed = Deployment.objects.filter(version=OuterRef("pk"), kind=Kind.ACTIVE)
        promotions = deployed.exclude(change=Change.LIMITS).order_by("-since", "-pk")
        return self.annotate(
            standing=Case(
                When(Exists(deployed.filter(until=None)), then=Value(Standing.ACTIVE.value)),
                When(Exists(deployed), then=Value(Standing.RETIRED.value)),
                default=Value(Standing.CANDIDATE.value),
            ),
            promoted=Subquery(promotions.values("since")[:1]),
            promoted_by=Subquery(promotions.values("by__username")[:1]),
        )


class ModelVersion(models.Model):
    """A trained detector of a category. It never changes; its deployments say which one is in use."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(help_text="Version number within the category, starting at 1")
    method = models.CharField(max_length=40)
    # The run folder as one zip in storage; workers unpack it into var/ and check the hash.
    artifact = models.FileField(upload_to="unused", max_length=255)
    sha256 = models.CharField(max_length=64)
    # Chosen when it was trained; photos are judged by the limits of the deployment.
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

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["category", "number"], name="version_number_once")]
        permissions = [
            ("promote_modelversion", "Can promote a model version or roll back to one"),
            ("view_metrics", "Can see the metrics of a model version, such as its AUROC"),
        ]

    def __str__(self) -> str:
        return f"{self.category} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("registry:version", args=[self.category.slug, self.number])

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        for derived in ("standing", "promoted", "promoted_by"):
            self.__dict__.pop(derived, None)
        super().refresh_from_db(*args, **kwargs)

    @cached_property
    def standing(self) -> str:
        return str(self._derived("standing"))

    @cached_property
    def promoted(self) -> datetime | None:
        """When it was put to work last; None for a candidate."""
        return self._derived("promoted")

    @cached_property
    def promoted_by(self) -> str | None:
        """Their name; None for the system itself."""
        return self._derived("promoted_by")

    def _derived(self, name: str) -> Any:
        # Of a row that was not read by `with_standing`; only what shows one version gets here.
        return ModelVersion.objects.with_standing().values_list(name, flat=True).get(pk=self.pk)

    def get_standing_display(self) -> str:
        return str(Standing(self.standing).label)

    @property
    def results(self) -> Evaluation:
        """`metrics`, typed; what old versions do not know is None, 0 or empty."""
        return Evaluation.from_dict(self.metrics)

    @property
    def making(self) -> Making:
        """`config`, typed."""
        return Making.from_dict(self.config)

    @property
    def is_active(self) -> bool:
        return self.standing == Standing.ACTIVE

    @property
    def review_from(self) -> float | None:
        """Where REVIEW begins by its training; None without such a band."""
        return self.making.threshold.review_from

    @property
    def policy(self) -> str:
        """How its two limits were chosen; "" where that is not known."""
        return self.making.threshold.policy or ""


class Kind(models.TextChoices):
    """ACTIVE: its verdicts count. SHADOW: it judges the same photos, and nobody acts on it."""

    ACTIVE = "active", "Active"
    SHADOW = "shadow", "Shadow"


class Change(models.TextChoices):
    """What a deployment began with."""

    PROMOTION = "promotion", "Promoted"
    ROLLBACK = "rollback", "Rolled back"
    LIMITS = "limits", "Changed limits"


class Deployment(models.Model):
    """A version at work in a category, with its limits. Another version or other limits are another row."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="deployments")
    # Not always one of this category: one version may judge several.
    version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="deployments")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ACTIVE)
    change = models.CharField(max_length=10, choices=Change, default=Change.PROMOTION)
    threshold = models.FloatField(help_text="Scores at or above this are ANOMALY")
    review_from = models.FloatField(
        null=True, help_text="Lowest score for REVIEW; null if there is no REVIEW band"
    )
    review_unstable = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether a verdict that slight changes of the photo change is REVIEW, whatever the score",
    )
    fast = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether the version's quick draft says OK alone where that is clear",
    )
    policy = models.CharField(
        max_length=40, blank=True, help_text="How the limits were chosen; empty where that is not known"
    )
    # The colour scale of heatmaps: it begins at or below REVIEW, so that no such photo is without colour.
    map_low = models.FloatField()
    map_high = models.FloatField()
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, help_text="Null while it is at work")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        ordering = ["-since", "-pk"]
        indexes = [models.Index(fields=["category", "-since", "-id"], name="deployment_history")]
        constraints = [
            models.UniqueConstraint(
                fields=["category"], condition=Q(kind="active", until=None), name="one_active_deployment"
            ),
            models.UniqueConstraint(
                fields=["category", "version"],
                condition=Q(kind="shadow", until=None),
                name="one_shadow_of_a_version",
            ),
            models.CheckConstraint(
                condition=Q(review_from=None) | Q(review_from__lte=F("threshold")),
                name="review_below_anomaly",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="deployment_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} in {self.category}"

    @property
    def by_hand(self) -> bool:
        """Whether its limits are no longer those of the training."""
        own = (self.version.threshold, self.version.review_from)
        return (self.threshold, self.review_from) != own


class Judgement(models.Model):
    """What a version said of a test photo, when it was made, by a threshold that did not know the photo."""

    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="judgements")
    # Null once the sample was removed: hash, label and name stay.
    sample = models.ForeignKey(Sample, null=True, on_delete=models.SET_NULL, related_name="judgements")
    sha256 = models.CharField(max_length=64)
    label = models.CharField(max_length=60)
    filename = models.CharField(max_length=255)
    score = models.FloatField()
    # With cross-fitting another one for each fold: see `detection.verdicts.crossfit`.
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
