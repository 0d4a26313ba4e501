"""What a threshold is chosen by, what it promises, and that it never collapses."""

import math
from dataclasses import replace

import numpy as np
import pytest

from detection import BadOptions, TrainOptions
from detection.verdicts.digits import in_digits
from detection.verdicts.p_values import p_values
from detection.verdicts.thresholds import GoodScores, choose, follow

POLICIES = ("auto", "limits", "f1", "percentile", "conformal", "recall", "manual")
HELD = GoodScores((0.2, 0.3), "held-out good photos")
LEARNED = GoodScores((0.1,), "training photos", kept=False)
MANY = GoodScores(tuple(np.linspace(0, 1, 199)), "held-out good photos")


def asked(threshold="auto", **more):
    return TrainOptions(threshold=threshold, **more)


def test_auto_follows_what_there_is():
    assert choose([0.1, 0.2], [0.8, 0.9], MANY, asked()).policy == "limits"
    assert choose([], [], MANY, asked()).policy == "limits"
    assert choose([0.1, 0.2], [0.8, 0.9], HELD, asked()).policy == "f1"
    assert choose([0.1, 0.2], [0.8], HELD, asked()).policy == "percentile"
    guess = choose([], [], LEARNED, asked())
    assert (guess.policy, guess.value) == ("training", pytest.approx(0.2))
    assert "guess" in guess.chosen_on
    counted = choose([0.1, 0.2], [0.8, 0.9, 1.0], HELD, asked())
    assert (counted.n_good, counted.n_defect, counted.target) == (2, 3, None)


def lognormal(count, seed=0):
    return np.exp(0.2 * np.random.default_rng(seed).normal(size=count))


def test_two_limits_from_good_parts_alone():
    chosen = choose([], [], GoodScores(tuple(lognormal(1200)), "good photos"), asked())
    further = lognormal(20_000, seed=1)
    above = [np.mean(further >= start) for start in (chosen.value, chosen.review_from)]
    assert above == pytest.approx([0.01, 0.05], abs=0.008)
    assert chosen.chosen_on == (
        "At most 1 % of good parts are flagged, based on 1200 scores of good photos. REVIEW begins where at "
        f"most 5 % of good parts score {in_digits(chosen.review_from)} or more."
    )
    few = choose([], [], GoodScores(tuple(lognormal(60)), "good photos"), asked())
    assert "The tail of their scores is fitted, so that no single photo sets the limit." in few.chosen_on
    handful = choose([], [], GoodScores(tuple(lognormal(8)), "good photos"), asked())
    assert "rough guess" in handful.chosen_on
    assert max(lognormal(8)) < handful.value < 4 * max(lognormal(8))


def test_review_reaches_down_to_labelled_defects_but_never_above_anomaly():
    good = GoodScores(tuple(lognormal(300)), "good photos")
    alone = choose([], [], good, asked())
    weak = [0.5, *np.linspace(0.9, 9, 19)]
    assert choose([1, 1.1], weak, good, asked()).review_from == pytest.approx(0.9)
    strong = choose([1, 1.1], [50.0, 60.0], good, asked())
    assert (strong.value, strong.review_from) == (alone.value, alone.review_from)
    assert choose([], [], good, asked(review=0)).review_from is None


def test_graded_scratches_are_not_passed_for_one_strong_label():
    """Good photos score at most 12.1, the weakest labelled defect 3,213; a person can see what scores 234."""
    good = GoodScores(tuple(np.geomspace(4, 12.1, 24)), "good photos")
    for policy in ("auto", "f1", "recall"):
        chosen = choose([5.0, 12.1], [3213.0, 5000.0], good, asked(policy))
        assert chosen.value < 234, policy


def test_conformal_says_what_share_of_good_parts_it_flags():
    chosen = choose([], [], MANY, asked("conformal", target=0.05, review=0))
    assert (chosen.policy, chosen.target, chosen.n_good) == ("conformal", 0.05, 199)
    assert chosen.chosen_on == (
        "At most 5 % of good parts are flagged, based on 199 scores of held-out good photos."
    )
    assert sum(score >= chosen.value for score in MANY.values) == 9
    assert choose([], [], MANY, asked("conformal")).target == 0.01


