"""The review page, one photo at a time, and what an inspection's page shows of its reviews."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core.errors import Refused, body_of
from inspector.core.numbers import wholes
from inspector.inspections import selectors as inspections
from inspector.reviews import defect_types, selectors
from inspector.reviews.asked import Asked
from inspector.reviews.decide import decide as decide_about
from inspector.reviews.decided import speaks_against
from inspector.reviews.dispute import dispute as dispute_verdict
from inspector.reviews.forms import DecisionForm, ReasonForm, why
from inspector.reviews.mark import may_mark
from inspector.reviews.marks import standing_mark
from inspector.reviews.may import WORK, may_decide, may_dispute
from inspector.reviews.models import Disposition, Review, SentSample, Severity
from inspector.reviews.queue import AHEAD, FIRST, lend, renew
from inspector.reviews.send import sends_mark
from inspector.reviews.withdraw import withdraw as withdraw_review

MOST_SHOWN = 100  # photos of a page
# In the session: what was typed about an inspection and refused, for the form that its page shows next.
TYPED = "refused_words"
MOST_TYPED = 2000  # characters of a field
DECISION_WORDS, DISPUTE_WORDS = ("defect_name", "severity", "disposition", "comment"), ("reason",)
WITHDRAWAL_WORDS = ("reason",)
works_the_queue = permission_required(WORK, raise_exception=True)


@require_safe
@works_the_queue
def queue(request: PersonRequest) -> HttpResponse:
    """The next photos, lent to this person; src/reviews shows one after another."""
    return render(request, "reviews/queue.html", _queue(request, FIRST))


@require_POST
@works_the_queue
def more(request: PersonRequest) -> HttpResponse:
    """The cards that this person has in hand now: for the page's script."""
    return render(request, "reviews/cards.html", _queue(request, AHEAD))


def _queue(request: PersonRequest, n: int) -> dict[str, Any]:
    asked = Asked.of(request.POST if request.method == "POST" else request.GET)
    kept = renew(request.user, wholes(request.POST.getlist("shown")[:MOST_SHOWN]))
    n = 0 if request.method == "HEAD" else n  # who asks for headers gets no photos in hand
    lent = lend(request.user, category=asked.category, order=asked.order, n=n)
    return {
        "cards": selectors.cards(lent, request.user),
        "kept": kept,
        "severities": Severity.choices,
        "dispositions": Disposition.choices,
        "last": selectors.last_of(request.user),
        **asked.context(request.user),
    }


@require_POST
@permission_required("reviews.add_review", raise_exception=True)
def decide(request: PersonRequest, pk: int) -> HttpResponse:
    """JSON for the page's script; without it the next page, or what is wrong at its top."""
    inspection = inspections.inspection(pk)
    form = DecisionForm(request.POST)
    try:
        if not form.is_valid():
            fields = {name: [str(error) for error in errors] for name, errors in form.errors.items()}
            raise Refused("invalid_review", " ".join(next(iter(fields.values()))), fields=fields)
        sent = form.cleaned_data
        review = decide_about(
            inspection, form.finding(), by=request.user, seen=sent["seen"], operation=sent["operation"]
        )
    except Refused as problem:
        return _refused(request, problem, pk, DECISION_WORDS)
    if _by_script(request):
        return JsonResponse({"review": review.pk, "mine": selectors.decided_today(request.user)}, status=201)
    messages.success(request, f"{inspection.filename}: {review.get_decision_display()}.")
    return redirect(_back(request, pk))


@require_POST
@permission_required("reviews.add_review", raise_exception=True)
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a decision back: the photo is in the queue again."""
    review = selectors.review(pk)
    try:
        reason = _reason(request) if review.person == request.user else why(request)
        withdraw_review(review, by=request.user, reason=reason)
    except Refused as problem:
        return _refused(request, problem, review.inspection_id, WITHDRAWAL_WORDS, of=pk)
    if _by_script(request):
        return JsonResponse({"mine": selectors.decided_today(request.user)})
    messages.success(request, f"{review.inspection.filename}: the decision was withdrawn.")
    return redirect(_back(request, review.inspection_id))


@require_POST
@permission_required("reviews.dispute_inspection", raise_exception=True)
def dispute(request: PersonRequest, pk: int) -> HttpResponse:
    """Send a photo to the top of the queue."""
    inspection = inspections.inspection(pk)
    try:
        dispute_verdict(inspection, by=request.user, reason=_reason(request))
    except Refused as problem:
        return _refused(request, problem, pk, DISPUTE_WORDS)
    messages.success(request, f"{inspection.filename} is at the top of the review queue for a QA manager.")
    return redirect(inspection)


def _reason(request: PersonRequest) -> str:
    form = ReasonForm(request.POST)
    # One that is too long is refused by the action, which says so.
    return str(form.cleaned_data["reason"] if form.is_valid() else request.POST.get("reason", ""))


@require_safe
@permission_required("inspections.view_inspection", raise_exception=True)
def of_inspection(request: PersonRequest, pk: int) -> HttpResponse:
    """What people decided about an inspection: a part of its page."""
    inspection = inspections.inspection(pk)
    reviews = list(selectors.reviews_of(inspection))
    choice = defect_types.choice(inspection.category)
    sent = SentSample.objects.filter(inspection=inspection).select_related("person", "sample").first()
    context = {
        "inspection": inspection,
        "reviews": reviews,
        "standing": _standing(reviews),
        "disputes": list(inspection.disputes.select_related("person")),
        "sent": sent,
        "sends_mark": sends_mark(inspection, sent),
        "sent_otherwise": speaks_against(inspection, sent),
        "mark": standing_mark(inspection),
        "may_mark": may_mark(inspection, request.user),
        "may_decide": may_decide(request.user, inspection),
        "may_dispute": may_dispute(request.user, inspection),
        "types": choice.types,
        "suggested": choice.suggested,
        "severities": Severity.choices,
        "dispositions": Disposition.choices,
        **_typed(request, pk),
    }
    return render(request, "reviews/of_inspection.html", context)


def _typed(request: PersonRequest, pk: int) -> dict[str, Any]:
    """What was refused a moment ago, once: `typed`, of a decision or dispute, or of taking back the review
    `typed_of`."""
    kept = request.session.get(TYPED, {})
    if kept.get("inspection") != pk:
        return {"typed": {}}
    del request.session[TYPED]
    review = kept.get("review")
    return {"typed": {}, "typed_of": review, "why": kept["words"]} if review else {"typed": kept["words"]}


def _standing(reviews: list[Review]) -> Review | None:
    return next((one for one in reviews if not hasattr(one, "withdrawal")), None)


def _by_script(request: PersonRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _refused(
    request: PersonRequest, problem: Refused, pk: int, typed: tuple[str, ...] = (), of: int | None = None
) -> HttpResponse:
    """typed: the fields whose words the form on the inspection's page is to show again; of: the review whose
    form that is."""
    if _by_script(request):
        return JsonResponse(body_of(problem), status=problem.status)
    messages.error(request, problem.message)
    words = {name: request.POST[name][:MOST_TYPED] for name in typed if request.POST.get(name)}
    if words and request.POST.get("from") != "queue":
        request.session[TYPED] = {"inspection": pk, "review": of, "words": words}
    return redirect(_back(request, pk))


def _back(request: PersonRequest, pk: int) -> str:
    """Back to where it was sent from: the queue as it was sorted, or the inspection's page."""
    if request.POST.get("from") != "queue":
        return reverse("inspections:inspection", args=[pk])
    return reverse("reviews:queue") + Asked.of(request.POST).query()
