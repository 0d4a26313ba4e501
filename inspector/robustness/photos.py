"""The test photos of a version: what its training did not learn from."""

from dataclasses import dataclass

from inspector.registry.models import ModelVersion
from inspector.samples.models import GOOD, Sample, Split
from inspector.training.models import TrainingRun


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """image: its name in storage."""

    label: str
    sha256: str
    image: str
    filename: str


def test_photos(version: ModelVersion) -> list[StoredPhoto]:
    """Those of the snapshot that it was trained on; without one, those among the samples now."""
    run = TrainingRun.objects.filter(version=version).select_related("snapshot").first()
    if run:
        return [
            StoredPhoto(item["label"], item["sha256"], item["image"], item["filename"])
            for item in run.snapshot.items
            if item["split"] == Split.TEST
        ]
    rows = Sample.objects.filter(category=version.category, split=Split.TEST).order_by("pk")
    return [StoredPhoto(row.label, row.sha256, str(row.image), row.filename) for row in rows]


def has_good(version: ModelVersion) -> bool:
    return any(photo.label == GOOD for photo in test_photos(version))
