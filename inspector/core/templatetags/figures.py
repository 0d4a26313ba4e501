"""Numbers as people read them: sensible digits, a real minus sign, a dash where there is none."""

import math
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context
from typing import Any

from django import template
from django.utils import timezone

register = template.Library()
NONE = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
SPACE = "\N{NO-BREAK SPACE}"
_THREE_DIGITS = Context(prec=3, rounding=ROUND_HALF_EVEN)
_FEW_ZEROS = 1e-9  # what is smaller is said as a power of ten
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@register.filter
def metric(value: float | str | None) -> str:
    """AUROC, F1, precision, recall: 0.973. A template gives "" for what it cannot find."""
    return NONE if value is None or value == "" else f"{float(value):.3f}"


@register.filter
def change(value: float | None) -> str:
    """The difference of two metrics, always with its sign: +0.012."""
    if value is None:
        return NONE
    if round(value, 3) == 0:
        return "±0"
    return f"{value:+.3f}".replace("-", MINUS)


@register.filter
def more(count: int) -> str:
    """The difference of two counts, always with its sign: +2."""
    return f"{count:+d}".replace("-", MINUS) if count else "±0"


@register.filter
def small(value: float | None) -> str:
    """Scores, thresholds and losses, which are small: three digits that count, never 2.1e-05. The
    threshold of a model of a single photo has 323 zeros: such a number is a power of ten."""
    if value is not None and 0 < abs(value) < _FEW_ZEROS:
        digits, power = f"{value:.2e}".split("e")
        raised = str(int(power)).translate(_RAISED)
        return f"{float(digits):g}{SPACE}\N{MULTIPLICATION SIGN}{SPACE}10{raised}"
    return NONE if value is None else f"{_THREE_DIGITS.create_decimal(value).normalize():,f}"


@register.simple_tag
def times(score: float | None, threshold: float | None) -> str:
    """A score as a multiple of its threshold: 12.6. Never rounded across it, so that the number and the
    verdict agree; "" where a multiple means nothing."""
    if score is None or not threshold or threshold < 0 or not math.isfinite(score):
        return ""
    ratio = score / threshold
    if ratio >= 100:
        return "over 100"
    digits = 2 if ratio < 10 else 1
    if ratio < 1 <= round(ratio, digits):
        return "just under 1"
    return f"{ratio:.{digits}f}".replace("-", MINUS)


@register.filter
def percent(value: float | None, digits: int = 0) -> str:
    """A share of one: 12 %."""
    return NONE if value is None else f"{value * 100:.{digits}f}{NARROW_SPACE}%"


@register.filter
def rate(value: float | None, n: int) -> str:
    """A share of n things, with the digits that so many can tell apart: 12 %, of a thousand 12.34 %."""
    return percent(value, min(2, max(0, len(str(n)) - 2)))


@register.filter
def plain_percent(value: float | None) -> str:
    """A share of one with no more digits than it has: 1 %, 2.5 %, 0.05 %."""
    return NONE if value is None else f"{value * 100:.3g}{NARROW_SPACE}%"


@register.filter
def duration(seconds: float | None) -> str:
    """A time that something took or will take: 45 s, 1 min 20 s, 2 h 5 min."""
    if seconds is None:
        return NONE
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours}{SPACE}h {minutes}{SPACE}min" if minutes else f"{hours}{SPACE}h"
    if minutes:
        return f"{minutes}{SPACE}min {rest}{SPACE}s" if rest else f"{minutes}{SPACE}min"
    return f"{rest}{SPACE}s"


@register.filter
def roughly(seconds: float | None) -> str:
    """A time still to go, no more exact than it is known: 40 s, 3 min, 2 h 10 min."""
    if seconds is None:
        return NONE
    step = next(step for limit, step in ((55, 5), (3570, 60), (float("inf"), 600)) if seconds < limit)
    return duration(max(step, step * round(seconds / step)))


@register.filter
def seconds_until(start: datetime | None, end: datetime | None) -> float | None:
    """From one moment to another, or to now."""
    return ((end or timezone.now()) - start).total_seconds() if start else None


@register.filter
def lookup(mapping: dict[Any, Any], key: Any) -> Any:
    """The value of a key that a template has in a variable; None where there is none."""
    return mapping.get(key)


def pixels(width: int, height: int) -> str:
    """The size of a photo: 640 by 480 px with the sign for it."""
    return f"{width}{SPACE}\N{MULTIPLICATION SIGN}{SPACE}{height}{SPACE}px"
