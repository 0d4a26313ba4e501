"""A p-value in words: one function, so that a page, a report and a test say the same."""

import pytest

from inspector.inspections.p_values import in_words, unusual
from tests.factories import InspectionFactory, ModelVersionFactory


@pytest.mark.parametrize(
    ("p_value", "n", "words"),
    [
        # The smallest that n good scores can support: none of them was so high.
        (1 / 201, 200, "Fewer than 1 in 200 good parts look this unusual."),
        (1 / 2001, 2000, "Fewer than 1 in 2,000 good parts look this unusual."),
        (1 / 3, 2, "Fewer than 1 in 2 good parts look this unusual."),
        # One of the 200 was as high.
        (2 / 201, 200, "About 1 in 100 good parts look at least this unusual."),
        (1 / 12, 200, "About 1 in 12 good parts look at least this unusual."),
        (0.29, 200, "About 1 in 3 good parts look at least this unusual."),
        (0.4, 200, "About 4 in 10 good parts look at least this unusual."),
        (0.5, 200, "About half of good parts look at least this unusual."),
        (0.7, 200, "About 7 in 10 good parts look at least this unusual."),
        (1.0, 200, "Nearly all good parts look at least this unusual."),
        # A single good photo supports nothing; without a count nobody knows what is smallest.
        (0.5, 1, "About half of good parts look at least this unusual."),
        (0.01, 0, "About 1 in 100 good parts look at least this unusual."),
    ],
)
def test_in_words(p_value, n, words):
    assert in_words(p_value, n) == words


@pytest.mark.django_db
def test_how_many_good_photos_it_is_known_from():
    version = ModelVersionFactory.create(config={"threshold": {"good_scores": [0.1, 0.2, 0.3, 0.4]}})
    row = InspectionFactory.create(judged=True, version=version, p_value=0.2)
    assert unusual(row).words == "Fewer than 1 in 4 good parts look this unusual."
    assert unusual(row).n == 4


@pytest.mark.django_db
def test_without_a_p_value_nothing_is_said():
    assert unusual(InspectionFactory.create(judged=True)) is None
    assert unusual(InspectionFactory.create()) is None
