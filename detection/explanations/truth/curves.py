"""Deletion and insertion (Petsiuk, Das and Saenko 2018, arXiv:1806.07421), and agreement of attributions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats
from torch import Tensor

from detection.explanations import background
from detection.explanations.background import Background
from detection.methods.base import Model
from detection.verdicts.scoring import plain

# Side of a cell, px: photos are changed cell by cell, the most attributed first, up to these shares of cells.
CELL = 16
SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)


@dataclass(frozen=True, slots=True)
class Curves:
    """Mean scores over the shares of cells, scaled: 0 is the background's score, 1 the photo's.

    deletion: of the photo without its most attributed cells: lower is better. insertion: of the background
    with them: higher is better.
    """

    deletion: float
    insertion: float


def of(model: Model, image: Tensor, ground: Background, attribution: NDArray[np.float32]) -> Curves | None:
    """None where the photo's score is not above the background's. image: [3, H, W]."""
    score = plain(model.judge(image[None]).scores)[0]
    if score <= ground.score:
        return None
    order = np.argsort(-cells(attribution).flatten(), kind="stable")
    taken = [order[: max(1, round(share * len(order)))] for share in SHARES]
    masks = torch.stack([_mask(one, image) for one in taken])
    kept = torch.cat([~masks, masks]).float()
    scores = np.array(plain(model.judge(background.mixed(image, ground.image, kept)).scores))
    shares = np.clip((scores - ground.score) / (score - ground.score), 0.0, 2.0)
    return Curves(float(shares[: len(SHARES)].mean()), float(shares[len(SHARES) :].mean()))


def cells(attribution: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean of each cell of [H, W], whose sides are multiples of a cell's: [H / CELL, W / CELL]."""
    height, width = attribution.shape
    blocks = attribution.reshape(height // CELL, CELL, width // CELL, CELL)
    return np.asarray(blocks.mean(axis=(1, 3)), dtype=np.float64)


def rank(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Spearman's correlation of the cells of two attributions; 0 where one is the same everywhere."""
    first, second = cells(one).flatten(), cells(other).flatten()
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 0.0
    return float(stats.spearmanr(first, second).statistic)


def _mask(taken: NDArray[np.int64], image: Tensor) -> Tensor:
    """bool [H, W]: the cells of these numbers."""
    height, width = image.shape[1] // CELL, image.shape[2] // CELL
    grid = torch.zeros(height * width, dtype=torch.bool, device=image.device)
    grid[torch.from_numpy(taken.copy()).to(image.device)] = True
    return grid.reshape(height, width).repeat_interleave(CELL, 0).repeat_interleave(CELL, 1)
