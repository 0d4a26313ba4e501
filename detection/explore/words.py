"""Sentences about one or many."""

from __future__ import annotations


def many(count: int, one: str, more: str) -> str:
    """many(1, "photo is", "photos are") is "1 photo is"."""
    return f"1 {one}" if count == 1 else f"{count:,} {more}"


def number(value: float) -> str:
    """Three significant digits, and never 1.7e+03."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percent(share: float) -> str:
    """A share as people write it: 12 %, 0.4 %, under 0.01 %."""
    if 0 < share < 0.0001:
        return "under 0.01 %"
    digits = 0 if share >= 0.1 or share == 0 else 1 if share >= 0.01 else 2
    return f"{100 * share:.{digits}f} %"
