"""Scores in sentences: four digits, and no powers of ten where people can do without."""

from __future__ import annotations

import math

_SMALLEST, _LARGEST = 1e-4, 1e9


def in_digits(score: float) -> str:
    """6589.12 -> "6,589", 3.3104 -> "3.310", 1.2e-9 -> "1.2e-09"."""
    if score and not _SMALLEST <= abs(score) < _LARGEST:
        return f"{score:.4g}"
    places = max(0, 3 - math.floor(math.log10(abs(score)))) if score else 0
    return f"{score:,.{places}f}"