def test_a_smaller_share_than_the_images_support_is_the_smallest_they_do():
    chosen = choose([], [], GoodScores(tuple(range(31)), "good photos"), asked("conformal", target=0.01))
    assert chosen.target == pytest.approx(1 / 32)
    assert 30 < chosen.value < 30.001
    assert "At most 3.12 % of good parts" in chosen.chosen_on
    assert "1 % was requested, which takes 99 photos" in chosen.chosen_on
    enough = choose([], [], GoodScores(tuple(range(99)), "good photos"), asked("conformal", target=0.01))
    assert (enough.target, "asked" in enough.chosen_on) == (0.01, False)


def test_recall_is_reached_or_the_most_that_the_defects_support_is_said():
    defects = list(np.linspace(1, 2, 39))
    chosen = choose([0.5], defects, MANY, asked("recall", target=0.9, review=0))
    assert np.mean(np.array(defects) >= chosen.value) >= 0.9
    assert chosen.chosen_on == "Finds at least 90 % of defects like the 39 labelled ones."
    few = choose([0.5], defects[:4], MANY, asked("recall"))
    assert few.target == pytest.approx(0.8)
    assert "95 % was requested, which takes 19 photos" in few.chosen_on
    assert all(score >= few.value for score in defects[:4])


def test_by_hand_it_is_what_was_said():
    chosen = choose([0.1, 0.2], [0.8, 0.9], HELD, asked("manual", target=0.25, review=0))
    assert (chosen.value, chosen.policy, chosen.target) == (0.25, "manual", 0.25)
    assert chosen.chosen_on == "Set manually to 0.25."


@pytest.mark.parametrize(
    ("good", "defect", "reference", "options", "policy", "said"),
    [
        ([1, 2], [], MANY, asked("recall"), "limits", "at least 2 labelled defects, and there are 0"),
        ([1, 2], [3], HELD, asked("recall"), "percentile", "at least 2 labelled defects, and there are 1"),
        ([1, 2], [3], HELD, asked("f1"), "percentile", "and there are 2 and 1"),
        ([], [3, 4], LEARNED, asked("f1"), "training", "and there are 0 and 2"),
        (
            [1, 2],
            [3, 4],
            LEARNED,
            asked("conformal"),
            "f1",
            "it needs held-out good photos, and there are none",
        ),
        (
            [],
            [],
            LEARNED,
            asked("percentile"),
            "training",
            "it needs held-out good photos, and there are none",
        ),
        ([1, 2], [3, 4], HELD, asked("limits"), "f1", "at least 5 held-out good photos, and there are 2"),
        ([1, 2], [3, 4], HELD, asked("manual"), "f1", "a target above 0"),
    ],
)
def test_a_policy_that_cannot_be_followed_gives_way_and_says_so(
    good, defect, reference, options, policy, said
):
    chosen = choose(good, defect, reference, options)
    assert chosen.policy == policy
    assert chosen.chosen_on.startswith(f"The policy {options.threshold} was not used, although requested: ")
    assert said in chosen.chosen_on


