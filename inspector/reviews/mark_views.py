"""Marking from the pages: the mark as it is drawn, its pictures, taking it back."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core.errors import Refused, body_of
from inspector.inspections import selectors as inspections
from inspector.inspections.outlines import outlines_of
from inspector.reviews import marks, masks, show_mark
from inspector.reviews.decide import UNASKED
from inspector.reviews.forms import MarkForm, why
from inspector.reviews.mark import mark as mark_inspection
from inspector.reviews.mark import refuse_to_mark
from inspector.reviews.unmark import unmark

adds = permission_required("reviews.add_review", raise_exception=True)
sees = permission_required("reviews.view_review", raise_exception=True)


@require_POST
@adds
def mark(request: PersonRequest, pk: int) -> HttpResponse:
    """Save what was drawn; the answer is what the page shows of it, or in JSON what is wrong."""
    inspection = inspections.inspection(pk)
    try:
        refuse_to_mark(inspection, request.user)
        form = MarkForm(request.POST, request.FILES)
        if not form.is_valid():
            fields = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
            raise Refused("invalid_mask", " ".join(next(iter(fields.values()))), fields=fields)
        sent = form.cleaned_data
        content = sent["mask"].read(masks.MAX_BYTES + 1)
        mask = masks.from_png(content, (inspection.width, inspection.height), working=True)
        seen = sent["seen"] if "seen" in request.POST else UNASKED
        made = mark_inspection(inspection, mask, by=request.user, tools=sent["tools"], seen=seen)
    except Refused as problem:
        return JsonResponse(body_of(problem), status=problem.status)
    context = {
        "inspection": inspection,
        "mark": marks.one(made.pk),
        "may_mark": True,
        "from_queue": seen == UNASKED,
    }
    return render(request, "reviews/mark.html", context, status=201)


@require_safe
@sees
def mask(request: PersonRequest, pk: int) -> HttpResponseBase:
    return show_mark.mask_of(request, marks.one(pk))


@require_safe
@sees
def outline(request: PersonRequest, pk: int) -> HttpResponseBase:
    return show_mark.outline_of(request, marks.one(pk))


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def map_outlines(request: PersonRequest, pk: int) -> HttpResponse:
    """Where the map reaches the limits: what a mark can begin with."""
    return JsonResponse(outlines_of(inspections.inspection(pk)))


@require_POST
@adds
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    withdrawn = marks.one(pk)
    try:
        own = withdrawn.person == request.user
        unmark(withdrawn, by=request.user, reason=request.POST.get("reason", "") if own else why(request))
    except Refused as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, f"{withdrawn.inspection.filename}: the mark was withdrawn.")
    return redirect(withdrawn.inspection)
