"""The building blocks of pages. A page needs no other files and no scripts: pictures and plots are
embedded."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from detection.drawing.figures import DEFECT, GOOD, GREY, INK, RULE

SEVERITY = {"error": "Error", "warning": "Warning", "note": "Note"}
_CSS = Path(__file__).with_name("page.css")
_ON_DARK = {
    INK: "#e8ebec",
    GREY: "#a0abb0",
    RULE: "#2e3539",
    "#ffffff": "#16191c",
    GOOD: "#74a9f0",
    DEFECT: "#f0834f",
}


def document(title: str, *parts: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{escape(title)}</title>\n'
        f"<style>\n{_CSS.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>" if content else ""


def figures(values: Mapping[str, str]) -> str:
    rows = (f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in values.items())
    return f'<dl class="figures">{"".join(rows)}</dl>'


def table(caption: str, first: str, heads: Iterable[str], rows: Iterable[tuple[str, Iterable[str]]]) -> str:
    """Rows of a head and cells, both HTML already; on a narrow screen it can be scrolled, also by
    keyboard."""
    columns = "".join(f'<th scope="col" class="number">{escape(head)}</th>' for head in heads)
    body = "".join(
        f'<tr><th scope="row">{name}</th>'
        + "".join(f'<td class="number">{cell}</td>' for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    return (
        f'<div class="panel table-wrap" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f'<caption>{escape(caption)}</caption><thead><tr><th scope="col">{escape(first)}</th>{columns}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def gallery(plots: Mapping[str, tuple[str, str]], folder: str) -> str:
    shown = "".join(_plot(name, title, svg, folder) for name, (title, svg) in plots.items())
    return f'<div class="plots">{shown}</div>' if shown else ""


def _plot(name: str, title: str, svg: str, folder: str) -> str:
    links = " ".join(
        f'<a href="{folder}/{name}.{kind}" aria-label="{escape(title)} as {kind.upper()}">{kind.upper()}</a>'
        for kind in ("svg", "png")
    )
    return (
        f'<figure class="panel plot"><img src="{data_uri(adaptive(svg).encode(), "svg+xml")}"'
        f' alt="{escape(title)}"><figcaption>{links}</figcaption></figure>'
    )


def adaptive(svg: str) -> str:
    """The figure in colours that follow the reader's light or dark scheme."""
    names = {colour: f"--c{number}" for number, colour in enumerate(_ON_DARK)}
    light = "".join(f"{name}:{colour};" for colour, name in names.items())
    dark = "".join(f"{name}:{_ON_DARK[colour]};" for colour, name in names.items())
    for colour, name in names.items():
        svg = svg.replace(colour, f"var({name})")
    style = f"<style>:root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}</style>"
    start = svg.index(">", svg.index("<svg")) + 1
    return svg[:start] + style + svg[start:]


def data_uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
