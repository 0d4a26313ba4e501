"""Serving a mark's pictures, the same for pages and API."""

from pathlib import PurePath

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from inspector.core import files
from inspector.reviews.models import Mark


def mask_of(request: HttpRequest, mark: Mark) -> HttpResponseBase:
    """White on black, at the photo's size."""
    filename = f"{PurePath(mark.inspection.filename).stem} mask.png"
    return files.serve(
        request,
        str(mark.mask),
        content_type="image/png",
        filename=filename,
        download="download" in request.GET,
    )


def outline_of(request: HttpRequest, mark: Mark) -> HttpResponseBase:
    """As lines, to lay over the photo."""
    filename = f"{PurePath(mark.inspection.filename).stem} mark.svg"
    return files.serve(request, str(mark.outline), content_type="image/svg+xml", filename=filename)
