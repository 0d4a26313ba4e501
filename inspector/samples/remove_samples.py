"""Taking samples out of a category."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from inspector.categories.models import Category
from inspector.core.events import Who, because, record
from inspector.samples.events import SampleEvent
from inspector.samples.models import Sample


def remove_samples(
    category: Category, ids: Iterable[int], *, by: Who, reason: str = "", operation: UUID | None = None
) -> int:
    """The next training will not see them; how many they were.

    Their files stay: snapshots of former runs name them and must stay trainable. Files are stored
    under their hash, so importing one again takes no more space.
    """
    with transaction.atomic():
        chosen = Sample.objects.filter(category=category, pk__in=list(ids))
        names = [
            f"{split}/{label}/{name}"
            for split, label, name in chosen.values_list("split", "label", "filename")
        ]
        removed, _ = chosen.delete()
        if removed:
            record(
                by,
                SampleEvent.REMOVED,
                category,
                operation=operation,
                removed=removed,
                names=names[:100],
                **because(reason),
            )
    return removed
