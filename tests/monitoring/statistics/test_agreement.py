"""Kappa against printed values and statsmodels, and what is said where there is little to say."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from inspector.monitoring.statistics.agreement import agreement, of_table

# Cohen 1960, table 1 as counts of 200: kappa .492, agreement .70, by chance .41.
COHEN = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
# Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, table 18.1: kappa 0.68,
# standard error 0.087.
FLEISS = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]


def test_the_table_of_cohen():
    known = of_table(COHEN)
    assert (known.n, known.observed, known.expected) == (200, pytest.approx(0.70), pytest.approx(0.41))
    assert known.kappa == pytest.approx(0.492, abs=5e-4)


def test_the_table_of_fleiss():
    known = of_table(FLEISS)
    assert known.kappa == pytest.approx(0.676, abs=5e-4)
    assert (known.high - known.low) / (2 * 1.96) == pytest.approx(0.087, abs=1e-3)


def test_tables_of_all_sizes_as_statsmodels_has_them():
    random = np.random.default_rng(14)
    for size in (2, 3, 5, 12):
        for _ in range(20):
            table = random.integers(0, 20, (size, size)) + 15 * np.eye(size, dtype=int)
            known, theirs = of_table(table), cohens_kappa(table)
            assert known.kappa == pytest.approx(theirs.kappa)
            # They do not stop at 1.
            assert (known.low, known.high) == pytest.approx((theirs.kappa_low, min(1, theirs.kappa_upp)))


def test_pairs_of_answers_of_any_kind():
    first = ["good", "scratch", "dent", "good", None, "good", "dent", "good"]
    second = ["good", "dent", "dent", "good", None, "good", "scratch", "dent"]
    known = agreement(first, second)
    assert known.kappa == pytest.approx(cohen_kappa_score([str(a) for a in first], [str(b) for b in second]))
    assert (known.n, known.observed) == (8, 0.625)


def test_full_agreement_of_few_photos_is_no_certainty():
    known = agreement(["good", "defective"] * 10, ["good", "defective"] * 10)
    assert (known.kappa, known.high) == (1.0, 1.0)
    # All 20 alike: at least 83.2 % by Clopper and Pearson, and chance gives half of them.
    assert known.observed_low == pytest.approx(0.8316, abs=1e-4)
    assert known.low == pytest.approx((0.8316 - 0.5) / 0.5, abs=1e-3)


def test_one_answer_for_all_says_nothing():
    known = agreement(["good"] * 30, ["good"] * 30)
    assert (known.observed, known.kappa, known.low, known.high) == (1.0, None, None, None)
    assert known.observed_low == pytest.approx(0.8843, abs=1e-4)


def test_answers_that_never_meet_and_one_person_of_one_mind():
    known = agreement(["good"] * 10, ["defective"] * 10)
    assert (known.observed, known.kappa) == (0.0, 0.0)
    known = agreement(["good"] * 10, ["good", "defective"] * 5)
    assert (known.observed, known.kappa) == (0.5, 0.0)
    known = agreement(["good", "defective"] * 5, ["defective", "good"] * 5)
    assert known.kappa == pytest.approx(-1.0)
    assert known.low == -1.0


def test_one_photo_none_and_lists_of_different_length():
    assert agreement(["a"], ["b"]).kappa == 0.0
    assert agreement([], []) is None
    with pytest.raises(ValueError, match="2 answers and 1"):
        agreement(["a", "b"], ["a"])


def test_the_interval_covers():
    random = np.random.default_rng(14)
    # Two people who judge as they know with 80 %, else by a toss: kappa is 0.64.
    held = 0
    for _ in range(300):
        truth = random.random(150) < 0.5
        first, second = (
            np.where(random.random(150) < 0.8, truth, random.random(150) < 0.5) for _ in range(2)
        )
        known = agreement(first.tolist(), second.tolist())
        held += known.low <= 0.64 <= known.high
    assert 0.92 * 300 <= held <= 0.98 * 300
