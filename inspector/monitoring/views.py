"""The pages of Trends."""

from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from detection.files import tables
from inspector.accounts.requests import PersonRequest
from inspector.core.errors import Refused
from inspector.monitoring import charts, live_line, selectors
from inspector.monitoring import drift as drifting
from inspector.monitoring import groups as grouping
from inspector.monitoring.asked import Asked, TrendsForm
from inspector.monitoring.figures import Figure
from inspector.monitoring.groups import GroupsForm
from inspector.monitoring.live_line_form import LiveLineForm
from inspector.monitoring.presets import presets

SEE = "monitoring.view_hourlysum"
sees_trends = permission_required(SEE, raise_exception=True)


@require_safe
@sees_trends
def trends(request: PersonRequest) -> HttpResponse:
    """The defect rate and what it is made of."""
    form = TrendsForm(request.GET)
    context: dict[str, Any] = {"form": form, "query": request.GET.urlencode(), "here": "monitoring:trends"}
    if not form.is_valid():
        return render(request, "monitoring/trends.html", context, status=400)
    asked = Asked.of(form)
    hours = charts.of_period(asked)
    within = charts.within(asked, hours)
    total = selectors.total([counts for _, counts in within])
    rate = charts.rate(asked, hours)
    context |= {
        "asked": asked,
        "total": total,
        "rate": rate,
        "signals": [row for row in reversed(rate.rows) if row["signals"]],
        "figures": [
            charts.defects(asked, total),
            charts.comparison(asked),
            charts.first_pass(rate),
            charts.heat(asked, within),
        ],
        "presets": presets(request.GET, asked),
    }
    return render(request, "monitoring/trends.html", context)


@require_safe
@sees_trends
def drift(request: PersonRequest) -> HttpResponse:
    """Whether photos changed that look good, in words, and of one category as bands over time."""
    form = TrendsForm(request.GET)
    context: dict[str, Any] = {"form": form, "query": request.GET.urlencode(), "here": "monitoring:drift"}
    if not form.is_valid():
        return render(request, "monitoring/drift.html", context, status=400)
    asked = Asked.of(form)
    comparisons = drifting.comparisons(asked)
    context |= {
        "asked": asked,
        "comparisons": comparisons,
        "drifts": [one for one in comparisons if one.drifts],
        "tested": [one for one in comparisons if one.tested],
        "figures": drifting.bands(asked) if asked.category else [],
        "presets": presets(request.GET, asked),
    }
    return render(request, "monitoring/drift.html", context)


@require_safe
@sees_trends
def escapes(request: PersonRequest) -> HttpResponse:
    """How many defective parts leave, and how many good ones are called defective."""
    form = LiveLineForm(request.GET)
    context: dict[str, Any] = {"form": form, "query": request.GET.urlencode(), "here": "monitoring:escapes"}
    if not form.is_valid():
        return render(request, "monitoring/escapes.html", context, status=400)
    asked = Asked.of(form)
    context |= {
        "asked": asked,
        "sides": live_line.sides(asked, form.to_width),
        "titles": live_line.TITLES,
        "presets": presets(request.GET, asked),
    }
    return render(request, "monitoring/escapes.html", context)


@require_safe
@sees_trends
def groups(request: PersonRequest) -> HttpResponse:
    """Whether one station, shift or lot has more false alarms than the others."""
    form = GroupsForm(request.GET)
    context: dict[str, Any] = {"form": form, "query": request.GET.urlencode(), "here": "monitoring:groups"}
    if not form.is_valid():
        return render(request, "monitoring/groups.html", context, status=400)
    asked = Asked.of(form)
    context |= {
        "asked": asked,
        "figure": grouping.figure(asked) if asked.category else None,
        "presets": presets(request.GET, asked),
    }
    return render(request, "monitoring/groups.html", context)


@require_safe
@sees_trends
def group_table(request: PersonRequest) -> StreamingHttpResponse:
    """The same as CSV."""
    asked = grouping.of_one_category(Asked.of_program(request.GET, GroupsForm))
    return _csv(grouping.figure(asked))


@require_safe
@sees_trends
def band_table(request: PersonRequest, name: str) -> StreamingHttpResponse:
    """The bands of one measure, as CSV."""
    asked = Asked.of_program(request.GET)
    if asked.category is None:
        raise Refused("invalid_period", "Choose a category.", fields={"category": ["Choose a category."]})
    [made] = [one for one in drifting.bands(asked) if one.name == name]
    return _csv(made)


@require_safe
@sees_trends
def table(request: PersonRequest, name: str) -> StreamingHttpResponse:
    """The rows of one chart, as CSV."""
    asked = Asked.of_program(request.GET)
    made = charts.BY_NAME[name](asked, charts.of_period(asked))
    return _csv(made)


def _csv(made: Figure) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(made.as_csv(), content_type=tables.CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="{made.name}.csv"'
    return answer
