"""Numbers that describe a whole photo: colours by place, contrast, edges by direction and width, shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detection.photos.view import View

Floats = NDArray[np.float32]

# RGB to brightness and two differences of colour (ITU-R BT.601).
_COLOURS = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]], dtype=np.float32)
_CELLS, _DIRECTIONS, _WIDTHS = 4, 8, (1, 2, 4)
# Added before logarithms: what noise alone may amount to.
_NOISE_OF_EDGES, _NOISE_OF_CONTRAST = 1e-2, 1e-2
# Brings all numbers to similar spreads, so that shrinking their covariance treats them alike.
_SCALE = 4.0
LENGTH = 3 * _CELLS**2 + 3 + _DIRECTIONS * len(_WIDTHS) + 1


def signature(view: View) -> Floats:
    """float32 [LENGTH]."""
    photo = view.pixels[None].astype(np.float32) / np.float32(255)
    one: Floats = signatures(photo, [view.aspect])[0]
    return one


def signatures(photos: Floats, aspects: Sequence[float]) -> Floats:
    """Of squares [N, S, S, 3] in 0..1, S a multiple of 16, and the photos' aspects: float32 [N, LENGTH]."""
    colours = photos @ _COLOURS.T
    cells = _mean_of_cells(colours, colours.shape[1] // _CELLS).reshape(len(photos), -1)
    contrast = np.log(colours.std(axis=(1, 2)) + _NOISE_OF_CONTRAST)
    edges = [_edges(_mean_of_cells(colours[..., 0], width)) for width in _WIDTHS]
    shape = np.log(np.asarray(aspects, dtype=np.float32))[:, None]
    return np.concatenate([_SCALE * cells, contrast, *edges, _SCALE * shape], axis=1).astype(np.float32)


def _edges(brightness: Floats) -> Floats:
    """How strong edges are, by their direction, [N, _DIRECTIONS]: logarithms."""
    along = brightness[:, 1:-1, 2:] - brightness[:, 1:-1, :-2]
    down = brightness[:, 2:, 1:-1] - brightness[:, :-2, 1:-1]
    strength = np.hypot(along, down) + 1e-12
    strengths = []
    for angle in np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS):
        towards = np.maximum(np.cos(angle) * along + np.sin(angle) * down, 0)
        strengths.append((towards**2 / strength).mean(axis=(1, 2)))
    return np.log(np.stack(strengths, axis=1) + _NOISE_OF_EDGES)


def _mean_of_cells(values: Floats, side: int) -> Floats:
    """[N, S, S, ...] to means of squares of that side, [N, S / side, S / side, ...]."""
    if side == 1:
        return values
    count, height, width, *more = values.shape
    split = values.reshape(count, height // side, side, width // side, side, *more)
    means: Floats = split.mean(axis=(2, 4))
    return means
