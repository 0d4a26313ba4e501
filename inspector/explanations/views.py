"""The explanations on an inspection's page: which there are, their progress, and what they say."""

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core import files, uploads
from inspector.explanations import selectors
from inspector.explanations.ask import ask as ask_for
from inspector.explanations.ask import cancel as cancel_job
from inspector.explanations.models import Explanation
from inspector.explanations.selectors import Offer
from inspector.explanations.show import shown
from inspector.inspections import selectors as inspections

PERMISSION = "explanations.add_explanation"
may_explain = permission_required(PERMISSION, raise_exception=True)


@require_safe
@may_explain
def of_inspection(request: PersonRequest, pk: int) -> HttpResponse:
    """All kinds that its version has; asked for by htmx, the part of the inspection's page."""
    inspection = inspections.inspection(pk)
    offers = [(offer, shown(offer.explanation)) for offer in selectors.offers(inspection)]
    template = "explanations/of_inspection.html" if request.htmx else "explanations/page.html"
    return render(request, template, {"inspection": inspection, "offers": offers})


@require_POST
@may_explain
def ask(request: PersonRequest, pk: int, kind: str) -> HttpResponse:
    inspection = inspections.inspection(pk)
    return _answer(request, ask_for(inspection, kind, by=request.user))


@require_safe
@may_explain
def one(request: PersonRequest, pk: int) -> HttpResponse:
    """How far one is, and what it says."""
    return _answer(request, selectors.explanation(pk))


@require_POST
@may_explain
def cancel(request: PersonRequest, pk: int) -> HttpResponse:
    return _answer(request, cancel_job(selectors.explanation(pk)))


def _answer(request: PersonRequest, explanation: Explanation) -> HttpResponse:
    """The part of the page that changes (htmx), or all explanations of its inspection."""
    if not request.htmx:
        address = reverse("explanations:of-inspection", args=[explanation.inspection_id])
        return redirect(f"{address}#explanation-{explanation.kind}")
    offer = Offer(explanation.info, explanation.inspection, explanation)
    return render(request, "explanations/explanation.html", {"offer": offer, "shown": shown(explanation)})


@require_safe
@may_explain
def picture(request: PersonRequest, pk: int, name: str) -> HttpResponseBase:
    return picture_of(request, selectors.explanation(pk), name)


def picture_of(request: HttpRequest, explanation: Explanation, name: str) -> HttpResponseBase:
    kept = explanation.pictures.get(name)
    if not kept:
        raise Http404(f"{explanation} has no such picture.")
    file = str(kept["file"])
    return files.serve(
        request, file, content_type=uploads.content_type_of(file), filename=file.rsplit("/", 1)[-1]
    )
