"""How unlike two photos are at each place: in edges and texture, and in colour."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

# Edges are compared at this many scales, each half as fine as the one before.
_SCALES = 4
# Keeps the noise of plain areas from counting as edges: (12 of 255 grey levels)^2.
_PLAIN = 0.0026


def gradient_distances(images: Tensor, others: Tensor) -> Tensor:
    """1 - similarity of gradient magnitudes, in 0..1, mean of four scales: two [N, 3, H, W] -> [N, H, W].

    Gradient magnitude similarity by Xue et al. (2014, arXiv:1308.3052), at several scales as in RIAD
    (Zavrtanik, Kristan and Skočaj 2021), of grey photos.
    """
    one, other = images.mean(1, keepdim=True), others.mean(1, keepdim=True)
    shape, total = one.shape[2:], torch.zeros_like(one)
    for scale in range(_SCALES):
        if scale:
            one, other = functional.avg_pool2d(one, 2), functional.avg_pool2d(other, 2)
        first, second = _magnitudes(one), _magnitudes(other)
        alike = (2 * first * second + _PLAIN) / (first.square() + second.square() + _PLAIN)
        total = total + functional.interpolate(1 - alike, size=shape, mode="bilinear")
    return total[:, 0] / _SCALES


def colour_distances(images: Tensor, others: Tensor) -> Tensor:
    """The mean absolute difference of colours, smoothed over 5 x 5 px: two [N, 3, H, W] -> [N, H, W]."""
    apart = (images - others).abs().mean(1, keepdim=True)
    return functional.avg_pool2d(apart, 5, 1, 2, count_include_pad=False)[:, 0]


def _magnitudes(grey: Tensor) -> Tensor:
    """Of the gradient, by Prewitt's filter: [N, 1, H, W] -> [N, 1, H, W]."""
    rows = torch.tensor([1.0, 0.0, -1.0], device=grey.device).view(3, 1).expand(3, 3) / 3
    filters = torch.stack([rows, rows.t()])[:, None]
    slopes = functional.conv2d(functional.pad(grey, (1, 1, 1, 1), mode="replicate"), filters)
    return (slopes.square().sum(1, keepdim=True) + 1e-12).sqrt()
