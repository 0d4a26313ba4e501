"""A robustness report as files, beside the other results of a run."""

from __future__ import annotations

from pathlib import Path

from detection.drawing.figures import styled, try_to_draw
from detection.files import artifact, storage
from detection.robustness import heat_table
from detection.robustness.report import Report

NAME = "robustness"


def write(report: Report, folder: Path) -> list[Path]:
    """robustness.json, robustness.csv, and the heat table as SVG and PNG in plots/; those of a former report
    are replaced. Raises CannotWrite."""
    storage.make(folder / "plots")
    artifact.write_json(folder, f"{NAME}.json", report.as_dict())
    header, *rows = report.table()
    artifact.write_csv(folder, f"{NAME}.csv", header, rows)
    failed: list[str] = []
    plot = folder / "plots" / NAME
    with styled():
        try_to_draw(lambda: heat_table.draw(report), plot, failed)
    drawn = [] if failed else [plot.with_suffix(".svg"), plot.with_suffix(".png")]
    return [folder / f"{NAME}.json", folder / f"{NAME}.csv", *drawn]
