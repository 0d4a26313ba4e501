"""PDFs that are ready at once."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core.errors import Conflict
from inspector.exports.ask import record_printed
from inspector.inspections import selectors


@require_safe
@permission_required("exports.add_export", raise_exception=True)
def inspection(request: PersonRequest, pk: int) -> HttpResponse:
    """One inspection as a document."""
    from inspector.exports.documents.one import document  # only here: it takes memory

    row = selectors.inspection(pk)
    if not row.verdict:
        raise Conflict("no_verdict", f"{row.filename} has no verdict yet, so there is nothing to report.")
    made = document(row, by=request.user)
    if request.method != "HEAD":  # which brings the headers alone
        record_printed(row, by=request.user)
    disposition = {"Content-Disposition": f'inline; filename="inspection-{row.pk}.pdf"'}
    return HttpResponse(made, content_type="application/pdf", headers=disposition)