SETS = {
    "no defects": ([0.1, 0.2, 0.3], [], HELD),
    "one defect": ([0.1, 0.2, 0.3], [0.9], HELD),
    "one of each": ([0.1], [0.9], HELD),
    "all defects": ([], [0.7, 0.8, 0.9], HELD),
    "all defects, nothing kept": ([], [0.7, 0.8, 0.9], LEARNED),
    "nothing labelled": ([], [], HELD),
    "ties": ([0.2, 0.2, 0.3], [0.2, 0.3, 0.3], GoodScores((0.2, 0.2, 0.3, 0.3), "good photos")),
    "constant": ([0.5] * 4, [0.5] * 4, GoodScores((0.5,) * 5, "good photos")),
    "zeros": ([0.0] * 4, [0.0] * 4, GoodScores((0.0,), "good photos")),
    "negative": ([-3.0, -2.0], [-1.5, -1.0], GoodScores((-3.0,), "good photos")),
    "no numbers": (
        [0.1, math.nan, 0.2],
        [math.inf, 0.9, math.nan, 0.8],
        GoodScores((0.1, math.nan, 0.2, math.inf, -math.inf), "good photos"),
    ),
    "a single number": ([math.nan], [math.nan], GoodScores((math.nan, 0.4), "good photos")),
}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("review", [0.0, 0.2])
def test_it_never_collapses(name, policy, review):
    good, defect, reference = SETS[name]
    chosen = choose(good, defect, reference, asked(policy, target=0.3, review=review))
    assert math.isfinite(chosen.value)
    assert chosen.chosen_on
    assert chosen.review_from is None or chosen.review_from < chosen.value
    assert all(math.isfinite(score) for score in chosen.good_scores)
    if chosen.policy in ("percentile", "conformal", "training"):
        kept = [score for score in reference.values if math.isfinite(score)]
        assert sum(score >= chosen.value for score in kept) <= 0.3 * (len(kept) + 1)


def test_scores_that_are_no_numbers_are_left_out_and_said():
    chosen = choose(*SETS["no numbers"], asked())
    assert "Scores that are not numbers were ignored: 6." in chosen.chosen_on
    assert (chosen.n_good, chosen.n_defect, chosen.good_scores) == (2, 2, (0.1, 0.2))
    assert 0.2 < chosen.value <= 0.8
    with pytest.raises(BadOptions, match="training has failed"):
        choose([math.nan], [], GoodScores((math.nan,), "good photos"), asked())


def test_the_review_band_holds_the_share_of_good_parts_that_was_asked_for():
    chosen = choose([], [], MANY, asked("conformal", target=0.01, review=0.1))
    share = np.mean([score >= chosen.review_from for score in MANY.values])
    assert 0.08 < share <= 0.1
    assert chosen.review_from < chosen.value
    assert "REVIEW begins where at most 10 % of good parts score" in chosen.chosen_on
    assert chosen.review_by == "good"


@pytest.mark.parametrize(
    ("reference", "options", "said"),
    [
        (MANY, asked("conformal", target=0.1, review=0.1), "There is no REVIEW band: at most 10 %"),
        (MANY, asked("manual", target=0.1, review=0.1), "There is no REVIEW band: at most 10 %"),
        (LEARNED, asked(review=0.1), "There is no REVIEW band: it needs at least 5 held-out good"),
    ],
)
def test_without_room_below_the_threshold_there_is_no_band_and_it_is_said(reference, options, said):
    chosen = choose([], [], reference, options)
    assert (chosen.review_from, chosen.review_by) == (None, "")
    assert said in chosen.chosen_on
    assert "REVIEW" not in choose([], [], reference, replace(options, review=0.0)).chosen_on


def test_good_scores_are_kept_in_order_and_flagged_as_their_p_values_say():
    random = np.random.default_rng(0)
    reference = GoodScores(tuple(random.exponential(size=199).round(1)), "good photos")
    chosen = choose([], [], reference, asked("conformal", target=0.05))
    assert list(chosen.good_scores) == sorted(reference.values)
    scores = random.exponential(size=500).round(1)
    assert ((scores >= chosen.value) == (p_values(scores, chosen.good_scores) <= 0.05)).all()
    assert choose([], [], LEARNED, asked()).good_scores == ()


def test_the_target_holds_for_the_policy_that_auto_takes():
    assert choose([], [], MANY, asked(target=0.05)).target == 0.05


def test_what_another_policy_would_choose():
    assert follow("conformal", [], [], MANY, asked("f1", target=0.5)).target == 0.01
    assert follow("recall", [], [0.9], MANY, asked()) is None
    assert follow("percentile", [], [], LEARNED, asked()) is None


@pytest.mark.parametrize(
    "score, text",
    [(6589.12, "6,589"), (3.3104, "3.310"), (0, "0"), (0.00472, "0.004720"), (1.2e-9, "1.2e-09")],
)
def test_scores_in_sentences_have_four_digits_and_no_powers_of_ten(score, text):
    assert in_digits(score) == text
