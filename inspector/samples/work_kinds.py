"""The long jobs of this app."""

from inspector.core import work
from inspector.samples.exploration.explore import explore
from inspector.samples.models import Exploration

work.register(
    work.Kind(
        name="exploration",
        model=Exploration,
        do=explore,
        doing="Looking at the samples of a category, exploration {}",
        related=("category",),
    )
)
