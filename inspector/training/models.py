"""Trainings: how each of them went, and what the machines that train can run."""

from typing import Any

from django.db import models
from django.urls import reverse

from inspector.categories.models import Category
from inspector.core.jobs import LongJob, open_condition
from inspector.registry.models import ModelVersion
from inspector.samples.models import DatasetSnapshot
from inspector.training.how_far import HowFar


class TrainingRun(LongJob):
    """One training of one category.

    Its progress is detection.Progress.as_dict(), with the losses so far for the live plot.
    """

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="runs")
    snapshot = models.ForeignKey(DatasetSnapshot, on_delete=models.PROTECT, related_name="runs")
    method = models.CharField(max_length=40, default="unet")
    # detection.TrainOptions as keyword arguments; what is not in it has the method's default.
    options = models.JSONField(default=dict)
    # Of a family (categories that share a model): the run that a worker takes, which trains this one along.
    lead = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="along", editable=False
    )
    # What it joins, without a training: a version of another category, null once that is deleted; and its
    # name, "" where it is trained by itself.
    joins = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.SET_NULL, related_name="joined_by", editable=False
    )
    joins_name = models.CharField(max_length=255, blank=True, db_default="", default="", editable=False)
    # Whether a quick draft is made with it, which may decide clear OKs (docs/cascade.md).
    fast = models.BooleanField(default=False, db_default=False)
    # The first version of a demo category has nothing to be compared with and no admin to wait for.
    promote_when_done = models.BooleanField(default=False, editable=False)
    version = models.OneToOneField(
        ModelVersion, null=True, on_delete=models.PROTECT, related_name="run", editable=False
    )

    class Meta:
        ordering = ["-pk"]
        permissions = [("cancel_trainingrun", "Can cancel a training run")]
        constraints = [
            models.UniqueConstraint(
                fields=["category"], condition=open_condition(), name="one_open_run_per_category"
            )
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.category}"

    def get_absolute_url(self) -> str:
        return reverse("training:run", args=[self.pk])

    @property
    def reached(self) -> dict[str, Any]:
        """`progress`; of the run that trains this one along, where there is one."""
        return (self.lead or self).progress

    @property
    def how_far(self) -> HowFar:
        """`reached`, typed."""
        return HowFar.from_dict(self.reached)


class TrainingMachine(models.Model):
    """What a train worker last said of the machine it runs on; written by that worker alone."""

    name = models.CharField(max_length=255, unique=True)
    seen = models.DateTimeField()
    # {"resnet18": "here" | "download" | "missing", ...}, see detection.options.weight_files.states. Without
    # "timm/" there is no timm.
    weights = models.JSONField(default=dict)
    # What INSPECTOR_WEIGHTS_DIR names there, for the advice where to put a file.
    weights_folder = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
