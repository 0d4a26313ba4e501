"""The long jobs of this app."""

from inspector.core import work
from inspector.training.family import BY_ITSELF, in_step
from inspector.training.models import TrainingRun
from inspector.training.train import train

work.register(
    work.Kind(
        name="training",
        model=TrainingRun,
        do=train,
        doing="Training, run {}",
        related=("category", "version__category", "requested_by", "snapshot", "joins__category"),
        takes=BY_ITSELF,
        follow=in_step,
        loads="torch",
    )
)
