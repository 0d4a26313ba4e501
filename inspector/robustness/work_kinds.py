"""The long jobs of this app."""

from inspector.core import work
from inspector.robustness.measure import measure
from inspector.robustness.models import RobustnessReport

work.register(
    work.Kind(
        name="robustness",
        model=RobustnessReport,
        do=measure,
        # Minutes, like an exploration: explanations, which somebody looks at, do not wait for it.
        doing="Measuring robustness, report {}",
        related=("version__category",),
        loads="torch",
    )
)
