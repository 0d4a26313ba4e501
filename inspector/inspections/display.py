"""How a person sees the history, and its saved views: every read and write of both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest

from inspector.accounts.people import one_at_a_time
from inspector.core.changes import change, locked
from inspector.core.errors import Conflict, Refused
from inspector.core.numbers import whole
from inspector.inspections import columns
from inspector.inspections.filter_kinds import PersonFilter
from inspector.inspections.filters import InspectionFilter
from inspector.inspections.models import Inspection
from inspector.inspections.models_display import VIEW_LENGTH, Display, Layout, SavedView

MOST = 100  # views of a person
MAY_SHARE = "inspections.share_savedview"


@dataclass(frozen=True, slots=True)
class Shown:
    """layout and columns of a page; the view that it is of, and whether its filters are still the view's."""

    layout: str
    columns: list[str]
    view: SavedView | None = None
    changed: bool = False


def of(person: Any) -> Display:
    """What a person chose, otherwise the default; not saved. A start view that is no longer shared does not
    count."""
    saved = Display.objects.select_related("start").filter(person=person).first()
    if saved and saved.start and saved.start.owner_id != person.pk and not saved.start.shared:
        saved.start = None
    return saved or Display(person=person, columns=columns.usual())


def shown(request: HttpRequest, mine: Display, wanted: Mapping[str, str]) -> Shown:
    """By the address; otherwise by the view; otherwise by what the person chose last."""
    view = _named(request)
    asked = request.GET.get("layout", "")
    layout = asked if asked in Layout.values else (view or mine).layout
    names = (view.columns if view else mine.columns) or columns.usual()
    changed = view is not None and dict(wanted) != view.query
    return Shown(layout, columns.known(names), view, changed)


def _named(request: HttpRequest) -> SavedView | None:
    """A view that is deleted, or not for this person, changes nothing."""
    pk = whole(request.GET.get("view"))
    return visible(request.user).filter(pk=pk).first() if pk else None


def visible(person: Any) -> QuerySet[SavedView]:
    """One's own, then those that others share."""
    rows = SavedView.objects.select_related("owner")
    return rows.filter(Q(owner=person) | Q(shared=True)).order_by("name", "pk")


def view(person: Any, pk: int) -> SavedView:
    chosen = visible(person).filter(pk=pk).first()
    if chosen is None:
        raise Http404(f"There is no view {pk}.")
    return chosen


def choose(person: Any, *, layout: str = "", names: Iterable[str] | None = None) -> Display:
    """Remember how a person wants to see the history."""
    chosen: dict[str, Any] = {"layout": layout} if layout in Layout.values else {}
    if names is not None:
        chosen["columns"] = columns.known(names)
    return _remember(person, chosen)


def start_with(person: Any, start: SavedView | None) -> None:
    """What the history opens with; None for all of it."""
    _remember(person, {"start": start})


def _remember(person: Any, chosen: dict[str, Any]) -> Display:
    with transaction.atomic():
        mine = locked(Display, {"columns": columns.usual()}, person=person)
        change(mine, chosen)
    return mine


def save(
    person: Any,
    name: str,
    query: Mapping[str, str],
    *,
    layout: str = Layout.LIST,
    names: Iterable[str] = (),
    shared: bool = False,
) -> SavedView:
    """A new view, or the person's own of that name, replaced. Raises Refused "invalid_view" (with fields)."""
    name = " ".join(name.split())
    values = {"query": dict(query), "layout": layout, "columns": columns.known(names), "shared": shared}
    try:
        with transaction.atomic():
            one_at_a_time(person)
            _check(person, name, query, shared)
            made, _ = SavedView.objects.update_or_create(owner=person, name=name, defaults=values)
    except IntegrityError:  # at the same time
        raise Conflict("view_exists", f"There is already a view “{name}”.") from None
    return made


def _check(person: Any, name: str, query: Mapping[str, str], shared: bool) -> None:
    wrong: dict[str, list[str]] = {}
    if not name or len(name) > VIEW_LENGTH:
        wrong["name"] = [f"Give it a name of at most {VIEW_LENGTH} characters."]
    if shared and not person.has_perm(MAY_SHARE):
        wrong["shared"] = ["Views are shared by QA managers and admins."]
    unknown = query.keys() - InspectionFilter.base_filters.keys()
    if unknown or not InspectionFilter(dict(query), Inspection.objects.none()).is_valid():
        wrong["query"] = ["These filters cannot be read."]
    if not wrong and SavedView.objects.filter(owner=person).exclude(name=name).count() >= MOST:
        wrong["name"] = [f"You have {MOST} views. Delete one first."]
    if wrong:
        raise Refused("invalid_view", " ".join(next(iter(wrong.values()))), fields=wrong)


def delete(person: Any, saved: SavedView) -> None:
    """Those who started with it get all of the history again."""
    if saved.owner_id != person.pk and not (saved.shared and person.has_perm("inspections.delete_savedview")):
        raise Refused("not_yours", f"“{saved}” is a view of {saved.owner}.", status=403)
    saved.delete()


def rename_person(former: str, username: str, **_: Any) -> None:
    """In the filters of all views. For `people.renamed`."""
    for name, kind in InspectionFilter.base_filters.items():
        if isinstance(kind, PersonFilter):
            for row in SavedView.objects.select_for_update().filter(**{f"query__{name}": former}):
                change(row, {"query": row.query | {name: username}})
