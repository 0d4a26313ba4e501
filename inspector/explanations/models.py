"""Why a photo was judged as it was: made on request, kept for some weeks, never part of the verdict."""

from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.db import models
from django.urls import reverse

from detection.options.explanations import KINDS, KindInfo
from inspector.core.jobs import LongJob, State
from inspector.inspections.models import Inspection
from inspector.registry.models import ModelVersion

KEPT = timedelta(days=30)


class Explanation(LongJob):
    """One kind of explanation of what a version said about a photo; a second request gives the same one.

    Its progress is {"done", "total"} in steps while it runs.
    """

    inspection = models.ForeignKey(
        Inspection, on_delete=models.CASCADE, related_name="explanations", editable=False
    )
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+", editable=False)
    kind = models.CharField(max_length=20, editable=False)
    # detection.explanations.Explanation.facts, whole.
    facts = models.JSONField(default=dict, editable=False)
    # {"photo": {"file", "width", "height"}, ...}: names in storage, beside the photo itself.
    pictures = models.JSONField(default=dict, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["inspection", "version", "kind"], name="explained_once")
        ]

    def __str__(self) -> str:
        return f"{self.info.title} of inspection {self.inspection_id}"

    def get_absolute_url(self) -> str:
        return reverse("explanations:explanation", args=[self.pk])

    @property
    def info(self) -> KindInfo:
        return KINDS[self.kind]

    @property
    def folder(self) -> str:
        """Where its pictures are: with the photo, and deleted with it."""
        return f"{PurePosixPath(str(self.inspection.original)).parent}/explanations"

    @property
    def files(self) -> list[str]:
        return [str(picture["file"]) for picture in self.pictures.values()]

    @property
    def is_done(self) -> bool:
        return self.state == State.DONE

    @property
    def share(self) -> dict[str, Any]:
        """`progress` as a bar takes it; empty until a worker has reported."""
        done, total = self.progress.get("done"), self.progress.get("total")
        return {"done": done, "total": total} if total else {}
