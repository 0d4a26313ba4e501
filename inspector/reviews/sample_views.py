"""Sending decided photos to the samples: from a page of them, from an inspection, after a decision."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.categories.models import Category
from inspector.core import paging
from inspector.core.errors import Refused
from inspector.core.events import operation_of
from inspector.core.numbers import wholes
from inspector.inspections.models import Inspection
from inspector.registry.selectors import active_version
from inspector.reviews.decided import decided_otherwise, new_since, waiting_for_samples
from inspector.reviews.models import Review
from inspector.reviews.send import AT_ONCE, send_to_samples

sends = permission_required("reviews.send_to_samples", raise_exception=True)
TOLD = 5  # refusals


@require_safe
@sends
def decided(request: PersonRequest, slug: str) -> HttpResponse:
    """What was decided and is not among the samples yet."""
    category = get_object_or_404(Category, slug=slug)
    place = paging.place(request)
    context = {
        "category": category,
        "page": paging.page(waiting_for_samples(category), by="reviewed", size=AT_ONCE, **place),
        "new": new_since(category, active_version(category)),
        "otherwise": list(decided_otherwise(category)[:AT_ONCE]),
    }
    return render(request, "reviews/decided.html", context)


@require_safe
@sends
def new_decided(request: PersonRequest, slug: str) -> HttpResponse:
    """How many its version does not know: a part of the category's page, which does not wait for it."""
    category = get_object_or_404(Category, slug=slug)
    context = {
        "category": category,
        "new": new_since(category, active_version(category)),
        "otherwise": decided_otherwise(category).count(),
    }
    return render(request, "reviews/new_decided.html", context)


@require_POST
@sends
def send(request: PersonRequest) -> HttpResponse:
    """Those that are ticked, or all that one operation decided."""
    ids = wholes(request.POST.getlist("ids"))
    operation = operation_of(request.POST.get("operation", ""))
    if operation:
        rows = Review.objects.filter(operation=operation, withdrawal=None)
        ids += rows.values_list("inspection_id", flat=True)
    try:
        if not ids:
            raise Refused("none_selected", "Select the photos first, then send them.")
        chosen = Inspection.objects.filter(pk__in=ids[: AT_ONCE + 1]).select_related("category")
        sent = send_to_samples(list(chosen.order_by("pk")), by=request.user)
    except Refused as problem:
        messages.error(request, problem.message)
    else:
        for other in sent.refused[:TOLD]:
            messages.warning(request, other.message)
        messages.success(request, sent.words)
    return redirect(_back(request))


def _back(request: PersonRequest) -> str:
    """To the page that it was sent from, of this site."""
    wanted = request.POST.get("next", "")
    inside = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) and wanted.startswith("/")
    return wanted if inside else reverse("reviews:queue")
