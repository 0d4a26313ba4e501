"""How sure a verdict is, in words that need no statistics: the p-value's interval, and stability."""

from detection.types import verdict
from inspector.inspections.models import Inspection, Verdict
from inspector.inspections.p_values import LARGE

_CERTAIN = 0.995


def interval_in_words(row: Inspection) -> str:
    """Such as “The true share may be up to 1 in 8.6 (95 % sure).”; "" where it is not known."""
    if row.p_low is None or row.p_high is None:
        return ""
    return f"The true share may be {_span(row.p_low, row.p_high)} (95 % sure)."


def _span(low: float, high: float) -> str:
    if high < LARGE:
        return f"{_one_in(low)} to {_one_in(high)}" if low > 0 else f"up to {_one_in(high)}"
    if high > _CERTAIN:
        return f"{_percent(low)} % or more"
    return f"{_percent(low)} to {_percent(high)} %" if low > 0 else f"up to {_percent(high)} %"


def _one_in(share: float) -> str:
    return f"1 in {1 / share:,.{0 if share < 0.1 else 1}f}".removesuffix(".0")


def _percent(share: float) -> str:
    return f"{100 * share:.{1 if share < 0.01 else 0}f}"


def stable_in_words(row: Inspection) -> str:
    """Such as “19 of 20”; "" for photos that are far from both limits, or were judged before."""
    return "" if row.stable is None else f"{row.stable} of {row.stable_of}"


def spread_in_words(row: Inspection) -> str:
    """Such as “Redrawn from other noise, the score would mostly stay within 4 %.”; "" without a spread."""
    if row.spread is None or not row.score:
        return ""
    within = max(1, round(100 * row.spread / row.score))
    return f"Redrawn from other noise, the score would mostly stay within {within} %."


def is_unstable(row: Inspection) -> bool:
    """Whether it is REVIEW because slight changes change its verdict, and not for its score."""
    if row.verdict != Verdict.REVIEW or row.stable is None or row.score is None or row.threshold is None:
        return False
    return verdict(row.score, row.threshold, row.review_from) != Verdict.REVIEW
