"""What the panel's page for training several categories shows: a line for each, and all together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from detection.options.catalogue import AUTO, METHODS
from inspector.categories.models import Category
from inspector.training.ability import DEFAULT_BACKBONE, ability
from inspector.training.estimate import Estimate, estimates_of
from inspector.training.readiness import Point, amounts_of, to_judge_by, to_learn_from
from inspector.training.retrain_page import FormOf


@dataclass(frozen=True, slots=True)
class Line:
    """A category; `estimate` of what is recommended, None where there is nothing to learn from."""

    category: Category
    points: list[Point]
    estimate: Estimate | None


class SeveralPage:
    """The page of several categories: call `form`, then `context`. Twenty take as many queries as two."""

    def __init__(self, chosen: list[Category]) -> None:
        self.chosen = chosen
        self.able = ability()
        self.amounts = amounts_of(chosen)
        trainable = {pk: photos for pk, photos in self.amounts.items() if photos.train}
        self.estimates = estimates_of(trainable, weights=self.able.has(DEFAULT_BACKBONE))

    def form(self, data: Any, kind: Callable[..., FormOf]) -> FormOf:
        """`kind`: a form that can also train each category as last time."""
        return kind(data, several=True, able=self.able, estimates=self._together())

    def context(self) -> dict[str, Any]:
        return {
            "lines": [self._line(category) for category in self.chosen],
            "trainable": bool(self.estimates),
            "left_out": self.able.left_out_of_auto,
            "estimate": self._together().get(AUTO),
        }

    def _line(self, category: Category) -> Line:
        photos = self.amounts[category.pk]
        points = [to_learn_from(photos.train), *([to_judge_by(photos)] if photos.train else [])]
        return Line(category, points, self.estimates.get(category.pk, {}).get(AUTO))

    def _together(self) -> dict[str, Estimate]:
        """By each method: one category after the other."""
        if not self.estimates:
            return {}
        return {name: _sum(each[name] for each in self.estimates.values()) for name in METHODS}


def _sum(each: Iterable[Estimate]) -> Estimate:
    estimates = list(each)
    return Estimate(
        sum(one.seconds for one in estimates),
        "one after the other",
        at_most=any(one.at_most for one in estimates),
        measured=all(one.measured for one in estimates),
    )
