"""The notes of `datasets.scan` about a category's folder, as findings."""

from __future__ import annotations

from pathlib import Path

from detection.explore.types import Case, Finding, Severity
from detection.types import Dataset

# Severity, title, and what to do.
_FINDINGS: dict[str, tuple[Severity, str, str]] = {
    "sub_folders": ("note", "Photos in sub-folders", ""),
    "synonym": ("note", "Folders with other names", ""),
    "passed_over": (
        "warning",
        "Pictures not used",
        "Move or convert those that belong to the category, and remove the others.",
    ),
    "not_opened": (
        "warning",
        "Folders not used",
        "Move their photos to where they belong, or remove the folders.",
    ),
    "not_photos": ("note", "Files that are not photos", ""),
    "mask_lost": (
        "warning",
        "Masks not used",
        "Name each mask <photo>_mask.png and put it in ground_truth/<kind of defect>.",
    ),
    "mask_of_good": (
        "note",
        "Masks of good photos",
        "If one marks a defect, move its photo to that kind of defect.",
    ),
}

OF_FOLDERS = frozenset(_FINDINGS)


def findings(dataset: Dataset) -> list[Finding]:
    noted = []
    for note in dataset.notes:
        severity, title, remedy = _FINDINGS[note.code]
        cases = tuple(Case((name,), why) for name, why in note.files)
        noted.append(Finding(severity, note.code, title, f"{note.text} {remedy}".strip(), cases))
    return noted


def strays(category_dir: Path, dataset: Dataset) -> list[Finding]:
    """Pictures in wrong places or formats, and masks without a photo, in the folder that was scanned."""
    return [finding for finding in findings(dataset) if finding.code in ("passed_over", "mask_lost")]
