"""Pages that compare versions of several categories."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from detection.files import tables
from inspector.accounts.requests import PersonRequest
from inspector.core.errors import Refused
from inspector.trials import beside, selectors
from inspector.trials.asked import Asked, asked, of_page
from inspector.trials.beside import Comparison
from inspector.trials.selectors import MOST

sees_metrics = permission_required("registry.view_metrics", raise_exception=True)


@require_safe
@sees_metrics
def compare(request: PersonRequest) -> HttpResponse:
    """The versions in the address side by side; without any, the active ones of the first categories."""
    offered = selectors.choices()
    context: dict[str, Any] = {"offered": offered, "most": MOST}
    try:
        wanted = of_page(request.GET, offered)
    except Refused as refused:
        ticked = set(request.GET.getlist("version"))
        return render(
            request, "trials/compare.html", context | {"refused": refused, "ticked": ticked}, status=400
        )
    context |= {
        "asked": wanted,
        "ticked": {str(version.pk) for version in wanted.versions},
        "comparison": _comparison(wanted),
    }
    return render(request, "trials/compare.html", context)


@require_safe
@sees_metrics
def table(request: PersonRequest) -> StreamingHttpResponse:
    """The numbers as CSV."""
    rows = beside.as_csv(_comparison(asked(request.GET.getlist("version"))))
    headers = {"Content-Disposition": f'attachment; filename="{_name()}.csv"'}
    return StreamingHttpResponse(rows, content_type=tables.CONTENT_TYPE, headers=headers)


@require_safe
@sees_metrics
def document(request: PersonRequest) -> HttpResponse:
    """The same as PDF."""
    from inspector.trials.document import document  # only here: it takes memory

    made = document(_comparison(asked(request.GET.getlist("version"))), by=request.user)
    headers = {"Content-Disposition": f'inline; filename="{_name()}.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def _comparison(wanted: Asked) -> Comparison:
    return beside.compare(wanted.versions, selectors.scores(wanted.versions))


def _name() -> str:
    return f"comparison-{timezone.localdate():%Y-%m-%d}"
