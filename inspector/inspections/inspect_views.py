"""Where photos come in: the Inspect page, what it sends, and station mode."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from inspector.accounts.models import User
from inspector.accounts.requests import PersonRequest
from inspector.categories.models import Category
from inspector.core.errors import Conflict
from inspector.inspections import selectors
from inspector.inspections.earlier import with_earlier
from inspector.inspections.forms import InspectForm, part_inputs
from inspector.inspections.keys import KEY_HEADER, REPLAY_HEADER
from inspector.inspections.models import Batch, Source
from inspector.inspections.progress import batch_context, goes_on, own_batch, progress_context
from inspector.inspections.selectors import Choice
from inspector.inspections.submit import Submission, submit

may_inspect = permission_required("inspections.add_inspection", raise_exception=True)
# What station mode shows of the photos before the newest one.
STATION_ROWS = 24


@require_http_methods(["GET", "HEAD", "POST"])
@may_inspect
def inspect(request: PersonRequest) -> HttpResponse:
    """Photos in, verdicts out: the page (GET) and what it sends (POST)."""
    if request.method == "POST":
        return _take(request)
    batch = own_batch(request)
    context = _choosing(request, batch)
    if context["chosen"] is None and context["missing"] is None and request.htmx.target != "choices":
        last = selectors.last_category(request.user)
        context["chosen"] = _of(context["ready"], last)
    return render(request, "inspections/inspect.html", context | (batch_context(batch) if batch else {}))


@require_safe
@may_inspect
def station(request: PersonRequest) -> HttpResponse:
    """One category on a fixed screen: the newest photo and its verdict, large; without one, which to take."""
    batch = own_batch(request)
    context = _choosing(request, batch)
    if context["chosen"] is None:
        return render(request, "inspections/station_choice.html", context)
    if batch and goes_on(batch):
        context |= batch_context(batch, most=STATION_ROWS)
    return render(request, "inspections/station.html", context | {"former": batch})


@dataclass(frozen=True, slots=True)
class Missing:
    """What the address asks for and cannot be inspected; `category` is None where there is none."""

    slug: str
    category: Category | None


def _choosing(request: PersonRequest, batch: Batch | None) -> dict[str, Any]:
    """The categories, and the one of the batch or the address: `chosen`, or `missing` with the reason."""
    choices = selectors.categories_to_inspect()
    ready = [choice for choice in choices if choice.active]
    wanted = batch.category.slug if batch else request.GET.get("category", "")
    chosen = _of(ready, wanted)
    return {
        "choices": choices,
        "ready": ready,
        "chosen": chosen,
        "missing": _missing(wanted) if wanted and chosen is None else None,
        "max_bytes": settings.MAX_UPLOAD_BYTES,
        "part_inputs": part_inputs(batch.part if batch else selectors.last_part(request.user)),
    }


def _missing(slug: str) -> Missing:
    return Missing(slug, Category.objects.filter(slug=slug.replace("\0", "")).first())


def _of(choices: list[Choice], slug: str | None) -> Choice | None:
    return next((choice for choice in choices if choice.category.slug == slug), None)


def _take(request: PersonRequest) -> HttpResponse:
    form = InspectForm(request.POST, request.FILES)
    sent = form.accepted()
    _require_same_person(sent["person"], request.user)
    submission = submit(
        category=sent["category"],
        uploads=sent["images"],
        by=request.user,
        source=Source.WEB,
        batch=sent["batch"],
        key=request.headers.get(KEY_HEADER, ""),
        part=form.part(),
    )
    if request.htmx:
        response = _taken_rows(request, submission)
        if submission.again:
            response[REPLAY_HEADER] = "true"
        return response
    for rejected in submission.rejected:
        messages.error(request, f"{rejected.filename}: {rejected.message}")
    return redirect(submission.batch or "inspections:inspect")


def _require_same_person(person: int | None, user: User) -> None:
    """Photos that one person chose are not written down as another's, who has signed in since."""
    if person is not None and person != user.pk:
        raise Conflict(
            "other_person",
            f"{user} is now signed in, but someone else opened this page. Reload it to send photos as your "
            "own.",
        )


def _taken_rows(request: PersonRequest, submission: Submission) -> HttpResponse:
    """The rows of what was just sent, refused ones too, and how far their batch is."""
    context: dict[str, Any] = {"rejected": submission.rejected}
    if submission.batch:
        context |= progress_context(submission.batch) | {"rows": with_earlier(submission.inspections[::-1])}
    return render(request, "inspections/taken.html", context)
