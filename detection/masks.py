"""Where a defect is, as somebody marked it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from detection.images import decode


def read(path: Path, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The mask as bool [H, W] of this shape: True on the defect, False everywhere in an empty mask.

    Marked is what is lighter than half of the mask's lightest value, so that masks of 0 and 1 and those
    of 0 and 255 mean the same. A pixel of the smaller mask is True where at least half of its area is
    marked; where no pixel is, those with the largest share, so no marked defect vanishes. Raises
    UnreadableImage.
    """
    grey = np.asarray(decode(path).convert("L"))
    marked = Image.fromarray((grey > grey.max() / 2).astype(np.float32))
    shares = np.asarray(marked.resize(shape[::-1], Image.Resampling.BOX))
    return np.asarray((shares > 0) & (shares >= min(0.5, float(shares.max()))))
