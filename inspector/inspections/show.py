"""Serving an inspection's pictures, the same for pages and API."""

from pathlib import PurePath

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from inspector.core import files, uploads
from inspector.inspections.models import Inspection

KINDS = ("original", "preview", "thumbnail", "reconstruction", "heatmap", "contours")


def picture(request: HttpRequest, pk: int, kind: str) -> HttpResponseBase:
    """One picture of an inspection, to be saved with ?download; Http404 when it is not there (yet)."""
    row = Inspection.objects.only("filename", kind).filter(pk=pk).first()
    name = str(getattr(row, kind)) if row else ""
    if not row or not name:
        raise Http404("There is no such picture (yet).")
    filename = row.filename
    if kind != "original":
        filename = f"{PurePath(filename).stem} {kind}{PurePath(name).suffix}"
    return files.serve(
        request,
        name,
        # Contours are ours; no photo is ever an SVG.
        content_type="image/svg+xml" if kind == "contours" else uploads.content_type_of(name),
        filename=filename,
        download="download" in request.GET,
    )
