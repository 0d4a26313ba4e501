"""The long jobs of this app."""

from inspector.core import work
from inspector.explanations.ask import forget_old
from inspector.explanations.make import make
from inspector.explanations.models import Explanation

work.register(
    work.Kind(
        name="explanation",
        model=Explanation,
        do=make,
        doing="Explaining a verdict, explanation {}",
        related=("inspection", "version__category"),
        forget=forget_old,
        # Somebody looks at the page: it does not wait for a training of an hour.
        queue=work.EXPLAIN_QUEUE,
        loads="torch",
    )
)
