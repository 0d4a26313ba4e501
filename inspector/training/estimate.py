"""How long a training will take here: by former trainings of this installation, otherwise by a rule of
thumb."""

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from detection.options import for_method
from detection.options.catalogue import AUTO, METHODS
from inspector.categories.models import Category
from inspector.core.jobs import State
from inspector.core.templatetags.figures import roughly
from inspector.registry.making import Learned
from inspector.training.ability import DEFAULT_BACKBONE
from inspector.training.models import TrainingRun
from inspector.training.readiness import Amounts

# Seconds of one thread at the method's own size: (once, for each photo of the category). The commands are
# in docs/measurements/speed.md#how-long-a-training-takes.
PACE = {
    AUTO: (260.0, 0.35),
    "patchcore-padim": (40.0, 0.25),
    "patchcore": (20.0, 0.30),
    "padim": (3.0, 0.18),
    "filterbank": (25.0, 0.16),
    "unet-features": (180.0, 0.18),
    "transformer": (10.0, 0.25),
    "transformer-filterbank": (10.0, 0.25),
    "unet-repair": (0.0, 0.10),
    "diffusion": (20.0, 0.10),
    "unet": (0.0, 0.25),
}
AUTO_WITHOUT_WEIGHTS = PACE["unet-features"]
# `unet` for each photo and epoch, at 256 px.
UNET_STEP = 0.42
# An epoch of transformers, at 320 px: it has 256 photos however many there are.
TRANSFORMER_EPOCH = 10.0
# The same of diffusion, at 128 px.
DIFFUSION_EPOCH = 2.5
# How many former trainings say how fast this installation is, out of how many that are looked at.
REMEMBERED, LOOKED_AT = 5, 50
# Options that the rule takes into account, or that cost no time. A run with another one says nothing here.
RECKONED = frozenset(
    {"size", "epochs", "minutes", "seed", "threshold", "target", "percentile", "review", "defect_share"}
)
RULE = "a rule of thumb, measured on two cores of a server"


@dataclass(frozen=True, slots=True)
class Estimate:
    """seconds: about. at_most: it may well end earlier. source: what it goes by, in words; measured: by
    former trainings here."""

    seconds: float
    source: str
    at_most: bool = False
    measured: bool = False

    def __str__(self) -> str:
        return f"{'up to' if self.at_most else 'about'} {roughly(self.seconds)}"


def rule(method: str, photos: Amounts, options: dict[str, Any], *, weights: bool = True) -> float:
    """Seconds by the rule of thumb. weights: whether `auto` has those of a pretrained network."""
    asked = for_method(method, **options)
    area = (asked.size / for_method(method).size) ** 2
    once, each = AUTO_WITHOUT_WEIGHTS if method == AUTO and not weights else PACE[method]
    seconds = area * (once + each * (photos.train + photos.good + photos.defect))
    limit = 60 * asked.minutes
    if method == "unet-repair":
        return seconds + limit  # it learns until its time is over
    learning = area * asked.epochs * _epoch(method, photos)
    return seconds + (min(learning, limit) if limit else learning)


def _epoch(method: str, photos: Amounts) -> float:
    """Seconds of an epoch at the method's own size; 0 where they are in PACE."""
    if method == "unet":
        return UNET_STEP * photos.train
    if method == "diffusion":
        return DIFFUSION_EPOCH
    return TRANSFORMER_EPOCH if method in ("transformer", "transformer-filterbank") else 0.0


@dataclass(frozen=True, slots=True)
class Former:
    """A training that ended well, as far as it says how fast this installation is."""

    pk: int
    category: int
    method: str
    options: dict[str, Any]
    seconds: float
    amounts: Amounts


def estimates(category: Category, photos: Amounts, *, weights: bool = True) -> dict[str, Estimate]:
    """What each method takes by its own options on so many of a category's photos; in one query."""
    return estimates_of({category.pk: photos}, weights=weights)[category.pk]


def estimates_of(amounts: Mapping[int, Amounts], *, weights: bool = True) -> dict[int, dict[str, Estimate]]:
    """The same of several categories, by their ids; in one query."""
    former = list(_former())
    return {
        category: {name: _one(category, name, photos, former, weights) for name in METHODS}
        for category, photos in amounts.items()
    }


def _one(category: int, method: str, photos: Amounts, former: list[Former], weights: bool) -> Estimate:
    by_rule = rule(method, photos, {}, weights=weights)
    alike = [run for run in former if run.method == method]
    own = [run for run in alike if run.category == category][:1]
    known = own or alike[:REMEMBERED]
    at_most = method == "unet"
    if not known:
        return Estimate(by_rule, RULE, at_most)
    paces = [run.seconds / rule(method, run.amounts, run.options, weights=weights) for run in known]
    source = f"run {own[0].pk} of this category" if own else _trainings(len(known))
    return Estimate(by_rule * statistics.median(paces), source, at_most, measured=True)


def _trainings(count: int) -> str:
    what = "a training of another category" if count == 1 else f"{count} trainings of other categories"
    return f"{what} on this installation"


def _former() -> Iterator[Former]:
    # A family takes as long as all of its categories, and a category that joins one takes seconds.
    alone = {"lead": None, "along": None, "joins_name": ""}
    done = TrainingRun.objects.filter(state=State.DONE, method__in=METHODS, version__isnull=False, **alone)
    rows = done.order_by("-pk").values_list(
        *("pk", "category_id", "method", "options", "started", "finished", "fast"),
        *("version__config__images", "version__config__seconds"),
    )
    for pk, category, method, options, started, finished, fast, images, learning in rows[:LOOKED_AT]:
        seen = Learned.from_dict(images or {})
        if fast:
            # A quick draft may take longer than the training before it.
            finished = started and learning and started + timedelta(seconds=learning)
        amounts = Amounts(seen.train, seen.test_good, seen.test_defect)
        if started and finished and amounts.train and _comparable(options):
            yield Former(pk, category, method, options, (finished - started).total_seconds(), amounts)


def _comparable(options: dict[str, Any]) -> bool:
    usual = {"backbone": DEFAULT_BACKBONE}
    return all(name in RECKONED or usual.get(name) == value for name, value in options.items())
