"""The method that learns a category: the one requested, or the best of several (`auto`)."""

from __future__ import annotations

import torch

from detection.methods import registry
from detection.methods.base import Learner
from detection.methods.setting import Geometry, Sizes
from detection.options.catalogue import AUTO
from detection.selection.contest import Contest
from detection.types import TrainOptions


def create(
    options: TrainOptions, device: torch.device, geometry: Geometry | None = None, sizes: Sizes | None = None
) -> Learner:
    """The method that the options name, or the contest. Raises BadOptions for an unknown name."""
    if options.method == AUTO:
        return Contest(options, device, geometry or Geometry(), sizes or Sizes())
    return registry.create(options, device, geometry, sizes)
