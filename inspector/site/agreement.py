"""How well reviewers agree who decided about the same photos independently of each other."""

from dataclasses import dataclass

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inspector.categories.models import Category
from inspector.monitoring.statistics.agreement import Agreement
from inspector.monitoring.statistics.agreement import agreement as agreement_of
from inspector.reviews.models import SecondOpinion
from inspector.reviews.second import Pair, pairs

APART = 12  # photos shown of those that were judged differently


@dataclass(frozen=True, slots=True)
class Row:
    pair: Pair
    agreement: Agreement
    apart: list[int]


@dataclass(frozen=True, slots=True)
class Table:
    """Of a category: a row for each pair of people, and one for all of them together."""

    category: Category
    rows: list[Row]
    waiting: int


@require_safe
@permission_required("reviews.work_queue", raise_exception=True)
def agreement(request: HttpRequest) -> HttpResponse:
    """Cohen's kappa by category and pair, of second opinions."""
    asked = SecondOpinion.objects.order_by().values_list("category_id").distinct()
    tables = [_table(category) for category in Category.objects.filter(pk__in=asked).order_by("name")]
    return render(request, "site/agreement.html", {"tables": tables})


def _table(category: Category) -> Table:
    rows = []
    for pair in pairs(category.pk):
        agreement = agreement_of(pair.first, pair.second)
        if agreement is not None:
            rows.append(Row(pair, agreement, pair.apart[:APART]))
    waiting = SecondOpinion.objects.filter(category=category, second=None).count()
    return Table(category, rows, waiting)
