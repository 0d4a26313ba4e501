"""Pages of saved views, and what remembers how a person sees the history."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspector.accounts.requests import PersonRequest
from inspector.core.errors import Refused
from inspector.inspections import address, columns, display
from inspector.inspections.models_display import Layout

may_view = permission_required("inspections.view_inspection", raise_exception=True)


@require_http_methods(["GET", "HEAD", "POST"])
@may_view
def views(request: PersonRequest) -> HttpResponse:
    """One's own and shared ones; a POST saves what the address says under a name."""
    wanted, refused = address.wanted(request), None
    shown = display.shown(request, display.of(request.user), wanted)
    if request.method == "POST":
        try:
            made = display.save(
                request.user,
                request.POST.get("name", ""),
                wanted,
                layout=shown.layout,
                names=shown.columns,
                shared="shared" in request.POST,
            )
        except Refused as problem:
            refused = problem
        else:
            if "start" in request.POST:
                display.start_with(request.user, made)
            messages.success(request, f"The view “{made}” was saved.")
            return redirect(made)
    context = {
        "views": display.visible(request.user),
        "start": display.of(request.user).start_id,
        "filters_in_words": address.filters_in_words(wanted),
        "query": address.query(wanted),
        "layout": shown.layout,
        "name": request.POST.get("name", shown.view.name if shown.view else ""),
        "refused": refused,
        "may_share": request.user.has_perm(display.MAY_SHARE),
    }
    return render(request, "inspections/views.html", context, status=refused.status if refused else 200)


@require_safe
@may_view
def menu(request: PersonRequest) -> HttpResponse:
    """The menu of views, fetched when it is opened."""
    context = {"views": display.visible(request.user), "query": address.query(address.wanted(request))}
    return render(request, "inspections/view_menu.html", context)


@require_POST
@may_view
def start(request: PersonRequest) -> HttpResponse:
    """What the history opens with: `view`, none for all of it."""
    pk = request.POST.get("view", "")
    try:
        view = display.view(request.user, int(pk)) if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
    except Http404:
        return _gone(request)
    display.start_with(request.user, view)
    words = f"The history opens with “{view}”." if view else "The history opens with everything."
    messages.success(request, words)
    return redirect("inspections:views")


@require_POST
@may_view
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    try:
        view = display.view(request.user, pk)
    except Http404:
        return _gone(request)
    display.delete(request.user, view)
    messages.success(request, f"The view “{view}” was deleted.")
    return redirect("inspections:views")


def _gone(request: PersonRequest) -> HttpResponse:
    """Its page was older: another tab, or the person who had shared it."""
    messages.info(request, "This view has been deleted, or is no longer shared. These are your views now.")
    return redirect("inspections:views")


@require_POST
@may_view
def choose(request: PersonRequest) -> HttpResponse:
    """Remember the layout or the columns, and go back to the list."""
    names = request.POST.getlist("column") if "columns" in request.POST else None
    layout = request.POST.get("layout", "")
    display.choose(request.user, layout=layout, names=names)
    return redirect(f"{reverse('inspections:history')}{address.query(_back(request, layout))}")


def _back(request: PersonRequest, layout: str) -> dict[str, str]:
    """A view keeps the layout that was chosen; its own columns stay until it is left."""
    wanted = address.wanted(request)
    if layout in Layout.values and "view" in request.GET:
        wanted |= {"view": request.GET["view"], "layout": layout}
    return wanted or {"sort": "time"}


def chosen(names: list[str]) -> list[tuple[columns.Column, bool]]:
    """Every column, and whether it is shown."""
    return [(column, column.name in names) for column in columns.every()]
