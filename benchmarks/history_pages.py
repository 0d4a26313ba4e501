"""What `history` measures: the name and address of every page and filter."""

from collections.abc import Callable
from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from inspector.accounts.models import User
from inspector.inspections.models import Inspection

FILTERS = {
    "all": "",
    "category": "category=part-0",
    "rare category": "category=part-4",
    "OK": "verdict=OK",
    "review": "verdict=REVIEW",
    "anomaly": "verdict=ANOMALY",
    "failed": "state=failed",
    "removed": "state=dismissed",
    "waiting": "state=waiting",
    "done": "state=done",
    "OK and failed": "verdict=OK&state=failed",
    "category, anomaly": "category=part-1&verdict=ANOMALY",
    "category, failed": "category=part-1&state=failed",
    "category, removed": "category=part-1&state=dismissed",
    "batch": "batch=BATCH",
    "reviewed": "reviewed=yes",
    "not reviewed, anomaly": "reviewed=no&verdict=ANOMALY",
    "escapes": "disagreement=escape",
    "severity, category": "severity=critical&category=part-4",
    "sent by": "sent_by=person3",
    "decided by, anomaly": "decided_by=person1&verdict=ANOMALY",
    "version": "version=1",
    "score, few": "score_min=4.97",
    "score, many": "score_min=0.5&score_max=0.6",
    "p-value, none": "p_max=0.001",
    "p-value, many": "p_min=0.5&category=part-1",
    "p-value range, anomaly": "p_min=0.005&p_max=0.05&verdict=ANOMALY",
    "lot": "lot=L-3",
    "lot of a tenth": "lot=L-BIG",
    "lot of a tenth, category": "lot=L-BIG&category=part-4",
    "lot of a tenth, escapes": "lot=L-BIG&disagreement=escape",
    "serial": "serial=SERIAL",
    "station": "station=Line+1",
    "station, anomaly": "station=Line+1&verdict=ANOMALY",
    "defect type": "defect_type=3",
    "defect type, station": "defect_type=3&station=Line+2",
    "outcome": "outcome=defective",
    "outcome, undecided": "outcome=open",
    "outcome, category": "outcome=defective&category=part-4",
    "disagreement": "disagreement=any",
    "disagreement, category": "disagreement=false_call&category=part-4",
}


def clients() -> Callable[[str], int]:
    """A function get(address) that asks as an admin, and raises where the answer is no page."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.filter(is_superuser=True).first() or User.objects.get(username="admin"))

    def get(address: str) -> int:
        response = client.get(address)
        if response.status_code not in (200, 302):  # a search that finds one thing leads to it
            raise RuntimeError(f"{address}: {response.status_code}")
        return response.status_code

    return get


def addresses() -> dict[str, str]:
    oldest = Inspection.objects.order_by("pk").values_list("created", flat=True)[0]
    old = timezone.localtime(oldest).date() + timedelta(days=1)
    times = {"": "", " old day": _between(old, old), " old, long": f"&until={old}", " since": f"&since={old}"}
    # A batch of that day, at either size.
    batch = Inspection.objects.filter(created__date=old).order_by("pk").values_list("batch", flat=True)[1000]
    serial = Inspection.objects.order_by("-pk").values_list("serial", flat=True)[5000]
    pages = {}
    for name, query in FILTERS.items():
        query = query.replace("BATCH", f"{batch}").replace("SERIAL", serial)
        for when, limits in times.items():
            pages[f"history: {name}{when}"] = f"/history/?{query}{limits}"
            pages[f"history by score: {name}{when}"] = f"/history/?{query}{limits}&sort=score"
            pages[f"history by doubt: {name}{when}"] = f"/history/?{query}{limits}&sort=doubt"
        pages[f"API: {name}"] = f"/api/inspections/?{query}"
        pages[f"API: {name} old day"] = f"/api/inspections/?{query}{times[' old day']}"
    return pages | _pages(old, serial)


def _between(since: date, until: date) -> str:
    return f"&since={since}&until={until}"


def _pages(old: date, serial: str) -> dict[str, str]:
    newest = Inspection.objects.order_by("-pk").values_list("pk", flat=True)[0]
    middle = newest // 2
    sha = Inspection.objects.values_list("sha256", flat=True).get(pk=middle)
    panel = "/admin/inspections/inspection/"
    return {
        "history: last page": "/history/?before=40",
        "history: middle page": f"/history/?before={middle}",
        "history by score: middle page": f"/history/?sort=score&before={middle}",
        "inspection": f"/inspections/{middle}/",
        "inspection, anomaly": f"/inspections/{middle}/?verdict=ANOMALY",
        "inspection, by score, old day": f"/inspections/{middle}/?sort=score{_between(old, old)}",
        "batch": f"/inspect/batches/{middle // 18}/",
        "batch rows": f"/inspect/batches/{middle // 18}/rows/",
        "home": "/",
        "inspect": "/inspect/",
        "categories": "/categories/",
        "category": "/categories/part-0/",
        "lots": "/lots/",
        "lot's page": "/lots/L-3/",
        "serial's page": f"/serials/{serial}/",
        "queue": "/review/",
        "queue, category": "/review/?category=part-4",
        "queue, highest score": "/review/?sort=worst",
        "queue, oldest": "/review/?sort=oldest",
        "queue, category, oldest": "/review/?category=part-0&sort=oldest",
        "queue, grid": "/review/grid/",
        "drift": "/trends/drift/",
        "drift, category": "/trends/drift/?category=part-0",
        "trends by lot": "/trends/?by=lot",
        "trends by lot, a long time": f"/trends/?by=lot&since={old}",
        "trends by lot, category": f"/trends/?by=lot&category=part-0&since={old}",
        "search: serial": f"/search/?q={serial}",
        "search: the start of a serial": "/search/?q=SN0",
        "search: the start of a lot": "/search/?q=L-",
        "search: file name": f"/search/?q=photo{middle}",
        "search: SHA-256": f"/search/?q={sha[:20]}",
        "trail": "/trail/",
        "trail: old page": "/trail/?before=60",
        "API: one": f"/api/inspections/{middle}/",
        "panel": panel,
        "panel: page 100": f"{panel}?p=100",
        "panel: last page": f"{panel}?p=200",
        "panel: failed": f"{panel}?state__exact=failed",
        "panel: anomaly": f"{panel}?verdict__exact=ANOMALY",
        "panel: number": f"{panel}?q={middle}",
        "panel: SHA-256": f"{panel}?q={sha[:20]}",
        "panel: old day": f"{panel}?created_from={old}&created_to={old}",
        "panel: batches": "/admin/inspections/batch/",
        "panel: batches of an old day": f"/admin/inspections/batch/?created_from={old}&created_to={old}",
        "panel: trail": "/admin/core/event/",
    }
