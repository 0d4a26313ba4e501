"""The first page."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inspector.inspections.selectors import queue
from inspector.registry.selectors import categories_overview
from inspector.site.selectors import days, demo_being_made, latest_anomalies
from inspector.site.trend import trend


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def home(request: HttpRequest) -> HttpResponse:
    """What happens today; its parts refresh themselves from this same address."""
    shown = days()
    categories = categories_overview()
    context = {
        "today": shown[-1],
        "trend": trend(shown),
        "queue": queue(),
        "latest": list(latest_anomalies()),
        "categories": categories,
        "ready": [row for row in categories if row.active],
        "being_made": demo_being_made(categories),
    }
    return render(request, "site/home.html", context)
