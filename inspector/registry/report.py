"""A version's metrics as pages show them: for each kind of defect, and beside another version's."""

from dataclasses import dataclass
from typing import Any

from inspector.core.templatetags.figures import duration
from inspector.registry.methods import applies
from inspector.registry.models import ModelVersion

COMPARED = {"image_auroc": "Image AUROC", "f1": "F1", "precision": "Precision", "recall": "Recall"}
MADE_WITH = (
    ("size", "Photo size", " px"),
    ("epochs", "Epochs at most", ""),
    ("minutes", "Minutes at most", ""),
    ("backbone", "Pretrained network", ""),
    ("batch_size", "Batch size", ""),
    ("learning_rate", "Learning rate", ""),
    ("width", "Channels", ""),
    ("seed", "Seed", ""),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of defect was found: `flagged` of `n` photos."""

    name: str
    n: int
    flagged: int | None
    recall: float | None
    image_auroc: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric of a version beside that of the one it is compared with; for all of them higher is better."""

    name: str
    this: float | None
    other: float | None

    @property
    def change(self) -> float | None:
        return None if self.this is None or self.other is None else self.this - self.other

    @property
    def word(self) -> str:
        if self.change is None:
            return "not comparable"
        if round(self.change, 3) == 0:
            return "same"
        return "better" if self.change > 0 else "worse"


def kinds(version: ModelVersion) -> list[Kind]:
    """By name of the defect."""
    found: dict[str, dict[str, Any]] = version.metrics.get("by_defect") or {}
    return [
        Kind(
            name=name,
            n=values.get("n", 0),
            flagged=values.get("flagged"),
            recall=values.get("recall"),
            image_auroc=values.get("image_auroc"),
        )
        for name, values in sorted(found.items())
    ]


def n_good_scores(version: ModelVersion) -> int:
    """How many good photos, none of them learned from, its p-values are counted among."""
    return len((version.config.get("threshold") or {}).get("good_scores") or ())


def compare(version: ModelVersion, other: ModelVersion | None) -> list[Difference]:
    """Overall metrics first, then the recall of each kind of defect; empty without another version."""
    if other is None or other.pk == version.pk:
        return []
    overall = [
        Difference(label, getattr(version, name), getattr(other, name)) for name, label in COMPARED.items()
    ]
    this = {kind.name: kind.recall for kind in kinds(version)}
    that = {kind.name: kind.recall for kind in kinds(other)}
    found = [Difference(f"Recall, {name}", this[name], that[name]) for name in this if name in that]
    return overall + found


def same_photos(version: ModelVersion, other: ModelVersion | None) -> bool:
    """Whether both were judged on equally many photos of each label; else their metrics say less."""
    if other is None:
        return True
    return _tested_on(version) == _tested_on(other)


def _tested_on(version: ModelVersion) -> tuple[int, dict[str, int]]:
    return version.metrics.get("n_good", 0), {kind.name: kind.n for kind in kinds(version)}


def made_with(version: ModelVersion) -> list[tuple[str, str]]:
    """What its training was told and saw, as names and values; what is not known is left out."""
    options: dict[str, Any] = version.config.get("options", {})
    told = [
        (label, _shown(name, options[name], unit))
        for name, label, unit in MADE_WITH
        if name in options and applies(name, version.method)
    ]
    return _saw(version.config) + told


def _saw(config: dict[str, Any]) -> list[tuple[str, str]]:
    images = config.get("images", {})
    saw = []
    if "learned" in images:
        saw.append(("Learned from", f"{images['learned']} good photos; {images['held_back']} held back"))
    if "seconds" in config:
        saw.append(
            ("Training took", f"{duration(config['seconds'])} on {config.get('device', 'this machine')}")
        )
    return saw


def _shown(name: str, value: Any, unit: str) -> str:
    if name == "minutes" and not value:
        return "no limit"
    return f"{value:g}{unit}" if isinstance(value, int | float) else f"{value}{unit}"
