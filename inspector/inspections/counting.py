"""How many inspections the filters leave: exactly up to MOST, so that no count makes a page slow.

Each filter has an index that begins with it and ends with the time, so no more than MOST entries are read;
ranges of scores are looked for in the newest LOOKED_AT of the other filters.
"""

from dataclasses import dataclass

from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import Inspection

MOST = 10_000
LOOKED_AT = 20_000  # for what no index counts


@dataclass(frozen=True, slots=True)
class Count:
    """`number` of them, or more where it is not exact."""

    number: int
    exact: bool = True

    @property
    def words(self) -> str:
        """Such as “1,204 inspections”, “More than 10,000 inspections”, “At least 12 inspections”."""
        noun = "inspection" if self.number == 1 else "inspections"
        more = "More than " if self.number == MOST else "At least "
        return f"{'' if self.exact else more}{self.number:,} {noun}"


def count(asked: InspectionFilter) -> Count:
    """How many of the history are left."""
    rows, all_of_them = asked.to_count(Inspection.objects.order_by(), LOOKED_AT)
    counted = rows.values("pk")[: MOST + 1].count()
    return Count(min(counted, MOST), exact=all_of_them and counted <= MOST)
