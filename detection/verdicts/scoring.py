"""From an image and its reconstruction to an anomaly map and a score."""

from __future__ import annotations

from torch import Tensor

from detection.verdicts.cutoffs import WORST

TOP = 0.01


def squared_error(images: Tensor, reconstructions: Tensor) -> Tensor:
    """The anomaly map [N, H, W] of images and reconstructions [N, C, H, W], both in 0..1.

    The squared error of each pixel, averaged over the channels: 0 is perfect, 1 the worst there is.
    """
    return (images - reconstructions).square().mean(dim=1)


def topk_error(maps: Tensor, top: float = TOP) -> Tensor:
    """The score [N] of anomaly maps [N, H, W]: the mean of the largest 1 % of each (one value at least).

    A small defect is not averaged away by the large good rest, and a single noisy pixel does not decide.
    """
    values = maps.flatten(1)
    count = max(1, round(top * values.shape[1]))
    return values.topk(count, dim=1).values.mean(dim=1)


def plain(scores: Tensor) -> list[float]:
    """Scores as Python's floats. One that is no number is the worst there is: such a photo gets flagged."""
    values: list[float] = scores.double().nan_to_num(nan=WORST, posinf=WORST, neginf=-WORST).tolist()
    return values
