"""From anomaly maps to scores."""

from __future__ import annotations

from torch import Tensor

from detection.verdicts.cutoffs import WORST

TOP = 0.01


def squared_error(images: Tensor, reconstructions: Tensor) -> Tensor:
    """The anomaly map [N, H, W] of images and reconstructions [N, C, H, W], both in 0..1.

    The squared error of each pixel, averaged over the channels: 0 is perfect, 1 the worst possible.
    """
    return (images - reconstructions).square().mean(dim=1)


def topk_error(maps: Tensor, top: float = TOP) -> Tensor:
    """The score [N] of anomaly maps [N, H, W]: the mean of the largest 1 % of each (at least one value).

    A small defect is not averaged away by the large good rest, and a single noisy pixel does not decide.
    """
    values = maps.flatten(1)
    count = max(1, round(top * values.shape[1]))
    return values.topk(count, dim=1).values.mean(dim=1)


def plain(scores: Tensor) -> list[float]:
    """Scores as Python floats. One that is not a number becomes the worst possible, so that the photo is
    flagged."""
    values: list[float] = scores.double().nan_to_num(nan=WORST, posinf=WORST, neginf=-WORST).tolist()
    return values
