"""Of standings, times of promotion and the audit trail of a former time: who put which version to work when."""

from datetime import timedelta

from django.db import migrations
from django.utils import timezone

KINDS = {"version.promoted": "promotion", "version.rolled_back": "rollback"}
# An event is written in the transaction of its promotion, a moment later.
SAME = timedelta(minutes=1)


def write_deployments(apps, schema_editor):
    ModelVersion = apps.get_model("registry", "ModelVersion")
    Deployment = apps.get_model("registry", "Deployment")
    versions = list(ModelVersion.objects.defer("metrics", "plots").order_by("pk"))
    told = _told(apps.get_model("core", "Event"), {version.pk for version in versions})
    by_category = {}
    for version in versions:
        by_category.setdefault(version.category_id, []).append(version)
    rows = []
    for found in by_category.values():
        rows += [Deployment(**values) for values in _history(found, told)]
    Deployment.objects.bulk_create(rows, batch_size=500)


def _told(Event, known):
    """(when, who, change) by version, as the trail has it."""
    found = {}
    rows = Event.objects.filter(kind__in=KINDS, subject_type="version").order_by("time", "pk")
    for when, who, kind, pk in rows.values_list("time", "actor_id", "kind", "subject_id"):
        if pk in known:
            found.setdefault(pk, []).append((when, who, KINDS[kind]))
    return found


def _history(versions, told):
    """The deployments of a category, one after the other; the last one open where a version is active."""
    points = [point for version in versions for point in _points(version, told.get(version.pk, []))]
    points.sort(key=lambda point: point[0])
    active = next((version for version in versions if version.standing == "active"), None)
    if active and (not points or points[-1][1] != active):
        # The trail is not whole: what the version itself says is so.
        since = max([active.promoted or active.created, *(when for when, *_ in points)])
        points.append((since, active, active.promoted_by_id, "promotion"))
    ends = [when for when, *_ in points[1:]]
    if points:
        ends.append(None if active else max(timezone.now(), points[-1][0]))
    return [_values(*point, until) for point, until in zip(points, ends, strict=True)]


def _points(version, events):
    """When a version was put to work, and by whom; its own last time where the trail does not know of it."""
    points = [(when, version, who, change) for when, who, change in events]
    if version.standing == "candidate":
        return []
    last = version.promoted or (None if points else version.created)
    if last and not any(abs(when - last) < SAME for when, *_ in points):
        points.append((last, version, version.promoted_by_id, "promotion"))
    return points


def _values(since, version, by, change, until):
    chosen = version.config.get("threshold") or {}
    review_from = chosen.get("review_from")
    if review_from is not None and review_from > version.threshold:
        review_from = None
    return {
        "category_id": version.category_id,
        "version": version,
        "kind": "active",
        "change": change,
        "threshold": version.threshold,
        "review_from": review_from,
        "policy": chosen.get("policy") or "",
        "map_low": version.map_low,
        "map_high": version.map_high,
        "since": since,
        "until": until,
        "by_id": by,
    }


class Migration(migrations.Migration):
    dependencies = [("registry", "0006_deployment"), ("core", "0008_former_events")]

    operations = [migrations.RunPython(write_deployments, migrations.RunPython.noop)]
