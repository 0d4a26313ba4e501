"""How a version does on each kind of defect, and how it was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspector.core.templatetags.figures import duration
from inspector.registry.methods import applies
from inspector.registry.models import ModelVersion

MADE_WITH = (
    ("size", "Photo size", " px"),
    ("epochs", "Maximum epochs", ""),
    ("minutes", "Maximum minutes", ""),
    ("backbone", "Pretrained network", ""),
    ("batch_size", "Batch size", ""),
    ("learning_rate", "Learning rate", ""),
    ("width", "Channels", ""),
    ("seed", "Seed", ""),
)
# What `detection.turns` calls the sets that good photos may support, from the least to the most.
TURNS = {
    "mirrored": "mirrored",
    "half": "turned by 180°",
    "quarter": "turned by 90°",
    "any": "at any angle",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of defect was found: `flagged` of `n` photos; pixel metrics where there are masks."""

    name: str
    n: int
    flagged: int | None
    recall: float | None
    image_auroc: float | None
    pixel_auroc: float | None = None
    aupro: float | None = None
    recall_interval: tuple[float, ...] = ()
    review: int | None = None


def kinds(version: ModelVersion, review: Mapping[str, int] | None = None) -> list[Kind]:
    """By name of the defect. review: how many photos of each are REVIEW, where that is known."""
    found: dict[str, dict[str, Any]] = version.metrics.get("by_defect") or {}
    return [
        Kind(
            name=name,
            n=values.get("n", 0),
            flagged=values.get("flagged"),
            recall=values.get("recall"),
            image_auroc=values.get("image_auroc"),
            pixel_auroc=values.get("pixel_auroc"),
            aupro=values.get("aupro"),
            recall_interval=tuple(values.get("recall_interval") or ()),
            review=None if review is None else review.get(name, 0),
        )
        for name, values in sorted(found.items())
    ]


def n_good_scores(version: ModelVersion) -> int:
    """How many good photos, none of them learned from, its p-values are counted among."""
    return len((version.config.get("threshold") or {}).get("good_scores") or ())


def made_with(version: ModelVersion) -> list[tuple[str, str]]:
    """What its training was told and saw, as names and values; what is not known is left out."""
    options: dict[str, Any] = version.config.get("options", {})
    told = [
        (label, _shown(name, options[name], unit))
        for name, label, unit in MADE_WITH
        if name in options and applies(name, version.method)
    ]
    return _saw(version.config) + _turns(version.config) + _trust(version.config) + told


def _saw(config: dict[str, Any]) -> list[tuple[str, str]]:
    images = config.get("images", {})
    saw = []
    if "learned" in images:
        saw.append(("Trained on", f"{images['learned']} good photos{_apart(config)}"))
    if "seconds" in config:
        saw.append(
            ("Training time", f"{duration(config['seconds'])} on {config.get('device', 'this machine')}")
        )
    return saw


def _apart(config: dict[str, Any]) -> str:
    """Where the scores of good photos come from that its threshold and p-values stand on."""
    if config["images"]["held_back"]:
        return f"; {config['images']['held_back']} held out"
    crossed = (config.get("threshold") or {}).get("good_scores")
    return "; each scored as if it had not been learned from" if crossed else ""


def _turns(config: dict[str, Any]) -> list[tuple[str, str]]:
    """What was found of the angles that parts lie at, and what was made of it."""
    found: dict[str, Any] = config.get("turns") or {}
    if not found.get("evidence"):
        return []
    supported = [name for name in TURNS if name in found["supported"]]
    if not supported:
        return [("Angles", "parts always lie the same way")]
    lie = f"good photos look normal {TURNS[supported[-1]]}"
    count = len(found["copies"])
    copies = f"also trained on {count} turned {'copy' if count == 1 else 'copies'} of each"
    return [("Angles", f"{lie}: {copies}" if count else f"{lie}; there are enough photos without copies")]


def _trust(config: dict[str, Any]) -> list[tuple[str, str]]:
    """Whether a network that learned from made-up damage is used, and why."""
    found: dict[str, Any] = config.get("learning", {}).get("trust") or {}
    if not found:
        return []
    used = "used" if found["trusted"] else "not used"
    together, alone = found["together"], found["alone"]
    shown = f"{used}: AUROC on unseen synthetic defects {together:.3f} with it, {alone:.3f} without"
    return [("Network", shown)]


def _shown(name: str, value: Any, unit: str) -> str:
    if name == "minutes" and not value:
        return "no limit"
    return f"{value:g}{unit}" if isinstance(value, int | float) else f"{value}{unit}"
