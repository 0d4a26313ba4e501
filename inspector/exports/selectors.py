"""Every read of exports, and who may see which."""

from typing import Any

from django.shortcuts import get_object_or_404

from inspector.exports.models import Export


def export_for(person: Any, pk: int) -> Export:
    """The owner's own; anybody's for those who may open any. Others do not learn that it exists."""
    rows = Export.objects.select_related("requested_by")
    if not person.has_perm("exports.open_any_export"):
        rows = rows.filter(requested_by=person)
    return get_object_or_404(rows, pk=pk)
