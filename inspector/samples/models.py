"""Photos of parts: stored ones for training and testing, frozen sets of them, and explorations of them."""

from django.db import models

from inspector.categories.models import Category
from inspector.core.jobs import LongJob, open_condition


class Split(models.TextChoices):
    TRAIN = "train", "Training"
    TEST = "test", "Test"


GOOD = "good"


class Sample(models.Model):
    """A stored image of a category: for training a good one, for testing a good one or one kind of defect."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="samples")
    split = models.CharField(max_length=5, choices=Split)
    label = models.CharField(max_length=60, help_text="“good”, or the kind of defect")
    filename = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    image = models.FileField(upload_to="unused", max_length=255)
    mask = models.FileField(upload_to="unused", max_length=255, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["category", "split", "label", "sha256"], name="sample_once"),
            models.CheckConstraint(
                condition=~models.Q(split=Split.TRAIN) | models.Q(label=GOOD),
                name="training_samples_are_good",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category_id}/{self.split}/{self.label}/{self.filename}"


class DatasetSnapshot(models.Model):
    """The samples of a category when a run was requested; frozen."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="snapshots")
    created = models.DateTimeField(auto_now_add=True)
    # [{"id", "sha256", "split", "label", "image", "mask"}, ...]: storage paths hold the hash and stay.
    items = models.JSONField(default=list)
    sha256 = models.CharField(
        max_length=64, help_text="SHA-256 of the sorted hashes and labels: equal for equal data"
    )

    def __str__(self) -> str:
        return f"{self.category} {self.sha256[:8]}"


class Exploration(LongJob):
    """One examination of all samples of a category: what there is, and what to fix.

    Its progress is {"done", "total"} while it runs.
    """

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="explorations")
    # `selectors.samples_digest` of what was examined: if it differs now, this is out of date.
    digest = models.CharField(max_length=64, editable=False)
    # detection.explore.Description.as_dict(photos=False); photos are called by their samples' ids.
    description = models.JSONField(default=dict, editable=False)
    # {"counts": {"title", "svg", "png"}, ...}: names in storage.
    plots = models.JSONField(default=dict, editable=False)
    errors = models.PositiveSmallIntegerField(default=0, editable=False)
    warnings = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["category"], condition=open_condition(), name="one_open_exploration_per_category"
            )
        ]

    def __str__(self) -> str:
        return f"Exploration {self.pk} of {self.category}"
