"""Pages of the panel's lists, which grow for years: no list is counted, or skipped through, without end; and
what a list does with an address that it cannot make sense of."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
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


class PanelList(ChangeList):
    """In place of a page beyond the last one, the last: an action there may have removed rows."""

    def get_results(self, request: HttpRequest) -> None:
        if self.page_num != 1:
            paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)
            self.page_num = max(1, min(self.page_num, paginator.num_pages))
        super().get_results(request)


UNKNOWN_FILTER = "The address has a filter or a value that this list does not have, so all of it is shown."


def with_all_rows(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """Where Django gives up on what the address asks for: it shows everything, or takes the database for
    broken, and says neither what was wrong nor that an action was not done."""
    gave_up = getattr(answer, "url", "") == f"{request.path}?{ERROR_FLAG}=1"
    gave_up = gave_up or getattr(answer, "template_name", "") == "admin/invalid_setup.html"
    if not gave_up or request.GET.keys() <= {ERROR_FLAG}:
        return answer
    undone = "Nothing was changed. " if request.method == "POST" else ""
    messages.error(request, f"{undone}{UNKNOWN_FILTER}")
    return redirect(f"{request.path}?{ERROR_FLAG}=1")
