"""Rows that several scenarios need, by the models of their time."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.text import slugify

from tests.factories import digest
from tests.former.walk import Former

START = datetime(2026, 11, 1, 8, tzinfo=UTC)


def at_day(day: float, **later: float) -> datetime:
    return START + timedelta(days=day, **later)


def person(former: Former, username: str) -> Any:
    """The same one for all who ask for that name."""
    return former("accounts.User").get_or_create(username=username)[0]


def category(former: Former, name: str, slug: str = "") -> Any:
    return former("categories.Category").create(name=name, slug=slug or slugify(name), key=name.lower())


def version(former: Former, category: Any, number: int = 1, **values: Any) -> Any:
    artifact = f"{category.slug}-{number}.zip"
    usual = {"method": "unet", "artifact": artifact, "threshold": 0.5, "map_low": 0.4, "map_high": 2.0}
    values = usual | {"sha256": digest(artifact)} | values
    return former("registry.ModelVersion").create(category=category, number=number, **values)


def inspection(former: Former, category: Any, **values: Any) -> Any:
    """WAITING by default; with a `version`, judged by it."""
    by = person(former, "ann")
    batch = former("inspections.Batch").create(category=category, submitted_by=by, source="web")
    photo = {
        "filename": "a.png",
        "sha256": digest(1),
        "bytes": 1,
        "width": 8,
        "height": 8,
        "original": "a.png",
    }
    judged = {"state": "done", "verdict": "OK", "score": 0.1, "threshold": 0.5}
    values = photo | (judged if "version" in values else {}) | values
    return former("inspections.Inspection").create(batch=batch, category=category, submitted_by=by, **values)
