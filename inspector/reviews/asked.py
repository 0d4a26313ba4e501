"""Which part of the queue a page requests, by its address or form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.http import urlencode

from inspector.categories.models import Category
from inspector.reviews import selectors
from inspector.reviews.queue import ORDERS, Order, for_others, order_named


@dataclass(frozen=True, slots=True)
class Asked:
    """category: None for all."""

    category: Category | None
    order: Order

    @classmethod
    def of(cls, sent: QueryDict) -> Asked:
        slug = sent.get("category", "")
        category = Category.objects.filter(slug=slug).first() if slug else None
        return cls(category, order_named(sent.get("sort", "")))

    def query(self, **more: str) -> str:
        """What leads back to it: "" for the whole queue as it is usually sorted."""
        wanted = {"category": self.category.slug if self.category else ""}
        wanted |= {"sort": "" if self.order == ORDERS[0] else self.order.value} | more
        kept = {name: value for name, value in wanted.items() if value}
        return f"?{urlencode(kept)}" if kept else ""

    def context(self, person: Any) -> dict[str, Any]:
        """What the head of its pages shows."""
        # `left` is summed up from these, as a count takes 15 ms in a queue of 65,000.
        waiting = selectors.waiting_by_category(self.category, person=person)
        return {
            "category": self.category,
            "order": self.order,
            "orders": ORDERS,
            "query": self.query(),
            "waiting": waiting,
            "left": sum(one.n for one in waiting if self.category in (None, one.category)),
            "for_others": for_others(person, self.category),
            "mine": selectors.decided_today(person),
        }
