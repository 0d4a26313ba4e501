"""Whether the photos of one station, shift, lot, version or person are judged differently from the
others'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.urls import reverse

from inspector.core.errors import Refused
from inspector.inspections.models import Disagreement, Inspection, Verdict
from inspector.inspections.parts import own_fields
from inspector.monitoring import selectors
from inspector.monitoring.asked import BY, Asked, TrendsForm
from inspector.monitoring.charts import COMPARED, MOST_GROUPS, NO_LOTS, NO_SHIFTS, NOTHING
from inspector.monitoring.figures import Column, Figure, Row
from inspector.monitoring.lots import LOT_PHOTOS
from inspector.monitoring.selectors import OWN, Counts, Group
from inspector.monitoring.shifts import timetable
from inspector.monitoring.statistics.groups import Compared, Counted, compare

# Parts of several categories are not comparable: what differs may be the part.
BY_WHAT = tuple(one for one in BY if one[0] != "category")
USUAL = "station"


def by_what() -> dict[str, str]:
    """What may be compared by, with its title: also fields of this installation's own."""
    return dict(BY_WHAT) | {f"{OWN}{name}": title for name, title in own_fields().items()}


def _choices() -> list[tuple[str, str]]:
    return [("", by_what()[USUAL]), *(one for one in by_what().items() if one[0] != USUAL)]


CHOOSE = "Choose a category."


def of_one_category(asked: Asked) -> Asked:
    """Refused "invalid_period" without a category."""
    if asked.category is None:
        raise Refused("invalid_period", CHOOSE, fields={"category": [CHOOSE]})
    return asked


@dataclass(frozen=True, slots=True)
class Measure:
    """A share that is compared. of: its hits, and among how many. filters: those of History for its hits."""

    key: str
    title: str
    noun: str
    of: Callable[[Counts], tuple[int, int]]
    filters: dict[str, str]


MEASURES = (
    Measure(
        "false_alarm",
        "False alarms",
        "false alarms",
        lambda counts: (counts.false_alarms, counts.good),
        {"disagreement": Disagreement.FALSE_CALL.value},
    ),
    Measure(
        "miss",
        "Misses",
        "misses",
        lambda counts: (counts.misses, counts.defective),
        {"disagreement": Disagreement.ESCAPE.value},
    ),
    Measure(
        "anomaly",
        "ANOMALY",
        "judged ANOMALY",
        lambda counts: (counts.anomalies, counts.judged),
        {"verdict": Verdict.ANOMALY.value},
    ),
)


class GroupsForm(TrendsForm):
    """A category and what to compare by; stations by default."""

    by = forms.ChoiceField(choices=_choices, required=False, label="Compare by")

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.fields["by"].widget.attrs["data-submits"] = True

    def clean_by(self) -> str:
        return str(self.cleaned_data["by"] or USUAL)


def figure(asked: Asked) -> Figure:
    """A row for each group, most false alarms first. asked: of one category."""
    groups = selectors.groups(asked.category, asked.since, asked.until, asked.by, MOST_GROUPS)
    compared = compare({one.key: [Counted(*one.of(group.counts)) for group in groups] for one in MEASURES})
    rows = [
        _row(asked, group, {key: each[place] for key, each in compared.items()})
        for place, group in enumerate(groups)
    ]
    rows.sort(key=lambda row: -(row["false_alarm_share"] or 0))
    title = by_what()[asked.by]
    return Figure(
        "groups",
        f"Verdicts by {title.lower()}",
        (Column("name", title, "text"), Column("judged", "Judged"), *_columns()),
        rows,
        words=_decided(asked) + _newest(asked.by),
        empty="" if rows else _nothing(asked),
        more={"by": asked.by, "says": _says(title, rows)},
    )


def _columns() -> list[Column]:
    return [
        column
        for one in MEASURES
        for column in (
            Column(f"{one.key}_count", one.title),
            Column(f"{one.key}_n", "of"),
            Column(f"{one.key}_share", f"{one.title}, share", "share"),
            Column(f"{one.key}_low", "95 % from", "share"),
            Column(f"{one.key}_high", "to", "share"),
            Column(f"{one.key}_others", "All others", "share"),
            Column(f"{one.key}_p", "p-value, adjusted", "number"),
            Column(f"{one.key}_differs", "Differs", "text"),
        )
    ]


def _row(asked: Asked, group: Group, compared: dict[str, Compared]) -> Row:
    row: Row = {
        "name": group.name,
        "judged": group.counts.judged,
        "href": _history(asked, group),
        "measures": [],
    }
    for measure in MEASURES:
        one, key = compared[measure.key], measure.key
        row |= {
            f"{key}_count": one.counted.hits,
            f"{key}_n": one.counted.n,
            f"{key}_share": one.share,
            f"{key}_low": one.low,
            f"{key}_high": one.high,
            f"{key}_others": one.others,
            f"{key}_p": one.p_value,
            f"{key}_differs": ("more" if one.is_higher else "fewer") if one.differs else "",
        }
        shown = {"title": measure.title, "noun": measure.noun, "compared": one}
        row["measures"].append(shown | {"href": _history(asked, group, **measure.filters)})
    return row


def _history(asked: Asked, group: Group, **filters: str) -> str:
    """ "" where History cannot show it."""
    if group.filters is None:
        return ""
    since, until = group.span or (asked.since, asked.until)
    return f"{reverse('inspections:history')}?{asked.of_history(since, until, {**filters, **group.filters})}"


def _says(title: str, rows: list[Row]) -> list[dict[str, str]]:
    """A sentence for each share that is higher, with where to see its photos. That others are lower for that
    needs no saying."""
    said = []
    for row in rows:
        for shown in row["measures"]:
            one: Compared = shown["compared"]
            if one.is_higher:
                words = f"{_percent(one.share)} {shown['noun']} against {_percent(one.others)}"
                said.append({"words": f"{_named(title, row['name'])}: {words}.", "href": shown["href"]})
    return said


def _named(title: str, name: str) -> str:
    """Such as “Station 2”; a name that says so itself stays as it is."""
    known = name.lower().startswith((title.lower(), f"no {title.lower()}"))
    return name if known or title == "Version" else f"{title} {name}"


def _percent(share: float | None) -> str:
    percent = 100 * (share or 0.0)
    return f"{percent:.0f} %" if percent >= 10 or not percent else f"{percent:.2g} %"


def _decided(asked: Asked) -> str:
    """How many of the photos judged ANOMALY people decided: what nobody decided is no false alarm."""
    rows = Inspection.objects.filter(
        verdict=Verdict.ANOMALY, created__gte=asked.since, created__lte=asked.until, category=asked.category
    )
    judged = selectors.verdicts(asked.category, asked.since, asked.until).get(Verdict.ANOMALY.value, 0)
    decided = rows.filter(reviewed__isnull=False).count()
    return (
        f"People decided {decided:,} of {judged:,} photos judged ANOMALY. A photo that nobody decided counts "
        "as its verdict says, so where fewer were decided there are more false alarms than shown."
    )


def _nothing(asked: Asked) -> str:
    if asked.by == "shift" and not timetable().lines:
        return NO_SHIFTS
    if asked.by.startswith(OWN):
        return f"No judged photo of this period has a {by_what()[asked.by]}."
    return NO_LOTS if asked.by == "lot" else NOTHING


def _newest(by: str) -> str:
    """Of which photos they are, where not of all."""
    if by.startswith(OWN):
        return f" The newest {MOST_GROUPS} values among the newest {LOT_PHOTOS:,} photos of the period."
    return COMPARED.get(by, "")
