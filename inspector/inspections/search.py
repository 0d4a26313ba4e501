"""Finding a photo, a part or a lot by the start of what is known about it, in a few index lookups.

Cost does not grow with the record: each lookup goes to its place in one index and reads a few rows there. As
typed, in capitals and in small letters: names with both match as they are written.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from inspector.core.numbers import whole
from inspector.inspections.models import Inspection
from inspector.inspections.of_part import address_of

MOST = 8  # of each kind
LONGEST = 255
HEX = frozenset("0123456789abcdef")
FEWEST_HEX = 4  # letters: fewer are a number or the start of a name
LAST = "\U0010ffff"
TABLE = Inspection._meta.db_table


@dataclass(frozen=True, slots=True)
class Name:
    """A lot or a serial."""

    value: str
    address: str


@dataclass(frozen=True, slots=True)
class Matches:
    inspection: Inspection | None
    serials: list[Name]
    lots: list[Name]
    files: list[Inspection]
    same: list[Inspection]

    @property
    def addresses(self) -> list[str]:
        """Where all of it leads."""
        photos = [self.inspection] if self.inspection else []
        names = [name.address for name in [*self.serials, *self.lots]]
        return names + [row.get_absolute_url() for row in [*photos, *self.files, *self.same]]


def find(text: str) -> Matches:
    """What begins with this; the inspection of this number, too."""
    text = text.strip()[:LONGEST]
    rows = Inspection.objects.select_related("category")
    number = whole(text)
    hexes = text.lower()
    by_hash = len(hexes) >= FEWEST_HEX and set(hexes) <= HEX
    return Matches(
        rows.filter(pk=number).first() if number else None,
        _names("serial", text),
        _names("lot", text),
        _photos(rows, "filename", _cases(text)),
        _photos(rows, "sha256", [hexes] if by_hash else []),
    )


def _cases(text: str) -> list[str]:
    return list(dict.fromkeys([text, text.upper(), text.lower()])) if text else []


def _photos(rows: "QuerySet[Inspection]", field: str, starts: list[str]) -> list[Inspection]:
    """Not sorted: that would read all that begin with this."""
    by_id: dict[int, Inspection] = {}
    for start in starts:
        for row in _beginning(rows, field, start).order_by()[: MOST - len(by_id)]:
            by_id[row.pk] = row
    return list(by_id.values())


def _beginning(rows: "QuerySet[Inspection]", field: str, start: str) -> "QuerySet[Inspection]":
    """In terms that each database's index supports: SQLite's LIKE ignores case and uses no index."""
    if connection.vendor == "sqlite":
        return rows.filter(**{f"{field}__gte": start, f"{field}__lt": start + LAST})
    return rows.filter(**{f"{field}__startswith": start})


def _names(field: str, text: str) -> list[Name]:
    """The first few lots or serials that begin with this, one lookup each, however many photos one has."""
    values: list[str] = []
    for start in _cases(text):
        last = ""
        while len(values) < MOST and (value := _next(field, start, last)):
            last = value
            if value not in values:
                values.append(value)
    return [Name(value, address_of(field, value)) for value in values]


def _next(field: str, start: str, last: str) -> str | None:
    """The first that begins with this, after `last`, in the order of the index."""
    if connection.vendor == "sqlite":
        # It enters the index by the first of the lower bounds; that of '' only allows it to take the index.
        rows = Inspection.objects.filter(**({f"{field}__gt": last} if last else {f"{field}__gte": start}))
        rows = rows.filter(**{f"{field}__lt": start + LAST}).filter(**{f"{field}__gt": ""})
        return rows.order_by(field).values_list(field, flat=True).first()
    # Its operators: the index's order is not that of `<`, which goes by a language.
    sql = (
        f'SELECT "{field}" FROM "{TABLE}" WHERE "{field}" > %s AND "{field}" LIKE %s '  # noqa: S608 # nosec B608
        f'AND "{field}" ~>~ %s ORDER BY "{field}" USING ~<~ LIMIT 1'
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, ["", connection.ops.prep_for_like_query(start) + "%", last])
        row = cursor.fetchone()
    return str(row[0]) if row else None
