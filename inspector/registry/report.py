"""How a version does on each kind of defect, and how it was made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from detection.options.catalogue import backbone_title
from detection.options.table import Option, hosted
from inspector.categories.models import Category
from inspector.core.templatetags.figures import duration
from inspector.registry.making import Family, Making, Trust, Turns
from inspector.registry.methods import applies
from inspector.registry.models import ModelVersion

# What `detection.normality.turns` calls the sets that good photos may support, from the least to the most.
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
    return [
        Kind(
            name=kind.name,
            n=kind.n,
            flagged=kind.flagged,
            recall=kind.recall,
            image_auroc=kind.image_auroc,
            pixel_auroc=kind.pixel_auroc,
            aupro=kind.aupro,
            recall_interval=kind.recall_interval,
            review=None if review is None else review.get(kind.name, 0),
        )
        for kind in version.results.by_defect
    ]


def n_good_scores(version: ModelVersion) -> int:
    """How many good photos, none of them learned from, its p-values are counted among."""
    return len(version.making.threshold.good_scores)


def made_with(version: ModelVersion, *, metrics: bool = True) -> list[tuple[str, str]]:
    """What its training was asked for and saw, as names and values; what is not known is left out.

    metrics: whether to give AUROCs, too.
    """
    making, options = version.making, version.making.options
    settings = [
        (option.title, _shown(option, options[option.name]))
        for option in hosted()
        if option.of != "verdicts" and option.name in options and applies(option.name, version.method)
    ]
    trust = _trust(making.trust) if metrics else []
    return _saw(making) + _turns(making.turns) + trust + _family(making.family) + settings


def _saw(making: Making) -> list[tuple[str, str]]:
    saw = []
    if making.learned.photos is not None:
        saw.append(("Trained on", f"{making.learned.photos} good photos{_apart(making)}"))
    if making.seconds is not None:
        saw.append(("Training time", f"{duration(making.seconds)} on {making.device or 'this machine'}"))
    return saw


def _apart(making: Making) -> str:
    """Where the good scores come from that its threshold and p-values are based on."""
    if making.learned.held_out:
        return f"; {making.learned.held_out} held out"
    return "; each scored as if it had not been learned from" if making.threshold.good_scores else ""


def _turns(turns: Turns | None) -> list[tuple[str, str]]:
    """The angles that parts lie at, and whether turned copies were trained on."""
    if turns is None:
        return []
    supported = [name for name in TURNS if name in turns.supported]
    if not supported:
        return [("Angles", "parts always lie the same way")]
    lie = f"good photos look normal {TURNS[supported[-1]]}"
    count = turns.copies
    copies = f"also trained on {count} turned {'copy' if count == 1 else 'copies'} of each"
    return [("Angles", f"{lie}: {copies}" if count else f"{lie}; there are enough photos without copies")]


def _trust(trust: Trust | None) -> list[tuple[str, str]]:
    """Whether a network that learned from synthetic damage is used, and why."""
    if trust is None:
        return []
    used = "used" if trust.trusted else "not used"
    reached = f"{trust.together:.3f} with it, {trust.alone:.3f} without"
    return [("Network", f"{used}: AUROC on unseen synthetic defects {reached}")]


def _family(family: Family) -> list[tuple[str, str]]:
    """Whose photos taught what it shares."""
    if not family.categories:
        return []
    names = dict(Category.objects.filter(slug__in=family.categories).values_list("slug", "name"))
    taught = f"learned from the photos of {', '.join(names.get(slug, slug) for slug in family.categories)}"
    return [("Family", f"{taught}; joined without a training" if family.joined else f"one model, {taught}")]


def _shown(option: Option, value: Any) -> str:
    if option.name == "minutes" and not value:
        return "no limit"
    if option.name == "backbone":
        return backbone_title(str(value))
    unit = f" {option.unit}" if option.unit else ""
    return f"{value:g}{unit}" if isinstance(value, int | float) else f"{value}{unit}"
