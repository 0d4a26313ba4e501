"""Decisions about lots from before they belonged to a category."""

from inspector.reviews.models import LotDecision
from tests.former.rows import category, inspection, person
from tests.former.walk import LOTS_WITHOUT_CATEGORY, at


@at(LOTS_WITHOUT_CATEGORY)
def decisions_about_lots_go_to_every_category_that_they_counted_for(former):
    nut, rivet = category(former, "Wing nut"), category(former, "Rivet")
    for of, lot in ((nut, "L-7"), (nut, "L-7"), (rivet, "L-7"), (rivet, "L-7"), (rivet, "L-8")):
        inspection(former, of, lot=lot)
    by = person(former, "ann")
    for lot, number in (("L-7", 1), ("L-7", 2), ("L-8", 1), ("gone", 1)):
        values = {"status": "blocked", "reason": f"{lot}, {number}", "person": by}
        former("reviews.LotDecision").create(lot=lot, number=number, **values)
    yield
    rows = LotDecision.objects.values_list("category__slug", "lot", "number", "reason")
    assert {row[:3] for row in rows} == {
        ("rivet", "L-7", 1),
        ("rivet", "L-7", 2),
        ("rivet", "L-8", 1),
        ("wing-nut", "L-7", 1),
        ("wing-nut", "L-7", 2),
    }
    assert all(reason == f"{lot}, {number}" for _, lot, number, reason in rows)
