"""Which photos are near a limit, and how often a verdict stays the same after slight changes of the photo.

20 further verdicts for each photo would cost 20 times as much. So only photos near a limit are examined, as
near as 1 % of good photos are. And they are examined in two steps: 5 changes, one of each kind; the other 15
only where these move the score so far that a limit may be within reach.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detection.types import Stability, verdict
from detection.verdicts.policies import LEAST_GOOD

# This share of good photos is near a limit: 20 further verdicts for each of them are 0.2 per photo on
# average.
NEAR = 0.01
# Nothing farther than this is near, as a difference of logarithms: slight changes move no score by a quarter.
FARTHEST = 0.25
# If the largest move of the first changes, times this, reaches a limit, all changes are made.
MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits that a photo is judged by; see `verdict`."""

    threshold: float
    review_from: float | None = None

    def distance(self, score: float) -> float:
        """From the nearer limit, as a difference of logarithms; infinite where there is no logarithm."""
        limits = [limit for limit in (self.threshold, self.review_from) if limit is not None and limit > 0]
        if not limits or not 0 < score < math.inf:
            return math.inf
        return min(abs(math.log(score / limit)) for limit in limits)

    def near(self, good_scores: Sequence[float], share: float = NEAR) -> float:
        """The `distance` below which a score is near a limit: that of the nearest `share` of further good
        photos, by these scores of photos that the model had not learned from. 0 (nothing is near) with too
        few of them."""
        count = len(good_scores)
        if count < LEAST_GOOD:
            return 0.0
        distances = np.minimum([self.distance(score) for score in good_scores], FARTHEST)
        # A further one is nearer than the k-th of n with a chance of k/(n + 1).
        chances = np.arange(count + 1) / (count + 1)
        return float(np.interp(share, chances, [0.0, *np.sort(distances)]))

    def reaches(self, score: float, changed: Sequence[float]) -> bool:
        """Whether a limit may be within reach of changes like those that gave these scores."""
        moves = [self._move(score, one) for one in changed]
        return MARGIN * max(moves) >= self.distance(score)

    def stability(self, score: float, changed: Sequence[float]) -> Stability:
        """How many of these scores give the same verdict as the photo's own."""
        own = verdict(score, self.threshold, self.review_from)
        same = sum(verdict(one, self.threshold, self.review_from) == own for one in changed)
        return Stability(same, len(changed))

    def _move(self, score: float, changed: float) -> float:
        return abs(math.log(changed / score)) if 0 < changed < math.inf else math.inf
