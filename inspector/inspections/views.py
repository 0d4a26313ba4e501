"""The pages: Inspect, a batch, one inspection, History, and the pictures they show."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core import uploads
from inspector.inspections import selectors, show
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.forms import InspectForm
from inspector.inspections.legend import legend_of
from inspector.inspections.models import Batch, Inspection, Source
from inspector.inspections.p_values import unusual
from inspector.inspections.retry import retry as retry_inspection
from inspector.inspections.submit import Submission, submit

# Rows that ended so long before the last look are sent again: workers' clocks may differ a little,
# and a row's time is taken a moment before it is committed.
OVERLAP = timedelta(seconds=5)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("inspections.add_inspection", raise_exception=True)
def inspect(request: PersonRequest) -> HttpResponse:
    """Photos in, verdicts out: the page (GET) and what it sends (POST)."""
    if request.method == "POST":
        return _take(request)
    choices = selectors.categories_to_inspect()
    ready = [choice for choice in choices if choice.active]
    batch = _own_batch(request)
    wanted = _slug_of(batch) or request.GET.get("category") or selectors.last_category(request.user)
    chosen = next((c for c in ready if c.category.slug == wanted), ready[0] if ready else None)
    context = {
        "choices": choices,
        "ready": ready,
        "chosen": chosen,
        "max_bytes": settings.MAX_UPLOAD_BYTES,
    }
    if batch:
        context |= _batch_context(batch)
    return render(request, "inspections/inspect.html", context)


def _take(request: PersonRequest) -> HttpResponse:
    sent = InspectForm(request.POST, request.FILES).accepted()
    submission = submit(
        category=sent["category"],
        uploads=sent["images"],
        by=request.user,
        source=Source.WEB,
        batch=sent["batch"],
    )
    if request.htmx:
        return _taken_rows(request, submission)
    for rejected in submission.rejected:
        messages.error(request, f"{rejected.filename}: {rejected.message}")
    return redirect(submission.batch or "inspections:inspect")


def _taken_rows(request: PersonRequest, submission: Submission) -> HttpResponse:
    """The rows of what was just sent, refused ones too, and how far their batch is."""
    context: dict[str, Any] = {"rejected": submission.rejected}
    if submission.batch:
        context |= _progress_context(submission.batch) | {"rows": submission.inspections[::-1]}
    return render(request, "inspections/taken.html", context)


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def batch(request: PersonRequest, pk: int) -> HttpResponse:
    """What was sent together, and what was found."""
    return render(request, "inspections/batch.html", _batch_context(selectors.batch(pk)))


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def batch_rows(request: PersonRequest, pk: int) -> HttpResponse:
    """How far a batch is, and those of its rows that changed since the page last asked."""
    found = selectors.batch(pk)
    context = _progress_context(found)
    rows = selectors.changed_since(selectors.batch_rows(pk), _since(request) - OVERLAP)
    return render(request, "inspections/changed_rows.html", context | {"rows": rows})


def _batch_context(found: Batch) -> dict[str, Any]:
    rows = selectors.batch_rows(found.pk).order_by("-pk")
    return _progress_context(found) | {"rows": rows}


def _progress_context(found: Batch) -> dict[str, Any]:
    """Read before the rows are: what changes in between is sent with the next look."""
    counts = selectors.batch_counts(found.pk)
    age = counts.now - found.created
    return {"batch": found, "counts": counts, "now": counts.now.timestamp(), "delay": _delay(age)}


def _delay(age: timedelta) -> str:
    """When to look again: a verdict usually takes less than a second, a long queue longer."""
    if age < timedelta(seconds=15):
        return "400ms"
    return "1s" if age < timedelta(minutes=2) else "2s"


def _since(request: PersonRequest) -> datetime:
    try:
        return datetime.fromtimestamp(float(request.GET.get("since", "0")), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _own_batch(request: PersonRequest) -> Batch | None:
    """The batch in the address, so that a reload or the way back shows its rows again."""
    pk = request.GET.get("batch", "")
    rows = Batch.objects.select_related("category", "submitted_by")
    return rows.filter(pk=int(pk), submitted_by=request.user).first() if pk.isdecimal() else None


def _slug_of(found: Batch | None) -> str | None:
    return found.category.slug if found else None


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def inspection(request: PersonRequest, pk: int) -> HttpResponse:
    """One photo: the verdict, where it comes from, and the way to the next one of the same filters."""
    found = selectors.inspection(pk)
    filters = _filters(request)
    newer, older = selectors.neighbours(found, filters)
    context = {
        "inspection": found,
        "newer": newer,
        "older": older,
        "filters": filters,
        "query": f"?{urlencode(filters)}" if filters else "",
        "legend": legend_of(found),
        "unusual": unusual(found),
        "showable": uploads.shown_by_browsers(str(found.original)),
        "waited": (found.finished - found.created).total_seconds() * 1000 if found.finished else None,
    }
    return render(request, "inspections/inspection.html", context)


@require_POST
@permission_required("inspections.retry_inspection", raise_exception=True)
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    """Send a failed one round again; its row (htmx) or its page shows how it goes."""
    found = selectors.inspection(pk)
    retry_inspection(found, by=request.user)
    if not request.htmx:
        return redirect(found)
    row = selectors.inspection(pk)
    context = _progress_context(selectors.batch(row.batch_id)) | {"row": row}
    return render(request, "inspections/retried.html", context)


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def picture(request: PersonRequest, pk: int, kind: str) -> HttpResponseBase:
    """A picture of an inspection; to save with ?download."""
    return show.picture(request, pk, kind)


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def history(request: PersonRequest) -> HttpResponse:
    """Every inspection, newest first, narrowed by what is in the address."""
    filters = _filters(request)
    page = selectors.page(
        selectors.history(filters), before=_id(request, "before"), after=_id(request, "after")
    )
    context = {
        "page": page,
        "form": InspectionFilter(filters or None, Inspection.objects.none()).form,
        "filters": filters,
        "query": f"?{urlencode(filters)}" if filters else "",
        "elsewhere": "before" in request.GET or "after" in request.GET,
    }
    return render(request, "inspections/history.html", context)


def _filters(request: PersonRequest) -> dict[str, str]:
    """What the address narrows the history by."""
    names = InspectionFilter.base_filters
    return {name: value for name in names if (value := request.GET.get(name, "").strip())}


def _id(request: PersonRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() else None
