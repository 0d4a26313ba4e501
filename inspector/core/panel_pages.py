"""Pages of the panel's lists, which grow for years: no list is counted, or skipped through, without end."""

from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

MOST = 10_000


class CappedPaginator(Paginator):
    """The first MOST rows; a list that has more says so, and its filters and search lead to the rest."""

    template_name = "admin/capped_pagination.html"  # the panel's library includes it
    most = MOST

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.most)

    @property
    def capped(self) -> bool:
        return self._counted > self.most

    @cached_property
    def _counted(self) -> int:
        """MOST and one more where there are more."""
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by().values("pk")[: self.most + 1].count()
