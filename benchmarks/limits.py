"""What limits promise and what they keep, on test photos that had no say in them.

    INSPECTOR_REAL_DATA=DATA [CATEGORIES=a,b] [METHODS=a,b] [RUNS=FOLDER] python -m benchmarks limits

For each category and method: how many good test photos lie beyond the limits for 1, 2 and 5 % of good parts,
with exact 95 % bounds, and how many defects are missed there, against the best that a threshold with as many
false alarms could do (which needs the labels). Then what each policy does, cross-fitted. RUNS keeps the
runs, and what is there is not trained again. Not part of `make bench`: it takes minutes.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import detection
from benchmarks import real_data
from benchmarks.installation import Installation
from detection import datasets, options
from detection.files import artifact, tables
from detection.metrics import intervals
from detection.types import GOOD
from detection.verdicts import cutoffs

SHARES = (0.01, 0.02, 0.05)
PROMISES = (
    "| category | method | AUROC | good photos | promise | false alarms (95 %) | missed | at best |"
    " conformal: false alarms | missed |"
)
POLICIES = (
    "| category | method | policy | ANOMALY, good (95 %) | ANOMALY, defective | REVIEW, good |"
    " REVIEW, defective | OK, defective |"
)


def main(site: Installation) -> None:
    kept = Path(os.environ.get("RUNS", site.folder / "limits"))
    methods = os.environ.get("METHODS", "filterbank,patchcore-padim").split(",")
    runs = [
        (folder.name, method, _run(folder, method, kept / folder.name / method))
        for folder in real_data.categories()
        for method in methods
    ]
    _table(PROMISES, [row for name, method, run in runs for row in _promises(name, method, run)])
    _table(POLICIES, [row for name, method, run in runs for row in _policies(name, method, run)])


def _run(folder: Path, method: str, run: Path) -> Path:
    if not run.is_dir():
        detection.train(datasets.scan(folder), run, options.for_method(method))
    return run


def _promises(name: str, method: str, run: Path) -> list[list[str]]:
    good, defect = _scores(run)
    kept = artifact.read_json(run, "threshold.json")["threshold"]["good_scores"]
    auroc = artifact.read_json(run, "metrics.json")["image_auroc"]
    rows = []
    for share in SHARES:
        limit, _ = cutoffs.limit(kept, share)
        alarms = int((good >= limit).sum())
        # As many false alarms and no more: the lowest threshold just above the next good score.
        best = np.nextafter(np.sort(good)[len(good) - 1 - alarms], np.inf) if alarms < len(good) else -np.inf
        rows.append([name, method, f"{auroc:.3f}", f"{len(kept)}", f"{100 * share:g} %"])
        rows[-1] += [_rate(alarms, len(good)), _share(defect < limit), _share(defect < best)]
        if share >= cutoffs.smallest_share(len(kept)):
            exact = cutoffs.conformal(kept, share)
            rows[-1] += [f"{(good >= exact).sum()} of {len(good)}", _share(defect < exact)]
        else:
            rows[-1] += ["too few photos", ""]
    return rows


def _policies(name: str, method: str, run: Path) -> list[list[str]]:
    measured: dict[str, Any] = artifact.read_json(run, "metrics.json")
    rows = []
    for row in measured["policies"]:
        alarms, missed, unsure = row["false_alarm"], row["miss"], row["review"]
        n_good, n_defect = measured["n_good"], measured["n_defect"]
        detected = missed["n"] - missed["count"]
        passed = missed["count"] - unsure["defect"]
        counts = (
            detected / n_defect,
            unsure["good"] / n_good,
            unsure["defect"] / n_defect,
            passed / n_defect,
        )
        mark = f"**{row['policy']}**" if row["in_use"] else row["policy"]
        rows.append([name, method, mark, _rate(alarms["count"], alarms["n"])])
        rows[-1] += [f"{share:.3f}" for share in counts]
    return rows


def _scores(run: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of the good and of the defective test photos."""
    rows = list(tables.rows((run / "scores.csv").read_text(encoding="utf-8")))
    scores = np.array([float(row["score"]) for row in rows])
    good = np.array([row["label"] == GOOD for row in rows])
    return scores[good], scores[~good]


def _rate(count: int, total: int) -> str:
    low, high = intervals.binomial(count, total)
    return f"{count} of {total} ({100 * low:.1f} to {100 * high:.1f} %)"


def _share(flagged: NDArray[np.bool_]) -> str:
    return f"{flagged.mean():.3f}"


def _table(head: str, rows: Sequence[Sequence[str]]) -> None:
    print(f"\n{head}\n{'|---' * (head.count('|') - 1)}|")
    for row in rows:
        print(f"| {' | '.join(row)} |")
