"""The pages of exports: what to export as what, how far one is, and its file. PDFs: `document_views`."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core import files
from inspector.core.errors import Refused
from inspector.core.jobs import State
from inspector.exports import selectors, tables
from inspector.exports.ask import ask, cancel, record_streamed
from inspector.exports.models import CONTENT_TYPES, Export, Form
from inspector.exports.records import records, valid
from inspector.inspections import address
from inspector.inspections.counting import Count, count
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import Inspection

PERMISSION = "exports.add_export"
may_export = permission_required(PERMISSION, raise_exception=True)
STREAMED = {Form.CSV.value: tables.as_csv, Form.JSON.value: tables.as_json}
SHOWN = 10  # of one's own


@require_http_methods(["GET", "HEAD", "POST"])
@may_export
def export(request: PersonRequest) -> HttpResponse:
    """What the filters in the address leave, as what. A POST asks for one of the forms."""
    wanted = address.wanted(request)
    if not valid(wanted):  # the history says what is wrong
        return redirect(f"{reverse('inspections:history')}{address.query(wanted)}")
    counted = count(InspectionFilter(wanted, Inspection.objects.none()))
    refused = None
    if request.method == "POST":
        form = request.POST.get("form", "")
        if form in STREAMED and counted.exact:
            return redirect(f"{reverse('exports:stream', args=[form])}{address.query(wanted)}")
        try:
            made = ask(form=form, query=wanted, by=request.user, title=_title(request))
            return redirect(made)
        except Refused as problem:
            refused = problem
    status = refused.status if refused else 200
    return render(request, "exports/export.html", _page(request, counted, refused), status=status)


def _page(request: PersonRequest, counted: Count, refused: Refused | None) -> dict[str, object]:
    wanted = address.wanted(request)
    return {
        "count": counted,
        "query": address.query(wanted),
        "filters_in_words": address.filters_in_words(wanted),
        "refused": refused,
        "title": _title(request),
        "exports": Export.objects.filter(requested_by=request.user)[:SHOWN],
    }


def _title(request: PersonRequest) -> str:
    """Of the address where another page leads here, such as a lot's."""
    return request.POST.get("title", request.GET.get("title", "")).strip()


@require_safe
@may_export
def stream(request: PersonRequest, form: str) -> HttpResponseBase:
    """What the filters leave, streamed. One that is not valid would leave too much: the history says so."""
    if form not in STREAMED:
        raise Http404(f"Inspections are streamed as CSV or JSON, not as {form}.")
    wanted = address.wanted(request)
    if not valid(wanted):
        return redirect(f"{reverse('inspections:history')}{address.query(wanted)}")
    if request.method != "HEAD":  # which brings the headers alone
        record_streamed(form, wanted, by=request.user)
    # The zone now: when the rows are read, the person's is no longer the current one.
    rows = STREAMED[form](records(wanted, timezone.get_current_timezone()))
    name = f"inspections-{timezone.localdate():%Y-%m-%d}.{form}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(rows, content_type=CONTENT_TYPES[form], headers=disposition)


@require_safe
@may_export
def one(request: PersonRequest, pk: int) -> HttpResponse:
    """How far one is, and its file; asked for by htmx, the part that changes."""
    chosen = selectors.export_for(request.user, pk)
    template = "exports/progress.html" if request.htmx else "exports/one.html"
    return render(request, template, {"export": chosen})


@require_safe
@may_export
def file(request: PersonRequest, pk: int) -> HttpResponseBase:
    return file_of(request, selectors.export_for(request.user, pk))


def file_of(request: HttpRequest, export: Export) -> HttpResponseBase:
    """To save; the browser does not keep it, because it will be removed."""
    if export.state != State.DONE or not export.file:
        raise Http404(f"{export} has no file.")
    kind = CONTENT_TYPES[export.form]
    response = files.serve(
        request, str(export.file), content_type=kind, filename=export.filename, download=True
    )
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@may_export
def stop(request: PersonRequest, pk: int) -> HttpResponse:
    return redirect(cancel(selectors.export_for(request.user, pk)))
