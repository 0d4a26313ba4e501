"""A bench as a page of Markdown tables. Every number in them is from bench.json."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from detection.results import Evaluation, PixelResult

Row = dict[str, Any]
Cell = Callable[[Row], str]

_IMAGES: dict[str, Cell] = {
    "train": lambda row: str(row["images"]["train"]),
    "good / defects": lambda row: f"{_judged(row).n_good} / {_judged(row).n_defect}",
    "image AUROC": lambda row: _ranged(row, "image_auroc"),
    "average precision": lambda row: _ranged(row, "average_precision"),
    "F1": lambda row: _ranged(row, "f1"),
    "precision": lambda row: _number(_judged(row).precision),
    "recall": lambda row: _number(_judged(row).recall),
    "threshold": lambda row: row["threshold"]["policy"],
}
_PIXELS: dict[str, Cell] = {
    "masks": lambda row: str(_pixel(row).n_masks),
    "pixel AUROC": lambda row: _number(_pixel(row).auroc),
    "AUPRO": lambda row: _number(_pixel(row).aupro),
    "best pixel F1": lambda row: _number(_pixel(row).f1),
}
_COST: dict[str, Cell] = {
    "fit, s": lambda row: f"{row['fit_seconds']:.0f}",
    "total, s": lambda row: f"{row['seconds']:.0f}",
    "CPU, s": lambda row: _whole(row["cpu_seconds"]),
    "ms per image": lambda row: _whole(_judged(row).ms_per_image),
    "peak, MB": lambda row: _whole(row["peak_mb"]),
}


_LIGHT: dict[str, Cell] = {
    "brightness, grey levels": lambda row: f"{row['light']['brightness']:+.1f}",
    "sharpness, times": lambda row: f"{row['light']['sharpness']:.2f}",
    "level of the map, times": lambda row: _times(row["light"]["level"]),
    "": lambda row: _other_light(row["light"]["said"]),
}

_LIT = "Good test photos against training photos: medians; the level against good photos not learned from."
_TAKEN = "By AUROC on synthetic defects, without any labels; next to it, what was best on the test photos."


def page(result: dict[str, Any]) -> str:
    """The whole page: how it was measured, image AUROC by category and method, and a table for each group of
    metrics."""
    rows = result["rows"]
    measured = [row for row in rows if "error" not in row]
    judged = [row for row in measured if _judged(row).n]
    parts = [
        "# Bench",
        _how(result),
        *_part("Image AUROC", _compact(rows)),
        *_part("What auto chose", _taken(rows), _TAKEN),
        *_part("Images", _table(judged, _IMAGES), "95 % intervals in brackets; see docs/metrics.md."),
        *_part("Pixels", _table([row for row in judged if _judged(row).pixel], _PIXELS)),
        *_part("Light", _table([row for row in measured if row.get("light")], _LIGHT), _LIT),
        *_part("Cost", _table(measured, _COST), _libraries(measured)),
        *_part("Failed", _failed(rows)),
    ]
    return "\n\n".join(parts)


def _part(title: str, lines: Sequence[str], note: str = "") -> list[str]:
    if not lines:
        return []
    return [f"## {title}", *([note] if note else []), "\n".join(lines)]


def _how(result: dict[str, Any]) -> str:
    machine = result["machine"]
    devices = dict.fromkeys(row["device"] for row in result["rows"] if "device" in row)
    said = [
        f"`{result['command']}`",
        f"{datetime.fromisoformat(result['created']):%d %B %Y}",
        f"commit {result['commit'] or 'unknown'}",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['threads']} threads",
        *devices,
        f"Python {machine['python']}, torch {machine['torch']}",
    ]
    commits = {row.get("commit") for row in result["rows"]} - {result["commit"], None}
    if commits:
        said.append(f"some rows are from commit {', '.join(sorted(commits))}")
    return " · ".join(said)


def _libraries(measured: Sequence[Row]) -> str:
    """What a process takes before it has read a photo, whatever the method."""
    taken = [row["libraries_mb"] for row in measured if row["libraries_mb"]]
    said = "Each training ran in its own process"
    return f"{said}; the libraries account for {max(taken):,} MB of the peak." if taken else f"{said}."


def _compact(rows: Sequence[Row]) -> list[str]:
    """Image AUROC, a row for each category and a column for each method, and the mean."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    categories = list(dict.fromkeys(row["category"] for row in rows))
    aurocs = {(row["category"], row["method"]): _auroc(row) for row in rows}
    columns = [[aurocs.get((category, method)) for category in categories] for method in methods]
    lines = [
        [category, *(_number(aurocs.get((category, method))) for method in methods)]
        for category in categories
    ]
    return _lines(["category", *methods], [*lines, ["**mean**", *map(_mean, columns)]]) if rows else []


def _mean(values: Sequence[float | None]) -> str:
    there = [value for value in values if value is not None]
    if not there:
        return "-"
    of = "" if len(there) == len(values) else f" ({len(there)} of {len(values)})"
    return f"**{sum(there) / len(there):.3f}**{of}"


def _auroc(row: Row) -> float | None:
    return _judged(row).image_auroc


def _judged(row: Row) -> Evaluation:
    """The evaluation; an empty one where the training failed or had no test photos."""
    return Evaluation.from_dict(row.get("evaluation") or {})


def _pixel(row: Row) -> PixelResult:
    return _judged(row).pixel or PixelResult()


def _table(rows: Sequence[Row], columns: dict[str, Cell]) -> list[str]:
    cells = [[row["category"], row["method"], *(cell(row) for cell in columns.values())] for row in rows]
    return _lines(["category", "method", *columns], cells) if rows else []


def _taken(rows: Sequence[Row]) -> list[str]:
    """What `auto` chose for each category, on what evidence, and the best of the other methods."""
    cells = []
    for row in rows:
        ranking = row.get("ranking")
        if ranking:
            tried = [c for c in ranking["candidates"] if c["score"] is not None]
            evidence = ", ".join(f"{c['method']} {_number(c['score'])}" for c in tried)
            others = [
                (_auroc(other) or 0.0, other["method"])
                for other in rows
                if other["category"] == row["category"] and other["method"] != row["method"]
            ]
            best = f"{max(others)[1]} {_number(max(others)[0])}" if others else "-"
            cells.append([row["category"], ranking["chosen"], evidence, _number(_auroc(row)), best])
    return (
        _lines(["category", "took", "on synthetic defects", "image AUROC", "best other row"], cells)
        if cells
        else []
    )


def _failed(rows: Sequence[Row]) -> list[str]:
    cells = [[row["category"], row["method"], row["error"]["message"]] for row in rows if "error" in row]
    return _lines(["category", "method", "error"], cells) if cells else []


def _lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(map(_cell, cells))} |" for cells in (header, ["---"] * len(header), *rows)]


def _cell(text: str) -> str:
    """Category names are free text; a bar or a line break in one would end the cell."""
    return " ".join(text.split()).replace("|", "\\|")


def _ranged(row: Row, metric: str) -> str:
    value, ends = getattr(_judged(row), metric), " to ".join(map(_number, _judged(row).interval(metric)))
    return f"{_number(value)} ({ends})" if ends else _number(value)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _other_light(said: Sequence[str]) -> str:
    return f"**The good test photos were taken in other light**: {', '.join(said)}." if said else "-"


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
