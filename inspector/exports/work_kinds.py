"""The long jobs of this app."""

from inspector.core import work
from inspector.exports.ask import forget_old
from inspector.exports.make import make
from inspector.exports.models import Export

work.register(
    work.Kind(
        name="export",
        model=Export,
        do=make,
        doing="Writing inspections into a file, export {}",
        queue=work.EXPLAIN_QUEUE,
        related=("requested_by",),
        forget=forget_old,
        again="export it again",
    )
)
