"""The pages: a batch, one inspection, History, and the pictures they show. Inspect: `inspect_views`."""

from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from inspector.accounts.requests import PersonRequest
from inspector.categories.models import Category
from inspector.core import uploads
from inspector.core.paging import place
from inspector.inspections import address, display, hold, selectors, show
from inspector.inspections.anyway import judge_anyway, send_as
from inspector.inspections.columns import table
from inspector.inspections.counting import count
from inspector.inspections.dismiss import dismiss as dismiss_inspection
from inspector.inspections.earlier import with_earlier
from inspector.inspections.filters import InspectionFilter, order_of
from inspector.inspections.how_sure import interval_in_words, is_unstable, spread_in_words, stable_in_words
from inspector.inspections.legend import legend_of
from inspector.inspections.models import Inspection
from inspector.inspections.models_display import Layout
from inspector.inspections.more_filters import asks_for_more, more_filters
from inspector.inspections.orders import ORDERS
from inspector.inspections.p_values import unusual
from inspector.inspections.presets import presets
from inspector.inspections.progress import batch_context, progress_context
from inspector.inspections.retry import retry as retry_inspection
from inspector.inspections.view_views import chosen

# Rows that ended so long before the last look are sent again: workers' clocks may differ a little,
# and a row's time is taken a moment before it is committed.
OVERLAP = timedelta(seconds=5)


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def batch(request: PersonRequest, pk: int) -> HttpResponse:
    """What was sent together, and the results."""
    return render(request, "inspections/batch.html", batch_context(selectors.batch(pk)))


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def batch_rows(request: PersonRequest, pk: int) -> HttpResponse:
    """How far a batch is, and those of its rows that changed since the page last asked."""
    batch = selectors.batch(pk)
    context = progress_context(batch)
    rows = selectors.changed_since(selectors.batch_rows(pk), _since(request) - OVERLAP)
    return render(request, "inspections/changed_rows.html", context | {"rows": with_earlier(rows)})


def _since(request: PersonRequest) -> datetime:
    try:
        # Not before 1970, so that there is room for the overlap.
        return datetime.fromtimestamp(max(0.0, float(request.GET.get("since", "0"))), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def inspection(request: PersonRequest, pk: int) -> HttpResponse:
    """One photo: the verdict, where it comes from, and the way to the next one of the same filters."""
    [row] = with_earlier([selectors.inspection(pk)])
    filters, wanted = address.filters(request), address.wanted(request)
    newer, older = selectors.neighbours(row, wanted)
    context = {
        "inspection": row,
        "newer": newer,
        "older": older,
        "filters": filters,
        "order": order_of(wanted),
        "query": address.query(wanted),
        "legend": legend_of(row),
        "unusual": unusual(row),
        "interval": interval_in_words(row),
        "stable": stable_in_words(row),
        "spread": spread_in_words(row),
        "by_doubt": is_unstable(row),
        "showable": uploads.shown_by_browsers(str(row.original)),
        "waited": (row.finished - row.created).total_seconds() * 1000 if row.finished else None,
    }
    return render(request, "inspections/inspection.html", context)


@require_POST
@permission_required("inspections.retry_inspection", raise_exception=True)
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    """Retry a failed one; its row (htmx) or its page shows how it goes."""
    row = selectors.inspection(pk)
    retry_inspection(row, by=request.user)
    if not request.htmx:
        return redirect(row)
    return _row_again(request, pk)


@require_POST
@permission_required("inspections.retry_inspection", raise_exception=True)
def anyway(request: PersonRequest, pk: int) -> HttpResponse:
    """Judge one that seems to show another part; its row (htmx) or its page shows how it goes."""
    row = selectors.inspection(pk)
    judge_anyway(row, by=request.user)
    if not request.htmx:
        return redirect(row)
    return _row_again(request, pk)


@require_POST
@permission_required("inspections.retry_inspection", raise_exception=True)
@permission_required("inspections.add_inspection", raise_exception=True)
def as_other(request: PersonRequest, pk: int) -> HttpResponse:
    """Send its photo as one of another category; the page of that shows the verdict."""
    row = selectors.inspection(pk)
    category = get_object_or_404(Category, slug=request.POST.get("category", ""))
    sent = send_as(row, category, by=request.user)
    messages.success(request, f"{row.filename} was sent as {category}.")
    return redirect(sent)


def _row_again(request: PersonRequest, pk: int) -> HttpResponse:
    [row] = with_earlier([selectors.inspection(pk)])
    context = progress_context(selectors.batch(row.batch_id)) | {"row": row}
    return render(request, "inspections/retried.html", context)


@require_POST
@permission_required("inspections.retry_inspection", raise_exception=True)
def try_now(request: PersonRequest, pk: int) -> HttpResponse:
    """Do not wait for the next try of one that a fault of the place holds."""
    row = selectors.inspection(pk)
    hold.try_now(row, by=request.user)
    if not request.htmx:
        return redirect(row)
    return _row_again(request, pk)


@require_POST
@permission_required("inspections.retry_inspection", raise_exception=True)
def dismiss(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a failed one off the list: its row goes (htmx), or the batch is shown without it."""
    row = selectors.inspection(pk)
    dismiss_inspection(row, by=request.user)
    words = f"{row.filename} was removed from the list. It stays in the history."
    if not request.htmx:
        messages.success(request, words)
        return redirect("inspections:batch", row.batch_id)
    context = progress_context(selectors.batch(row.batch_id)) | {"oob": True}
    response = render(request, "inspections/progress.html", context)
    return trigger_client_event(response, "tell", {"words": words})


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def picture(request: PersonRequest, pk: int, kind: str) -> HttpResponseBase:
    """A picture of an inspection; to save with ?download."""
    return show.picture(request, pk, kind)


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def history(request: PersonRequest) -> HttpResponse:
    """Every inspection, sorted and narrowed as the address says."""
    mine = display.of(request.user)
    if not request.GET and mine.start:
        return redirect(mine.start)
    filters, wanted = address.filters(request), address.wanted(request)
    page = selectors.history_page(wanted, **place(request))
    shown = display.shown(request, mine, wanted)
    asked = InspectionFilter(wanted or None, Inspection.objects.none())
    context = {
        "page": page,
        "table": table(page.rows, shown.columns),
        "shown": shown,
        "layouts": Layout.choices,
        "columns": chosen(shown.columns),
        "everything": "?sort=time" if mine.start else "",
        "count": count(asked),
        "form": asked.form,
        "filters": filters,
        "more": more_filters(asked) if asks_for_more(request.GET) or "more" in request.GET else None,
        "order": asked.order,
        "sort": wanted.get("sort", ""),
        "orders": ORDERS,
        "presets": presets(filters, wanted.get("sort", "")),
        "query": address.query(wanted),
        "elsewhere": "before" in request.GET or "after" in request.GET,
    }
    return render(request, "inspections/history.html", context)


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def more_filters_of(request: PersonRequest) -> HttpResponse:
    """The filters of the history that are used less often: fetched when they are opened."""
    asked = InspectionFilter(address.wanted(request) or None, Inspection.objects.none())
    return render(request, "inspections/more_filters.html", {"more": more_filters(asked)})


@require_safe
def stopped(request: PersonRequest) -> HttpResponse:
    """The notice, on every page, that no photo is judged; an empty one where photos are."""
    return render(request, "inspections/stopped.html")
