"""Photos made ready while others are judged."""

import threading

import pytest

from detection.photos.reading import ahead, batches


def test_results_come_in_order_and_not_too_many_are_begun():
    begun = []
    results = ahead(range(50), lambda n: begun.append(n) or n, most=4)
    assert begun == [], "nothing before it is asked for"
    first = next(results)
    assert first == 0
    assert len(begun) <= 5
    assert list(results) == list(range(1, 50))


def test_the_next_ones_are_worked_on_while_one_is_used():
    """The second is done before the first is let go of; in line it never would be."""
    second = threading.Event()
    results = ahead([1, 2], lambda n: second.set() if n == 2 else None)
    next(results)
    assert second.wait(120)


def test_an_error_is_raised_where_it_is_due_and_ends_the_threads():
    def work(n):
        if n == 2:
            raise ValueError("two")
        return n

    before = threading.active_count()
    results = ahead(range(100), work)
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(results)
    assert threading.active_count() == before


def test_stopping_to_ask_ends_the_threads():
    before = threading.active_count()
    results = ahead(range(100), lambda n: n)
    next(results)
    results.close()
    assert threading.active_count() == before


def test_batches():
    assert list(batches(iter("abcde"), 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(batches([], 2)) == []
