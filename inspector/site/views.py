"""The first page."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inspector.inspections.selectors import queue
from inspector.registry.selectors import categories_overview
from inspector.site.home import of_role
from inspector.site.selectors import days, demo_being_made, latest_anomalies


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def home(request: HttpRequest) -> HttpResponse:
    """What happens today; its parts refresh themselves from this same address."""
    categories = categories_overview()
    [today] = days(1)
    context = {
        "today": today,
        # If no limit gives that verdict, nobody needs its number.
        "may_review": any(row.deployment and row.deployment.review_from is not None for row in categories),
        "queue": queue(),
        "latest": list(latest_anomalies()),
        "categories": categories,
        "ready": [row for row in categories if row.active],
        "being_made": demo_being_made(categories),
        **of_role(request.user),
    }
    return render(request, "site/home.html", context)
