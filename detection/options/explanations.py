"""The kinds of explanations that can be asked for, and which methods have them; without torch."""

from __future__ import annotations

from dataclasses import dataclass

from detection.options.catalogue import METHODS, MethodInfo

NEAREST, COUNTERFACTUAL, SHAP = "nearest", "counterfactual", "shap"
GRAD_CAM, LAYERS = "grad-cam", "layers"


@dataclass(frozen=True, slots=True)
class KindInfo:
    """A kind of explanation as a person chooses it. question: what it answers. needs: the capability that a
    method must have, a field of MethodInfo, "" for any method. lacking: said of methods without it. any_part:
    whether a fusion has it if one of its parts does."""

    name: str
    title: str
    question: str
    needs: str = ""
    lacking: str = ""
    any_part: bool = False


_ALL = (
    KindInfo(
        NEAREST,
        "Nearest good",
        "Which good patches are most like the unusual places?",
        "compares",
        "It keeps no good patches to compare with.",
        any_part=True,
    ),
    KindInfo(
        COUNTERFACTUAL,
        "As it should be",
        "What would the part look like without the defect?",
        "reconstructs",
        "It draws no reconstruction.",
    ),
    KindInfo(
        SHAP,
        "Shares of the score (SHAP)",
        "How much does each part of the photo add to the score?",
    ),
    KindInfo(
        GRAD_CAM,
        "Grad-CAM",
        "Which places do the largest patches depend on?",
        "differentiable",
        "Its score has no gradients.",
    ),
    KindInfo(
        LAYERS,
        "Layer attribution",
        "Which features raise the score, and where?",
        "differentiable",
        "Its score has no gradients.",
    ),
)
KINDS: dict[str, KindInfo] = {kind.name: kind for kind in _ALL}


# Kinds that failed the checks of docs/explanations.md for a method, and are not offered there.
FAILED: frozenset[tuple[str, str]] = frozenset()


def kinds_of(method: str) -> tuple[KindInfo, ...]:
    """The kinds that are offered for a method, or a fusion "a+b"; none for a method that nobody knows."""
    return tuple(kind for kind in capable(method) if (method, kind.name) not in FAILED)


def capable(method: str) -> tuple[KindInfo, ...]:
    """The kinds that a method can have, whether they are true or not."""
    parts = [METHODS[name] for name in method.split("+") if name in METHODS]
    return tuple(kind for kind in _ALL if parts and _has(parts, kind))


def _has(parts: list[MethodInfo], kind: KindInfo) -> bool:
    each = [not kind.needs or bool(getattr(part, kind.needs)) for part in parts]
    return any(each) if kind.any_part else all(each)
