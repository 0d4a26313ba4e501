"""What the page for a training shows: what the samples support, what is recommended, and all options."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from detection.options.catalogue import AUTO
from inspector.categories.models import Category
from inspector.registry.selectors import active_version
from inspector.samples.selectors import counts, usual_size
from inspector.training.ability import DEFAULT_BACKBONE, ability
from inspector.training.estimate import Estimate, estimates
from inspector.training.family import joinable
from inspector.training.forms import RetrainForm
from inspector.training.readiness import (
    LEAST_GOOD,
    LEAST_LABELLED,
    LEAST_TO_COMPARE,
    Amounts,
    amounts,
    readiness,
)
from inspector.training.selectors import done_runs, open_run_of
from inspector.training.submit import usual_fast, usual_method, usual_options

# For training.submit: everything else is the method's own.
RECOMMENDED: dict[str, Any] = {"method": AUTO, "options": {}}
FormOf = TypeVar("FormOf", bound=RetrainForm)


@dataclass(frozen=True, slots=True)
class Recommended:
    """What the one click will do, in sentences."""

    method: str
    left_out: str
    threshold: str
    fast: bool
    estimate: Estimate


class RetrainPage:
    """The page of one category: call `form`, then `context`."""

    def __init__(self, category: Category) -> None:
        self.category = category
        self.able = ability()
        self.amounts = amounts(category)
        weights = self.able.has(DEFAULT_BACKBONE)
        self.estimates = estimates(category, self.amounts, weights=weights) if self.amounts.train else {}

    def form(self, data: Any, kind: Callable[..., FormOf]) -> FormOf:
        """`kind`: the site's form, or the panel's."""
        method = usual_method(self.category)
        return kind(
            data,
            usual=usual_options(self.category, method),
            fast=usual_fast(self.category),
            method=method,
            photo=usual_size(self.category),
            able=self.able,
            estimates=self.estimates,
        )

    def context(self) -> dict[str, Any]:
        category = self.category
        trainable = self.amounts.train > 0
        return {
            "category": category,
            "active": active_version(category),
            "last": done_runs(category).first(),
            "open_run": open_run_of(category),
            "counts": counts(category),
            "trainable": trainable,
            "able": self.able,
            "points": readiness(category) if trainable else [],
            "recommended": self._recommended() if trainable else None,
            "joinable": joinable(category) if trainable else [],
        }

    def _recommended(self) -> Recommended:
        return Recommended(
            method=what_auto_does(self.amounts),
            left_out=self.able.left_out_of_auto,
            threshold=how_the_threshold_is_chosen(self.amounts),
            fast=usual_fast(self.category),
            estimate=self.estimates[AUTO],
        )


def what_auto_does(photos: Amounts) -> str:
    """What the automatic choice of a method does with so many photos."""
    if photos.train < LEAST_TO_COMPARE:
        return "Automatic. There are too few photos to compare methods, so it uses its default."
    return "Automatic. It compares methods on your photos with synthetic defects, and trains the best one."


def how_the_threshold_is_chosen(photos: Amounts) -> str:
    """By the policy `auto` (detection.verdicts.thresholds)."""
    if photos.train >= LEAST_GOOD:
        review = "REVIEW from what 5 % of them reach"
        if photos.defect:
            review += f", or lower, so that 95 % of the {_defects(photos.defect)} are at least REVIEW"
        return (
            f"Two limits from the {photos.train} good photos: at most 1 % of good parts are ANOMALY; "
            f"{review}."
        )
    if min(photos.good, photos.defect) >= LEAST_LABELLED:
        return (
            f"From the {photos.good} good and {_defects(photos.defect)}: as few missed defects and false "
            "alarms together as possible, where 5 % of parts are defective."
        )
    if photos.train == 1:
        return "A guess: a single photo says nothing about how good parts vary."
    return f"From the {photos.train} good photos: above 99 % of the scores expected of good parts."


def _defects(count: int) -> str:
    return f"{count} defective test photo{'' if count == 1 else 's'}"
