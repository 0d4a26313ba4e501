"""Registering a finished run as a candidate version."""

import hashlib
import math
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.files import File
from django.db import transaction
from django.db.models import Max

import detection
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.errors import writing_into
from inspector.registry import examples, judgements
from inspector.registry.models import Judgement, ModelVersion
from inspector.samples.models import Sample

# Pictures for the version's pages: figures, and example photos.
PLOT_SUFFIXES = (".svg", ".png", ".jpg")


@dataclass(frozen=True, slots=True)
class Stored:
    """The parts of a run folder that are in storage."""

    number: int
    sha256: str
    artifact: str
    plots: dict[str, str]
    examples: list[dict[str, Any]]
    scores: str

    @property
    def names(self) -> list[str]:
        return [self.artifact, *self.plots.values()]


@dataclass(frozen=True, slots=True)
class Trained:
    """A training result that a category gets a version from."""

    category: Category
    run_dir: Path
    method: str
    result: "detection.TrainResult"


def register(category: Category, run_dir: Path, method: str, result: "detection.TrainResult") -> ModelVersion:
    """A candidate version made of a run folder, its artifact and plots in storage."""
    return register_all([Trained(category, run_dir, method, result)])[0]


def register_all(
    trained: Sequence[Trained], *, then: Callable[[list[ModelVersion]], None] | None = None
) -> list[ModelVersion]:
    """The same of each of them: all or none.

    `then` runs in the same transaction as the rows' writing; if it raises, nothing is left behind.
    """
    stored: list[Stored] = []
    try:
        for one in trained:
            stored.append(_store(one.category, Path(one.run_dir)))
        with transaction.atomic():
            versions = [_create(one, kept) for one, kept in zip(trained, stored, strict=True)]
            if then:
                then(versions)
    except BaseException:
        files.delete([name for kept in stored for name in kept.names])
        raise
    return versions


def _create(trained: Trained, stored: Stored) -> ModelVersion:
    result = trained.result
    metrics = finite(result.evaluation.as_dict()) if result.evaluation else {}
    columns = ("image_auroc", "f1", "precision", "recall")
    version = ModelVersion.objects.create(
        category=trained.category,
        number=stored.number,
        method=trained.method,
        artifact=stored.artifact,
        sha256=stored.sha256,
        threshold=result.threshold.value,
        map_low=result.map_scale.low,
        map_high=result.map_scale.high,
        metrics=metrics,
        # With the rest of what the version's page shows: how the threshold was chosen, the example photos.
        config=finite(result.config | {"threshold": asdict(result.threshold), "examples": stored.examples}),
        plots=stored.plots,
        **{name: metrics.get(name) for name in columns},
    )
    if stored.scores:
        judgements.write(version, stored.scores, Judgement, Sample)
    return version


def _store(category: Category, run_dir: Path) -> Stored:
    """Outside any transaction: megabytes are written while others continue."""
    newest = ModelVersion.objects.filter(category=category).aggregate(newest=Max("number"))["newest"]
    number = (newest or 0) + 1
    with _zipped(run_dir) as archive:
        digest = hashlib.file_digest(archive, "sha256").hexdigest()
        archive.seek(0)
        folder = f"versions/{category.slug}/{number}-{digest[:12]}"
        with files.all_or_none() as store:
            artifact = store(f"{folder}/artifact.zip", File(archive))
            names = {
                path.name: store(f"{folder}/plots/{path.name}", path.read_bytes())
                for path in sorted(run_dir.glob("plots/*"))
                if path.suffix in PLOT_SUFFIXES
            }
    scores = run_dir / judgements.SCORES
    table = scores.read_text(encoding="utf-8") if scores.is_file() else ""
    return Stored(number, digest, artifact, names, examples.index(run_dir), table)


@contextmanager
def _zipped(run_dir: Path) -> Iterator[Any]:
    """The run folder as one zip; the same folder gives the same bytes."""
    with tempfile.TemporaryFile() as archive:
        with (
            writing_into(tempfile.gettempdir()),
            zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped,
        ):
            for path in sorted(run_dir.rglob("*")):
                if path.is_file():
                    name = path.relative_to(run_dir).as_posix()
                    zipped.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
        archive.seek(0)
        yield archive


def finite(value: Any) -> Any:
    """For JSON columns: infinity (the first threshold of a ROC curve) and NaN become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [finite(inner) for inner in value]
    return value
