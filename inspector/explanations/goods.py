"""The good photos that a version has learned from, for explanations."""

from typing import Any

from detection.explanations import GoodPhoto  # loads torch: for workers
from inspector.core import files
from inspector.registry.models import ModelVersion
from inspector.samples.models import Sample
from inspector.training.models import TrainingRun

GONE = "it is no longer among the samples"
REMOVED = "it was removed from the samples since"


class SamplesOfVersion:
    """By the hash of their files: those of the snapshot that the version was trained on, also those that were
    removed from the samples since; without a snapshot those of the category."""

    def __init__(self, version: ModelVersion) -> None:
        self._version = version
        run = TrainingRun.objects.filter(version=version).select_related("snapshot").first()
        items: list[dict[str, Any]] = run.snapshot.items if run else []
        self._stored = {str(item["sha256"]): str(item["image"]) for item in items}

    def find(self, sha256: str) -> GoodPhoto:
        rows = Sample.objects.filter(category=self._version.category, sha256=sha256)
        sample = rows.only("filename", "image").first()
        image = str(sample.image) if sample else self._stored.get(sha256, "")
        name = sample.filename if sample else sha256[:8]
        if not image:
            return GoodPhoto(name, None, GONE)
        try:
            return GoodPhoto(name, files.read(image), "" if sample else REMOVED)
        except FileNotFoundError:
            return GoodPhoto(name, None, "its file is missing from storage")
