"""The search of the top bar."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from inspector.accounts.requests import PersonRequest
from inspector.inspections.search import find


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def search(request: PersonRequest) -> HttpResponse:
    """What begins with this; if that is one thing, its page."""
    text = request.GET.get("q", "").strip()
    matches = find(text) if text else None
    if matches and len(matches.addresses) == 1:
        return redirect(matches.addresses[0])
    return render(request, "site/search.html", {"text": text, "matches": matches})
