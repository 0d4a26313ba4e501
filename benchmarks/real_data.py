"""The real categories that measurements of single ideas are made on."""

import os
from pathlib import Path

from detection import datasets


def categories(default: str = "") -> list[Path]:
    """Folders of INSPECTOR_REAL_DATA: those of CATEGORIES (a,b), else of `default`, else all. Says so where
    there are none."""
    given = os.environ.get("INSPECTOR_REAL_DATA")
    found = datasets.categories(Path(given)) if given else []
    wanted = os.environ.get("CATEGORIES", default)
    these = [folder for folder in found if not wanted or folder.name in wanted.split(",")]
    if not these:
        print("Not measured: INSPECTOR_REAL_DATA has to name a folder of categories in MVTec AD layout.")
    return these
