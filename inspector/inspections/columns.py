"""The columns of the history's lists: which there are, and which say the same in every row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from inspector.inspections.how_sure import stable_in_words
from inspector.inspections.models import Inspection

Text = Callable[[Inspection], str]


@dataclass(frozen=True, slots=True)
class Column:
    """texts: for the rows of a page, what to show of one; so names are looked up once. kind: where more than
    text is shown (history_table.html). usual: shown unless a person chose others. once: said once where
    all rows say it."""

    name: str
    title: str
    texts: Callable[[Sequence[Inspection]], Text]
    kind: str = "text"
    usual: bool = False
    once: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    column: Column
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a list shows: its columns, each row with its cells, and what is the same in all rows."""

    columns: list[Column]
    lines: list[tuple[Inspection, list[Cell]]]
    same: list[Cell]


def _of(text: Text) -> Callable[[Sequence[Inspection]], Text]:
    return lambda rows: text


def _p_value(row: Inspection) -> str:
    return "" if row.p_value is None else f"{row.p_value:.3g}"


_columns: dict[str, Column] = {}


def offer(column: Column) -> None:
    """Apps above add theirs in `AppConfig.ready`."""
    _columns[column.name] = column


for _column in (
    Column("score", "Score", _of(lambda row: ""), "score", usual=True),
    Column("p_value", "p-value", _of(_p_value)),
    Column("stability", "Stability", _of(stable_in_words)),
    Column(
        "category",
        "Category",
        _of(lambda row: row.category.name),
        "category",
        usual=True,
        once=True,
    ),
    Column(
        "version",
        "Version",
        _of(lambda row: f"v{row.version.number}" if row.version else ""),
        usual=True,
        once=True,
    ),
    Column("lot", "Lot", _of(lambda row: row.lot), once=True),
    Column("serial", "Serial", _of(lambda row: row.serial)),
    Column("station", "Station", _of(lambda row: row.station), once=True),
    Column("order", "Order", _of(lambda row: row.order), once=True),
    Column("sent_by", "Sent by", _of(lambda row: str(row.submitted_by)), usual=True, once=True),
    Column("outcome", "Outcome", _of(lambda row: row.get_outcome_display() if row.outcome else "")),
    Column("decided_by", "Decided by", _of(lambda row: str(row.decided_by or ""))),
    Column("severity", "Severity", _of(lambda row: row.get_severity_display() if row.severity else "")),
    Column("when", "When", _of(lambda row: ""), "when", usual=True),
):
    offer(_column)


def every() -> list[Column]:
    return list(_columns.values())


def usual() -> list[str]:
    return [column.name for column in every() if column.usual]


def known(names: Iterable[str]) -> list[str]:
    """Those that there are, in the order of the table."""
    wanted = set(names)
    return [name for name in _columns if name in wanted]


def table(rows: Sequence[Inspection], names: Iterable[str]) -> Table:
    """A column that says the same in all rows of the page is said once, above it."""
    shown = [_columns[name] for name in known(names)]
    texts = {column.name: column.texts(rows) for column in shown}
    cells = [[Cell(column, texts[column.name](row)) for column in shown] for row in rows]
    same = [
        column[0]
        for column in zip(*cells, strict=True)
        if len(rows) > 1 and column[0].column.once and column[0].text and len({c.text for c in column}) == 1
    ]
    gone = {cell.column.name for cell in same}
    lines = [
        (row, [cell for cell in line if cell.column.name not in gone])
        for row, line in zip(rows, cells, strict=True)
    ]
    return Table([column for column in shown if column.name not in gone], lines, same)
