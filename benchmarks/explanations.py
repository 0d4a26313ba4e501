"""Are explanations true? The checks of docs/explanations.md on real categories, as the table there.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHODS=a,b] [DEFECTS=20] [SECONDS=10] [MINUTES=4] \\
        [OUT=FOLDER] python -m benchmarks explanations

Each method learns each category, in at most MINUTES; then each kind of explanation is checked on DEFECTS
defective photos. SECONDS is the time limit of one SHAP explanation. Runs and results are kept in OUT, and not
made again. Not part of `make bench`: it takes an hour.
"""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import detection
from benchmarks import real_data
from benchmarks.installation import Installation
from detection import datasets
from detection.explanations.folder import FolderOfGood
from detection.explanations.truth import check
from detection.explanations.truth.report import HEAD, line
from detection.options import for_method

METHODS = "filterbank,unet-repair,unet"
EVERY = "bottle,pill,magnetic_tile,circuitboard,cookies"


def main(site: Installation) -> None:
    out = Path(os.environ.get("OUT", str(site.folder / "explained")))
    out.mkdir(parents=True, exist_ok=True)
    print(f"| method | category | {' | '.join(HEAD)} |\n{'|---' * (len(HEAD) + 2)}|", flush=True)
    for method in os.environ.get("METHODS", METHODS).split(","):
        for folder in real_data.categories(EVERY):
            kept = out / f"{method}-{folder.name}.json"
            if not kept.exists():
                kept.write_text(json.dumps(_rows(method, folder, out)))
            for row in json.loads(kept.read_text()):
                print(f"| {method} | {folder.name} {line(row)}", flush=True)


def _rows(method: str, folder: Path, out: Path) -> list[dict[str, Any]]:
    dataset, run = datasets.scan(folder), out / "runs" / folder.name / method
    if not run.exists():
        options = for_method(method, minutes=float(os.environ.get("MINUTES", "4")))
        detection.train(replace(dataset, test=dataset.test[:20]), run, options)
    rows = check(
        detection.load(run, runtime="torch"),
        dataset,
        FolderOfGood(dataset),
        defects=int(os.environ.get("DEFECTS", "20")),
        seconds=float(os.environ.get("SECONDS", "10")),
    )
    return [row.as_dict() for row in rows]
