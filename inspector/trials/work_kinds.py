"""The long jobs of this app."""

from inspector.core import work
from inspector.trials.ask import forget_old
from inspector.trials.judge import judge
from inspector.trials.models import Trial

work.register(
    work.Kind(
        name="trial",
        model=Trial,
        do=judge,
        doing="Judging a photo by several versions, trial {}",
        queue=work.EXPLAIN_QUEUE,
        loads="torch",
        forget=forget_old,
        again="send the photo again",
    )
)
