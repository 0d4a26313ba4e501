"""SHAP: how much each part of the photo adds to the score, against a background without anything unusual.

Kernel SHAP (Lundberg and Lee 2017, arXiv:1705.07874) by captum, over superpixels (SLIC, Achanta et al. 2012).
The shares add up to the difference between the scores of photo and background; that is checked.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from detection.explanations import background, pictures
from detection.explanations.shown import Shown
from detection.explanations.types import Explanation, Question
from detection.learning import device as devices
from detection.options.explanations import SHAP
from detection.photos.transforms import to_unit
from detection.verdicts.digits import in_digits
from detection.verdicts.scoring import plain

# Number of superpixels; of pictures judged at once; and the minimum and maximum number of pictures.
PARTS = 40
_BATCH = 4
_LEAST, _MOST = 3, 8  # times the number of superpixels
# How far the sum may be from the difference of the scores, as a share of it.
CLOSE = 0.02
_NAMED = 5


@devices.repeatable()
def explain(question: Question) -> Explanation:
    """Raises NotExplained without any background; UnreadableImage."""
    shown = Shown.of(question.photo, question.detector)
    image = to_unit(shown.prepared.pixels[None], question.detector.model.device)[0]
    question.on_step(0, 1)
    ground = background.find(question, image)
    parts = superpixels(shown.prepared.pixels)
    shares = _shares(question, image, ground.image, torch.from_numpy(parts).to(image.device))
    score = plain(question.detector.model.judge(image[None]).scores)[0]
    facts = _facts(question, ground, parts, shares, score)
    values = shares[parts].astype(np.float32)
    drawn = {"photo": shown.window, "shares": pictures.signed(shown.window, values)}
    return Explanation(SHAP, facts, drawn, values)


def superpixels(pixels: Tensor) -> NDArray[np.int64]:
    """The number of the superpixel of each pixel of a photo uint8 [3, H, W]: [H, W], from 0 without gaps."""
    from skimage.segmentation import slic

    picture = pixels.permute(1, 2, 0).numpy() / 255.0
    segments = slic(picture, n_segments=PARTS, compactness=10, sigma=1, start_label=0, channel_axis=2)
    return np.asarray(np.unique(segments, return_inverse=True)[1].reshape(segments.shape), dtype=np.int64)


def _shares(question: Question, image: Tensor, ground: Tensor, parts: Tensor) -> NDArray[np.float64]:
    """The share of each superpixel in the score, [parts]."""
    from captum.attr import KernelShap

    model, count = question.detector.model, int(parts.max()) + 1
    start = time.perf_counter()
    model.judge(image[None].repeat(_BATCH, 1, 1, 1))
    each = (time.perf_counter() - start) / _BATCH
    samples = int(min(max(question.seconds / max(each, 1e-6), _LEAST * count), _MOST * count))
    done = 0

    def scores(kept: Tensor) -> Tensor:
        nonlocal done
        done = min(done + len(kept), samples)
        question.on_step(done, samples)
        some = background.mixed(image, ground, kept[:, parts].float())
        return model.judge(some).scores.clone()

    torch.manual_seed(0)  # the same photo has the same explanation
    np.random.seed(0)
    attributed = KernelShap(scores).attribute(
        torch.ones(1, count, device=image.device),
        baselines=torch.zeros(1, count, device=image.device),
        n_samples=samples,
        perturbations_per_eval=_BATCH,
    )
    return np.asarray(attributed[0].double().cpu().numpy())


def _facts(
    question: Question,
    ground: background.Background,
    parts: NDArray[np.int64],
    shares: NDArray[np.float64],
    score: float,
) -> dict[str, Any]:
    difference, total = score - ground.score, float(shares.sum())
    off = abs(total - difference)
    adds_up = off <= CLOSE * max(abs(difference), 1e-9)
    order = np.argsort(-np.abs(shares))[:_NAMED]
    largest = [
        {"share": float(shares[part]), "area": float((parts == part).mean()), "box": _box(parts == part)}
        for part in order
    ]
    # Close is not equal: the sentence would not add up to the last digit.
    made = difference if adds_up else total
    said = (
        f"{in_digits(made)} of the score of {in_digits(score)} comes from the parts of this photo; "
        f"the rest, {in_digits(ground.score)}, is the score of {ground.words}."
    )
    check = "The shares add up." if adds_up else f"The shares do not add up: {in_digits(off)} is missing."
    return {
        "score": score,
        "threshold": question.threshold,
        "background": ground.words,
        "background_score": ground.score,
        "sum": total,
        "adds_up": adds_up,
        "parts": len(shares),
        "largest": largest,
        "says": [said, check],
    }


def _box(part: NDArray[np.bool_]) -> list[float]:
    """Around a superpixel, as shares of the model's picture."""
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    height, width = part.shape
    return [columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height]
