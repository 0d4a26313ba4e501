"""How unusual a photo is among good ones, in words that need no statistics."""

from dataclasses import dataclass

from inspector.inspections.models import Inspection
from inspector.registry.report import n_good_scores

# From this share on, "about 1 in N" would be rounded too far: 1 in 2 is said of 40 % and of 60 %.
LARGE = 0.3
_CRUMB = 1e-9


@dataclass(frozen=True, slots=True)
class Unusual:
    """A p-value as a sentence, and how many good photos it is known from (0: not known)."""

    words: str
    n: int


def unusual(inspection: Inspection) -> Unusual | None:
    """For an inspection's page; None where there is no p-value."""
    if inspection.p_value is None:
        return None
    n = n_good_scores(inspection.version) if inspection.version else 0
    return Unusual(in_words(inspection.p_value, n), n)


def in_words(p_value: float, n: int) -> str:
    """Such as “About 1 in 12 good parts look at least this unusual.”

    n: how many good scores it was counted among. Where none of them was so high, p is 1/(n + 1), the
    smallest they can support: then it is fewer than 1 in n, and how many fewer nobody knows.
    """
    if n > 1 and p_value * (n + 1) <= 1 + _CRUMB:
        return f"Fewer than 1 in {n:,} good parts look this unusual."
    return f"{_share(p_value)} good parts look at least this unusual."


def _share(p_value: float) -> str:
    if p_value < LARGE:
        return f"About 1 in {round(1 / max(p_value, 1e-12)):,}"
    tenths = round(10 * p_value)
    if tenths == 5:
        return "About half of"
    return "Nearly all" if tenths >= 10 else f"About {tenths} in 10"
