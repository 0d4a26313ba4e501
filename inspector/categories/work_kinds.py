"""The long jobs of this app."""

from inspector.categories.exploration.explore import explore
from inspector.categories.models import Exploration
from inspector.core import work

work.register(
    work.Kind(
        name="exploration",
        model=Exploration,
        do=explore,
        doing="Looking at the samples of a category, exploration {}",
        related=("category",),
    )
)
