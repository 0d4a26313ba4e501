"""How many more photos people have to decide until an interval of the live line is as narrow as wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inspector.monitoring.statistics.live_line import Hit, Known, Stratum, combine, known, part_of

# The share that is assumed where nothing is decided yet.
GUESS = 0.005


@dataclass(frozen=True)
class Plan:
    """`reviews` more of the stratum `why`, after which the interval should have `width`. `enough` is False
    where deciding all of that stratum would still leave it wider; `reviews` then is all that are left."""

    why: str
    reviews: int
    width: float
    enough: bool


def more_reviews(strata: Sequence[Stratum], hit: Hit, width: float, guess: float = GUESS) -> Plan | None:
    """What more reviews of the stratum with the most undecided parts would do, if its rate stays as it was
    seen.

    The width is that of the 95 % interval of all strata together (`live_line.estimate`). It is expected, not
    promised: one time in four it comes out wider. None without parts.
    """
    now = [(one.why, known(one, hit)) for one in strata if one.parts]
    if not now:
        return None
    place = max(range(len(now)), key=lambda i: now[i][1].parts - now[i][1].decided)
    why, asked = now[place]

    def foreseen(reviews: int) -> float:
        parts = [part_of(name, one) for name, one in now]
        if reviews:
            parts[place] = part_of(why, _later(asked, reviews, guess))
        whole = combine(tuple(parts))
        return whole.high - whole.low

    left = asked.parts - asked.decided
    if foreseen(left) > width:
        return Plan(why, left, foreseen(left), False)
    low, high = -1, left
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if foreseen(middle) <= width else (middle, high)
    return Plan(why, high, foreseen(high), True)


def _later(one: Known, reviews: int, guess: float) -> Known:
    """The stratum after this many more reviews, each worth as much as those before. Its share is drawn a
    little towards a half: that none of 50 was defective does not promise that none ever will be."""
    decided = one.decided + reviews
    share = (one.share * one.worth + 0.5) / (one.worth + 1) if one.decided else guess
    worth = decided * (one.worth / one.decided if one.decided else 1.0)
    return replace(one, decided=decided, hits=round(share * decided), share=share, worth=worth)
