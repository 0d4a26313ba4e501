"""Pages of samples: browse, add, remove."""

from pathlib import PurePath
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from detection import UnreadableImage
from inspector.accounts.sure import SureForm
from inspector.categories.models import Category
from inspector.core import files
from inspector.core.errors import Refused
from inspector.core.events import operation_of
from inspector.core.paging import place
from inspector.core.uploads import content_type_of
from inspector.samples import browse, pictures
from inspector.samples.add_samples import Added, add_samples
from inspector.samples.forms import AddSamplesForm
from inspector.samples.models import GOOD, Sample, Split
from inspector.samples.notices import notify_added
from inspector.samples.remove_samples import remove_samples
from inspector.samples.selectors import counts

may_view = permission_required("samples.view_sample", raise_exception=True)
FIELD_OF = {"no_files": "images", "bad_split": "split", "bad_label": "label"}


@require_safe
@may_view
def samples(request: HttpRequest, slug: str) -> HttpResponse:
    """Thumbnails of one split and label, which live in the address."""
    category = get_object_or_404(Category, slug=slug)
    return render(request, "samples/samples.html", _samples_context(request, category))


def _samples_context(request: HttpRequest, category: Category, sent: Any = None) -> dict[str, Any]:
    groups = counts(category)
    split = request.GET.get("split", "")
    label = request.GET.get("label", "")
    chosen = next((group for group in groups if (group["split"], group["label"]) == (split, label)), None)
    page = browse.page(category, split, label, **place(request))
    return {
        "category": category,
        "groups": [group | {"name": Split(group["split"]).label} for group in groups],
        "chosen": chosen,
        "total": sum(group["n"] for group in groups),
        "page": page,
        "masked": any(sample.mask for sample in page.rows),
        "form": AddSamplesForm(
            sent,
            labels=sorted({group["label"] for group in groups} | {GOOD}),
            initial={"split": split or Split.TRAIN, "label": label or GOOD},
        ),
    }


@require_POST
@permission_required("samples.add_sample", raise_exception=True)
def add(request: HttpRequest, slug: str) -> HttpResponse:
    """Photos in: as JSON for the page that sends a few at a time, as messages for a plain form."""
    category = get_object_or_404(Category, slug=slug)
    split, label = request.POST.get("split", ""), request.POST.get("label", "")
    uploads = request.FILES.getlist("images")
    wants_json = "application/json" in request.headers.get("Accept", "")
    try:
        added = add_samples(
            category,
            uploads,
            split=split,
            label=label,
            by=request.user,
            operation=operation_of(request.POST.get("operation", "")),
        )
    except Refused as refused:
        return _not_added(request, category, refused, as_json=wants_json)
    if wants_json:
        return JsonResponse(_as_json(added))
    notify_added(request, added)
    place = urlencode({"split": split, "label": label.strip()})
    return redirect(f"{reverse('samples:list', args=[category.slug])}?{place}")


def _not_added(request: HttpRequest, category: Category, refused: Refused, *, as_json: bool) -> HttpResponse:
    """What is wrong with all of them, beside the field that it is about."""
    field = FIELD_OF.get(refused.code)
    if as_json:
        error = {"code": refused.code, "message": refused.message, "field": field}
        return JsonResponse({"error": error}, status=refused.status)
    context = _samples_context(request, category, request.POST)
    context["form"].errors.clear()  # what the verb says is enough
    context["form"].add_error(field, refused.message)
    return render(request, "samples/samples.html", context, status=refused.status)


def _as_json(added: Added) -> dict[str, object]:
    return {
        "added": len(added.samples),
        "duplicates": added.duplicates,
        "rejected": [{"filename": one.filename, "message": one.message} for one in added.rejected],
    }


@require_safe
@may_view
def sample(request: HttpRequest, pk: int) -> HttpResponse:
    sample = _sample(pk)
    earlier, later = browse.neighbours(sample)
    context = {"sample": sample, "category": sample.category, "earlier": earlier, "later": later}
    return render(request, "samples/sample.html", context)


@require_POST
@permission_required("samples.delete_sample", raise_exception=True)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    sample = _sample(pk)
    sure = SureForm(request, request.POST)
    if not sure.is_valid():
        messages.error(request, sure.what_is_wrong)
        return redirect("samples:sample", pk)
    _, later = browse.neighbours(sample)
    remove_samples(sample.category, [pk], by=request.user, reason=sure.reason_given)
    messages.success(request, f"{sample.filename} was removed. The next training will not use it.")
    if later:
        return redirect("samples:sample", later.pk)
    place = urlencode({"split": sample.split, "label": sample.label})
    return redirect(f"{reverse('samples:list', args=[sample.category.slug])}?{place}")


@require_safe
@may_view
def image(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The photo itself, byte for byte as it was added."""
    sample = _sample(pk)
    name = str(sample.image)
    return files.serve(
        request,
        name,
        content_type=content_type_of(name),
        filename=f"{PurePath(sample.filename).stem}{PurePath(name).suffix}",
        download="download" in request.GET,
    )


@require_safe
@may_view
def picture(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """A sample as a browser can show it; 404 for one that cannot be read."""
    sample = _sample(pk)
    try:
        if kind == "outline":
            return _outline(request, sample)
        name = pictures.picture(sample, kind)
    except (UnreadableImage, FileNotFoundError) as problem:
        raise Http404(str(problem)) from None
    return files.serve(request, name, content_type="image/jpeg", filename=f"{kind}.jpg")


def _outline(request: HttpRequest, sample: Sample) -> HttpResponseBase:
    if not sample.mask:
        raise Http404(f"{sample.filename} has no mask.")
    return files.serve(request, pictures.outline(sample), content_type="image/png", filename="outline.png")


def _sample(pk: int) -> Sample:
    return get_object_or_404(Sample.objects.select_related("category"), pk=pk)
