"""The page of several categories: side by side, with the findings of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from detection.explore.markup import SEVERITY, document, gallery, section, table
from detection.explore.page import amounts
from detection.explore.types import TRAIN, Description
from detection.explore.words import many, number

_COLUMNS = (
    "Training",
    "Good test",
    "Defective",
    "Kinds",
    "Size",
    "Brightness",
    "Sharpness",
    "Errors",
    "Warnings",
)


def overview(
    title: str,
    descriptions: Sequence[Description],
    failed: Mapping[str, str],
    plots: Mapping[str, tuple[str, str]],
) -> str:
    """Several categories side by side; each has a page of its own in the folder of its name."""
    amount = many(len(descriptions), "category", "categories")
    photos = many(sum(description.total for description in descriptions), "photo", "photos")
    return document(
        f"{title}: samples of {amount}",
        f'<header class="head"><h1>{escape(title)}</h1><p>{amount}, {photos}</p></header>',
        section("Categories", _comparison(descriptions)),
        section("Not explored", _failed(failed)),
        section("Plots", gallery(plots, "plots")),
        section("Findings", f'<div class="findings">{"".join(map(_summary, descriptions))}</div>'),
    )


def _comparison(descriptions: Sequence[Description]) -> str:
    rows = [(_link(description.category), _compared(description)) for description in descriptions]
    return table("Photos, the median training photo and findings", "Category", _COLUMNS, rows)


def _compared(description: Description) -> list[str]:
    train = description.statistics["groups"].get(TRAIN, {})
    measured = [
        number(train[name]["median"]) if name in train else "-" for name in ("brightness", "sharpness")
    ]
    counts = [str(len(description.of("error"))), str(len(description.of("warning")))]
    return [escape(value) for value in (*amounts(description).values(), *measured, *counts)]


def _summary(description: Description) -> str:
    lines = "".join(
        f'<li data-tone="{one.severity}"><span class="tag">{SEVERITY[one.severity]}</span> '
        f"{escape(one.text)}</li>"
        for one in description.findings
    )
    findings = f'<ul class="lines">{lines}</ul>' if lines else '<p class="muted">Nothing to fix.</p>'
    return f'<article class="panel category"><h3>{_link(description.category)}</h3>{findings}</article>'


def _failed(failed: Mapping[str, str]) -> str:
    lines = "".join(
        f'<li data-tone="error"><span class="tag">{escape(name)}</span> {escape(message)}</li>'
        for name, message in failed.items()
    )
    return f'<ul class="panel category lines">{lines}</ul>' if lines else ""


def _link(category: str) -> str:
    return f'<a href="{escape(category)}/explore.html">{escape(category)}</a>'
