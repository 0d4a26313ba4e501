"""The page of a version's test photos."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inspector.registry import photos
from inspector.registry.views import may_view, version_or_404


@require_safe
@may_view
def test_photos(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Narrowed by what is in the address, with the verdicts of another version beside those of this one."""
    version = version_or_404(slug, number)
    other = photos.other_than(version, request.GET.get("beside", ""))
    asked = photos.Asked.of(request.GET)
    context: dict[str, Any] = {
        "version": version,
        "category": version.category,
        "other": other,
        "asked": asked,
        "choices": photos.choices(version, other),
        "labels": photos.labels(version),
        "page": photos.page(version, other, asked),
    }
    return render(request, "registry/photos.html", context)
