"""The page about the installation's health: the checks of /readyz in full, and its processes."""

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inspector.core.health import processes, runner
from inspector.core.health.probes import PERMISSION


@require_safe
@permission_required(PERMISSION, raise_exception=True)
def health(request: HttpRequest) -> HttpResponse:
    """It refreshes itself from this same address."""
    report = runner.report()
    shown = processes.processes()
    context = {
        "report": report,
        "results": runner.worst_first(report.results),
        "ill": sum(result.finding.ill for result in report.results),
        "processes": [(process, processes.is_alive(process)) for process in shown],
        "guide": settings.DOCS_URL and f"{settings.DOCS_URL.rstrip('/')}/when-something-is-wrong.md",
    }
    return render(request, "site/health.html", context)
