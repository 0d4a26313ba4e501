"""An explanation as templates show it: its facts, with the pictures and samples that they name."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from detection.options.catalogue import METHODS
from detection.options.explanations import COUNTERFACTUAL, GRAD_CAM, LAYERS, SHAP
from inspector.core.templatetags.figures import MINUS, NARROW_SPACE
from inspector.explanations.models import Explanation
from inspector.samples.models import Sample

# The picture that is laid over the photo, by kind, and what it is called.
OVER = {
    COUNTERFACTUAL: ("repaired", "As it should be"),
    SHAP: ("shares", "Shares"),
    GRAD_CAM: ("heat", "Grad-CAM"),
    LAYERS: ("heat", "Layers"),
}
PARTS = {"fine": "fine patches", "coarse": "coarse patches", "all": ""}


@dataclass(frozen=True, slots=True)
class Picture:
    address: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Good:
    """A good patch: by which bank, its numbers, and where it is from."""

    by: str
    facts: dict[str, Any]
    picture: Picture | None
    where: Picture | None
    sample: Sample | None


@dataclass(frozen=True, slots=True)
class Patch:
    facts: dict[str, Any]
    picture: Picture | None
    goods: tuple[Good, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """says: sentences, the first is the summary. photo: the whole, with what was found marked. over: what is
    laid over it, and what that is called. flickers: whether both are the same view. largest: superpixels
    with the largest shares of the score."""

    says: list[str]
    note: str
    photo: Picture | None
    patches: tuple[Patch, ...]
    over: Picture | None
    over_title: str
    flickers: bool
    largest: tuple[dict[str, Any], ...]


def shown(explanation: Explanation | None) -> Shown | None:
    """None for one that is not done."""
    if explanation is None or not explanation.is_done:
        return None
    facts = explanation.facts
    samples = _samples(explanation)
    over, title = OVER.get(explanation.kind, ("", ""))
    return Shown(
        says=[str(text) for text in facts.get("says", ())],
        note=str(facts.get("note", "")),
        photo=_picture(explanation, "photo"),
        patches=tuple(_patch(explanation, patch, samples) for patch in facts.get("patches", ())),
        over=_picture(explanation, over),
        over_title=title,
        flickers=explanation.kind == COUNTERFACTUAL,
        largest=tuple(
            one | {"percent": 100 * one["area"], "of_score": _of_score(one["share"], facts["score"])}
            for one in facts.get("largest", ())
        ),
    )


def _of_score(share: float, score: float) -> str:
    words = f"{100 * share / score:+.0f}{NARROW_SPACE}%" if score else f"{share:+.3g}"
    return words.replace("-", MINUS)


def _patch(explanation: Explanation, patch: dict[str, Any], samples: dict[str, Sample]) -> Patch:
    goods = tuple(
        Good(
            by=_by(good, several=len({one["method"] for one in patch["goods"]}) > 1),
            facts=good,
            picture=_picture(explanation, good.get("picture", "")),
            where=_picture(explanation, good.get("where", "")),
            sample=samples.get(good.get("sha256", "")),
        )
        for good in patch["goods"]
    )
    return Patch(patch, _picture(explanation, patch["picture"]), goods)


def _by(good: dict[str, Any], *, several: bool) -> str:
    """What compared: “fine patches”, and whose where there are several methods."""
    part = PARTS.get(str(good["part"]), str(good["part"]))
    method = str(good["method"])
    title = METHODS[method].title if method in METHODS else method
    return ", ".join(filter(None, (title if several else "", part)))


def _samples(explanation: Explanation) -> dict[str, Sample]:
    """By hash, those that its good patches are from, in one query."""
    patches = explanation.facts.get("patches", ())
    wanted = {good["sha256"] for patch in patches for good in patch["goods"] if "sha256" in good}
    if not wanted:
        return {}
    rows = Sample.objects.filter(category=explanation.version.category_id, sha256__in=wanted)
    return {row.sha256: row for row in rows}


def _picture(explanation: Explanation, name: str) -> Picture | None:
    kept = explanation.pictures.get(name)
    if not kept:
        return None
    address = reverse("explanations:picture", args=[explanation.pk, name])
    return Picture(address, int(kept["width"]), int(kept["height"]))
