"""The pages of a lot and of a serial: every photo with its result, and what is decided about the lot."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.categories.models import Category
from inspector.core import paging
from inspector.core.errors import Refused
from inspector.core.numbers import whole
from inspector.inspections.earlier import with_earlier
from inspector.inspections.models import Outcome
from inspector.inspections.of_part import address_of, categories_of, newest_lots, rows_of
from inspector.inspections.part_models import PART_LENGTH
from inspector.reviews.lots import ADD, decide_lot, decisions, statuses
from inspector.reviews.models import LotStatus
from inspector.site import lots as summary

may_see = permission_required("inspections.view_inspection", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
def lots(request: PersonRequest) -> HttpResponse:
    """The newest lots; with `name`, the page of a lot whose name cannot be part of an address."""
    if name := request.GET.get("name", ""):
        return _lot(request, name)
    if request.method == "POST":
        raise Http404("There is no such lot.")
    newest = newest_lots()
    decided = statuses(row["lot"] for row in newest)
    for row in newest:
        row["decision"] = decided.get((row["lot"], row["category"]))
    return render(request, "site/lots.html", {"lots": newest})


@require_http_methods(["GET", "HEAD", "POST"])
@may_see
def lot(request: PersonRequest, lot: str) -> HttpResponse:
    """A lot (GET); a decision about it (POST). ?category says whose, where several have one of this name."""
    return _lot(request, lot)


def _lot(request: PersonRequest, name: str) -> HttpResponse:
    refused = None
    categories = categories_of(name) if len(name) <= PART_LENGTH else []
    category = _chosen(request, categories)
    if request.method == "POST":
        try:
            return _decide(request, name, category)
        except Refused as problem:
            if problem.status == 404:
                raise Http404(problem.message) from None
            refused = problem
    context = _photos(request, "lot", name, category if len(categories) > 1 else None)
    rows = rows_of("lot", name, category)
    decided = statuses([name]) if category is None else {}
    context |= {
        "category": category,
        "each": [(one, decided.get((name, one.pk)), address_of("lot", name, one.slug)) for one in categories],
        "all": address_of("lot", name),
        "defects": summary.defects(rows),
        "decisions": decisions(name, category) if category else [],
        "choices": LotStatus.choices,
        "may_decide": request.user.has_perm(ADD),
        "serials": summary.others(rows, "serial"),
        "refused": refused,
        "sent": request.POST if refused else {},
    }
    return render(request, "site/lot.html", context, status=refused.status if refused else 200)


def _chosen(request: PersonRequest, categories: list[Category]) -> Category | None:
    """The one in the address, or the only one; None where several have such a lot and none is said."""
    slug = request.GET.get("category", "")
    if not slug:
        return categories[0] if len(categories) == 1 else None
    for category in categories:
        if category.slug == slug:
            return category
    raise Http404("That category has no such lot.")


def _decide(request: PersonRequest, name: str, category: Category | None) -> HttpResponse:
    if not request.user.has_perm(ADD):
        raise PermissionDenied
    sent = request.POST
    made = decide_lot(
        name,
        status=sent.get("status", ""),
        reason=sent.get("reason", ""),
        by=request.user,
        seen=whole(sent.get("seen")) or 0,
        category=category,
    )
    messages.success(request, f"Lot {name}: {made.get_status_display().lower()}.")
    return redirect(request.get_full_path())


@require_safe
@may_see
def serials(request: PersonRequest) -> HttpResponse:
    """The page of a serial that cannot be part of an address; there is no list of all."""
    return _serial(request, request.GET.get("name", ""))


@require_safe
@may_see
def serial(request: PersonRequest, serial: str) -> HttpResponse:
    return _serial(request, serial)


def _serial(request: PersonRequest, name: str) -> HttpResponse:
    context = _photos(request, "serial", name)
    context["lots"] = summary.others(rows_of("serial", name), "lot")
    return render(request, "site/serial.html", context)


def _photos(
    request: PersonRequest, field: str, name: str, category: Category | None = None
) -> dict[str, Any]:
    """What both pages show. Http404 where there is no photo of it."""
    rows = rows_of(field, name, category) if len(name) <= PART_LENGTH else None
    counts = summary.counts(rows) if rows is not None else None
    if rows is None or counts is None:
        raise Http404(f"No photo is of {field} “{name[:PART_LENGTH]}”.")
    outcome = request.GET.get("outcome", "")
    if outcome in Outcome:
        rows = rows.filter(outcome=outcome)
    page = paging.page(
        rows.select_related("category", "submitted_by", "version"), by="created", **paging.place(request)
    )
    with_earlier(page.rows)
    return {
        "name": name,
        "counts": counts,
        "page": page,
        "outcome": outcome,
        "stations": summary.others(rows_of(field, name, category), "station"),
        "categories": summary.others(rows_of(field, name, category), "category__name"),
    }
