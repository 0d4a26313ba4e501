"""Many tests at once, and how few of the alarms may be false: Benjamini and Hochberg 1995, JRSS B 57."""

from __future__ import annotations

from collections.abc import Sequence


def adjusted(p_values: Sequence[float]) -> list[float]:
    """Each p-value times the number of tests over its rank, and never above that of a larger one.

    Of those that are at most q, a share q is false on average, for tests that are independent or rise
    together.
    """
    n = len(p_values)
    least, result = 1.0, [1.0] * n
    for rank, place in reversed(list(enumerate(sorted(range(n), key=p_values.__getitem__), start=1))):
        least = min(least, p_values[place] * n / rank)
        result[place] = least
    return result
