"""What the history can be sorted by."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """name: what `sort` is in the address. column: of the inspection; by: what rows are sorted by, the column
    or an expression for it. rising: the lowest comes first. words: of the pager, back, on and to the first.
    about: what the list says it is sorted by."""

    name: str
    title: str
    column: str
    by: str
    words: tuple[str, str, str]
    rising: bool = False
    about: str = ""
    help: str = ""

    @property
    def is_time(self) -> bool:
        return not self.name


TIME = Order("", "Newest", "created", "created", ("Newer", "Older", "Newest"))
SCORE = Order(
    "score",
    "Highest score",
    "relative_score",
    "by_score",
    ("Higher", "Lower", "Highest"),
    about="by score ÷ threshold",
    help="As a multiple of its threshold: so that scores of all categories and versions can be compared",
)
DOUBT = Order(
    "doubt",
    "Most doubtful",
    "doubt",
    "by_doubt",
    ("More doubtful", "Less doubtful", "Most doubtful"),
    rising=True,
    about="by doubt",
    help="Nearest to the threshold first, in units of the spread of good scores",
)
ORDERS = (TIME, SCORE, DOUBT)
BY_NAME = {order.name: order for order in ORDERS}
