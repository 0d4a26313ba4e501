"""The kinds of explanations that can be asked for, and which methods have them; without torch."""

from __future__ import annotations

from dataclasses import dataclass

from detection.options.catalogue import METHODS, MethodInfo

NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class KindInfo:
    """A kind of explanation as a person chooses it. question: what it answers. needs: the capability that a
    method must have, a field of MethodInfo. lacking: said of methods without it."""

    name: str
    title: str
    question: str
    needs: str
    lacking: str


_ALL = (
    KindInfo(
        NEAREST,
        "Nearest good",
        "What is most alike among the good photos?",
        "compares",
        "It keeps no good patches to compare with.",
    ),
)
KINDS: dict[str, KindInfo] = {kind.name: kind for kind in _ALL}


def kinds_of(method: str) -> tuple[KindInfo, ...]:
    """The kinds that a method, or a fusion "a+b", has; none of a method that nobody knows."""
    parts = [METHODS[name] for name in method.split("+") if name in METHODS]
    return tuple(kind for kind in _ALL if any(_has(part, kind) for part in parts))


def _has(part: MethodInfo, kind: KindInfo) -> bool:
    return bool(getattr(part, kind.needs))
