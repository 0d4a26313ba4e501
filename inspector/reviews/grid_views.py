"""The queue as a grid: many photos, one decision, undone as one."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core.errors import Refused
from inspector.core.events import operation_of
from inspector.core.numbers import whole
from inspector.reviews import defect_types
from inspector.reviews.asked import Asked
from inspector.reviews.decide import decide_many
from inspector.reviews.forms import DecisionForm
from inspector.reviews.may import WORK
from inspector.reviews.models import Review
from inspector.reviews.queue import lend
from inspector.reviews.withdraw import withdraw_operation

ON_A_PAGE = 48
TOLD = 5  # of those that could not be decided
works_the_queue = permission_required(WORK, raise_exception=True)


@require_safe
@works_the_queue
def grid(request: PersonRequest) -> HttpResponse:
    """What this person has in hand, many at once; `undo` is the operation that was decided last."""
    asked = Asked.of(request.GET)
    undo = operation_of(request.GET.get("undo", ""))
    n = _standing(request, undo) if undo else 0
    most = 0 if request.method == "HEAD" else ON_A_PAGE  # a request for headers lends no photos
    context = {
        "cards": lend(request.user, category=asked.category, order=asked.order, n=most),
        "types": defect_types.choice(asked.category).types if asked.category else [],
        "operation": uuid4(),
        "undo": undo if n else None,
        "undo_words": "1 photo was decided." if n == 1 else f"{n} photos were decided.",
        **asked.context(request.user),
    }
    return render(request, "reviews/grid.html", context)


def _standing(request: PersonRequest, operation: UUID) -> int:
    return Review.objects.filter(operation=operation, person=request.user, withdrawal=None).count()


@require_POST
@works_the_queue
def decide(request: PersonRequest) -> HttpResponse:
    """The same decision about all that are selected."""
    form, ids = DecisionForm(request.POST), [whole(text) for text in request.POST.getlist("ids")]
    operation = operation_of(request.POST.get("operation", "")) or uuid4()
    try:
        if not form.is_valid():
            words = [str(error) for errors in form.errors.values() for error in errors]
            raise Refused("invalid_review", " ".join(words))
        if not any(ids):
            raise Refused("none_selected", "Select the photos first, then decide.")
        wanted = [pk for pk in ids if pk]
        _, refused = decide_many(wanted, form.finding(), by=request.user, operation=operation)
    except Refused as problem:
        messages.error(request, problem.message)
        return redirect(_back(request))
    for other in refused[:TOLD]:
        messages.warning(request, other.message)
    return redirect(_back(request, undo=str(operation)))


@require_POST
@works_the_queue
def undo(request: PersonRequest) -> HttpResponse:
    """Take back everything that one operation decided."""
    operation = operation_of(request.POST.get("operation", ""))
    n = withdraw_operation(operation, by=request.user) if operation else 0
    if n:
        messages.success(request, "1 decision was withdrawn." if n == 1 else f"{n} decisions were withdrawn.")
    else:
        messages.info(
            request, "There is nothing to undo: it was withdrawn already, or another person decided it."
        )
    return redirect(_back(request))


def _back(request: PersonRequest, **more: str) -> str:
    return reverse("reviews:grid") + Asked.of(request.POST).query(**more)
