"""Second opinions: a share of decided photos comes again, to another person, without the first decision."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from inspector.core import clock
from inspector.reviews.draw import is_drawn
from inspector.reviews.enqueue import rules_of
from inspector.reviews.models import Entry, Review, SecondOpinion
from inspector.reviews.queue import LENT_FOR, opened_again

SEED = "second:"  # before the category's own: a different draw from that of OK photos
NEWEST = 5_000  # pairs of a category that agreement is computed from


def decided(review: Review, *, blindly: bool) -> None:
    """In the transaction of a decision: it is the second one about a photo, or may request one.

    blindly: the queue had handed the photo to this person, without what was decided before. Whoever decides
    on the photo's own page has read that, which says nothing about agreement.
    """
    opinion = SecondOpinion.objects.filter(inspection=review.inspection).select_related("first").first()
    if opinion is None:
        _draw(review)
    elif opinion.second_id is None:
        _followed(opinion, review, blindly)


def _followed(opinion: SecondOpinion, review: Review, blindly: bool) -> None:
    waits = SecondOpinion.objects.filter(pk=opinion.pk)
    if opinion.first.person_id == review.person_id:
        _stays_first(opinion, review)
    elif blindly:
        waits.update(second=review)
    else:
        waits.delete()


def _stays_first(opinion: SecondOpinion, review: Review) -> None:
    """A person's newest word about a photo that still waits for another person's."""
    SecondOpinion.objects.filter(pk=opinion.pk).update(first=review)
    entry = Entry.objects.filter(inspection=review.inspection).first()
    if entry:
        _back_into_the_queue(entry, review.person_id)


def _draw(review: Review) -> None:
    """Only for photos that came through the queue, at their first decision."""
    entry = Entry.objects.filter(inspection=review.inspection).first()
    rules = rules_of(review.inspection.category)
    seed = SEED + rules.seed
    if entry is None or not is_drawn(seed, review.inspection_id, rules.second_share):
        return
    others = Review.objects.filter(inspection=review.inspection, withdrawal=None).exclude(pk=review.pk)
    if others.exists():
        return
    SecondOpinion.objects.create(
        inspection=review.inspection, category_id=review.inspection.category_id, first=review
    )
    _back_into_the_queue(entry, review.person_id)


def _back_into_the_queue(entry: Entry, not_for: int, **lent: Any) -> None:
    """It waits for another decision from now on."""
    Entry.objects.filter(pk=entry.pk).update(**opened_again(not_for=not_for, created=timezone.now(), **lent))


def withdrawn(review: Review) -> None:
    """In the transaction of a withdrawal: without its first decision it is no second opinion; without its
    second one it waits for another. What a person said before a correction stands again; after a correction
    the photo is decided, but not blindly: there is no second opinion."""
    before = Review.objects.filter(
        inspection=review.inspection, person=review.person, pk__lt=review.pk, withdrawal=None
    )
    former = before.order_by("-pk").first()
    if former and SecondOpinion.objects.filter(first=review, second=None).update(first=former):
        return
    dropped, _ = SecondOpinion.objects.filter(first=review).delete()
    if dropped:
        Entry.objects.filter(inspection=review.inspection).update(not_for=None)
        return
    opinion = SecondOpinion.objects.filter(second=review).select_related("first").first()
    if opinion is None:
        return
    later = Review.objects.filter(
        inspection=review.inspection, person=review.person, pk__gt=review.pk, withdrawal=None
    )
    if later.exists():
        opinion.delete()
        return
    SecondOpinion.objects.filter(pk=opinion.pk).update(second=None)
    entry = Entry.objects.filter(inspection=review.inspection).first()
    if entry:
        until = clock.seconds_from_now(LENT_FOR)
        _back_into_the_queue(entry, opinion.first.person_id, lent_to=review.person, lent_until=until)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, by name, and what each decided about the same photos."""

    category: str
    people: tuple[str, str]
    first: list[str]
    second: list[str]
    apart: list[int]  # ids of inspections that they judged differently, newest first


def pairs(category_id: int) -> list[Pair]:
    """Of the newest second opinions, by pair; in each the person whose name comes first is the first."""
    rows = SecondOpinion.objects.filter(
        category_id=category_id, second__isnull=False, first__withdrawal=None, second__withdrawal=None
    )
    fields = ("category__name", "inspection_id", "first__person__username", "first__decision")
    by_names: dict[tuple[str, str], Pair] = {}
    newest = rows.order_by("-pk").values_list(*fields, "second__person__username", "second__decision")
    for name, inspection, one, said, other, answered in newest[:NEWEST]:
        (one, said), (other, answered) = sorted([(one, said), (other, answered)])
        pair = by_names.setdefault((one, other), Pair(name, (one, other), [], [], []))
        pair.first.append(said)
        pair.second.append(answered)
        if said != answered:
            pair.apart.append(inspection)
    return [by_names[key] for key in sorted(by_names)]
