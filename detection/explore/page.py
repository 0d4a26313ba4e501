"""A description as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from detection.explore.markup import SEVERITY, data_uri, document, figures, gallery, section, table
from detection.explore.statistics import MEASURES
from detection.explore.types import TRAIN, Case, Description, Finding
from detection.explore.words import number, percent
from detection.types import GOOD as GOOD_LABEL

FIRST, SHOWN = 8, 48  # cases of a finding with their pictures: at first, and on request
_OF_ONE = 6  # photos of one case
_MEASURED = ("Brightness", "Contrast", "Sharpness", "Black", "White")  # as MEASURES


def page(description: Description, plots: Mapping[str, tuple[str, str]]) -> str:
    """plots: {name: (title, SVG)}; their files are in plots/ next to the page."""
    return document(
        f"{description.category}: samples",
        head(description),
        section("Findings", findings(description)),
        section("Plots", gallery(plots, "plots")),
        section("Numbers", numbers(description)),
        section("Examples", examples(description)),
        section("How findings are decided", rules(description)),
    )


def head(description: Description) -> str:
    return (
        f'<header class="head">\n<h1>{escape(description.category)}</h1>\n'
        f"<p>What there is to train and test on, and what to fix before training.</p>\n"
        f"{figures(amounts(description))}\n</header>"
    )


def amounts(description: Description) -> dict[str, str]:
    """The few numbers at the top."""
    test = description.counts.get("test", {})
    kinds = [label for label in test if label != GOOD_LABEL]
    defective = sum(test[label] for label in kinds)
    return {
        "Training photos": f"{sum(description.counts.get(TRAIN, {}).values()):,}",
        "Good test photos": f"{test.get(GOOD_LABEL, 0):,}",
        "Defective test photos": f"{defective:,}",
        "Kinds of defect": f"{len(kinds)}",
        "Size": _size(description),
    }


def _size(description: Description) -> str:
    sizes = description.statistics["sizes"]
    if not sizes:
        return "-"
    if description.statistics["distinct_sizes"] > 1:
        return f"{description.statistics['distinct_sizes']:,} sizes"
    return f"{sizes[0][0]} x {sizes[0][1]} px"


def findings(description: Description) -> str:
    if not description.findings:
        text = "No duplicates, no photos in both training and test, no blurred or badly exposed photos."
        return (
            '<div class="panel finding" data-tone="ok"><div class="finding-head">'
            f'<span class="tag">All good</span><h3>Nothing to fix</h3></div><p>{text}</p></div>'
        )
    return (
        f'<div class="findings">{"".join(_finding(one, description) for one in description.findings)}</div>'
    )


def _finding(finding: Finding, description: Description) -> str:
    return (
        f'<article class="panel finding" data-tone="{finding.severity}">'
        f'<div class="finding-head"><span class="tag">{SEVERITY[finding.severity]}</span>'
        f"<h3>{escape(finding.title)}</h3></div><p>{escape(finding.text)}</p>"
        f"{_cases(finding.cases, description.pictures)}</article>"
    )


def _cases(cases: Sequence[Case], pictures: Mapping[str, bytes]) -> str:
    """The first cases, and some more on request; the file has to stay small enough to open."""
    if not cases:
        return ""
    first, rest, more = cases[:FIRST], cases[FIRST:SHOWN], len(cases) - SHOWN
    shown = _grid(first, pictures)
    if rest:
        shown += f"<details><summary>Show {len(rest)} more</summary>{_grid(rest, pictures)}</details>"
    if more > 0:
        shown += f'<p class="muted">And {more:,} more, all listed in explore.json.</p>'
    return shown


def _grid(cases: Sequence[Case], pictures: Mapping[str, bytes]) -> str:
    several = any(len(case.files) > 1 for case in cases)
    shown = "".join(_case(case, pictures) for case in cases)
    return f'<div class="cases{" pairs" if several else ""}">{shown}</div>'


def _case(case: Case, pictures: Mapping[str, bytes]) -> str:
    shots = "".join(_shot(name, pictures.get(name)) for name in case.files[:_OF_ONE])
    more = len(case.files) - _OF_ONE
    says = [case.says] if case.says else []
    says += [f"and {more} more like these"] if more > 0 else []
    note = f'<p class="muted">{escape("; ".join(says))}</p>' if says else ""
    return f'<div class="case"><div class="case-photos">{shots}</div>{note}</div>'


def _shot(name: str, picture: bytes | None) -> str:
    image = f'<img src="{data_uri(picture, "jpeg")}" alt="">' if picture else ""
    return f'<figure class="shot">{image}<figcaption>{escape(name)}</figcaption></figure>'


def numbers(description: Description) -> str:
    rows = [
        (escape(_named(name)), [str(values["n"]), *(_cell(values[measure], measure) for measure in MEASURES)])
        for name, values in description.statistics["groups"].items()
    ]
    caption = "The median photo of each group, and the range of the middle 90 %"
    return table(caption, "Group", ("Photos", *_MEASURED), rows)


def _cell(value: Mapping[str, float], measure: str) -> str:
    low, median, high = (_shown(value[key], measure) for key in ("low", "median", "high"))
    return f'{median}<span class="range">{low} to {high}</span>'


def _shown(value: float, measure: str) -> str:
    return percent(value) if measure in ("dark", "light") else number(value)


def examples(description: Description) -> str:
    strips = "".join(
        f'<div><h3>{escape(_named(group))}</h3><div class="strip">'
        + "".join(_example(name, description.pictures) for name in names)
        + "</div></div>"
        for group, names in description.examples.items()
    )
    return f'<div class="examples">{strips}</div>' if strips else ""


def _example(name: str, pictures: Mapping[str, bytes]) -> str:
    source, called = data_uri(pictures[name], "jpeg"), escape(name)
    return f'<img src="{source}" alt="{called}" title="{called}">'


def rules(description: Description) -> str:
    limit = description.likeness.limit
    alike = (
        "Photos are compared by what they do not share with all others of the category. Different parts are "
        f"about {description.likeness.typical:.2f} apart here; two photos at {limit:.3f} or less are "
        "near-duplicates."
        if limit
        else "There are too few photos to tell near-duplicates from parts that look alike."
    )
    paragraphs = (
        alike,
        "A photo is blurred, dark or light compared with this category's good photos: five robust standard "
        "deviations away, and visibly so. For defective photos the limits are twice as wide.",
        "Training uses none of this, and no photo was changed.",
    )
    return f'<div class="panel finding">{"".join(f"<p>{escape(text)}</p>" for text in paragraphs)}</div>'


def _named(group: str) -> str:
    return {TRAIN: "Training", GOOD_LABEL: "Good test"}.get(group, group)
