"""What is inspected: categories of parts and the stored images that teach and test them."""

from typing import Any

from django.db import models
from django.urls import reverse

from inspector.categories.names import KEY_LENGTH, key_of
from inspector.core.jobs import LongJob, open_condition


class Category(models.Model):
    """One kind of part."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=80)
    # `names.key_of` the name: two that look alike are one, even when both are made at the same moment.
    key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False)
    description = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)
    # Since when it is out of use; its history stays. Null: in use.
    archived = models.DateTimeField(null=True, editable=False)
    # The folder it was first imported from; "" for one whose photos came by browser.
    imported_from = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # `create` and `describe` see to it that the key goes with the name; other rows get one, too.
        self.key = self.key or key_of(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("registry:category", args=[self.slug])


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


class Exploration(LongJob):
    """One look at all samples of a category: what there is, and what to put right.

    Its progress is {"done", "total"} while it runs.
    """

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="explorations")
    # `selectors.samples_digest` of what was looked at: another one now, and it is out of date.
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
