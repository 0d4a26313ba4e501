"""Methods and policies in words."""

import pytest

from detection.options import CHOICES
from detection.options.catalogue import METHODS
from inspector.registry.methods import applies, title
from inspector.registry.policies import POLICIES, promise


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("unet", "UNet autoencoder"),
        ("patchcore-padim+unet-repair", "PatchCore with PaDiM + UNet repair"),
        ("a former one", "a former one"),
        ("unet+gone", "UNet autoencoder + gone"),
    ],
)
def test_a_method_has_the_title_of_the_catalogue(method, words):
    assert title(method) == words


@pytest.mark.parametrize(
    ("option", "method", "expected"),
    [
        ("epochs", "unet", True),
        ("epochs", "patchcore", False),
        ("epochs", "patchcore+unet", True),
        ("epochs", "auto", False),
        ("minutes", "auto", METHODS["auto"].learns),
        ("backbone", "auto", False),
        ("backbone", "padim", True),
        ("backbone", "unet", False),
        ("size", "filterbank", True),
        ("epochs", "a former one", True),
    ],
)
def test_which_options_mean_something(option, method, expected):
    assert applies(option, method) is expected


def test_every_policy_that_can_be_asked_for_is_explained():
    assert set(POLICIES) == set(CHOICES["threshold"])


@pytest.mark.parametrize(
    ("policy", "target", "words"),
    [
        ("limits", 0.02, "at most 2 % of good parts are ANOMALY"),
        ("limits", None, "at most 1 % of good parts are ANOMALY"),
        ("f1", None, "the largest F1 on the labelled test photos"),
        ("conformal", 0.01, "at most 1 % of good parts are flagged"),
        ("conformal", None, "at most 1 % of good parts are flagged"),
        ("recall", 0.975, "at least 97.5 % of defects like the labelled ones are found"),
        ("manual", 0.0123, "a fixed score of 0.0123"),
        ("percentile", None, "above 99 % of the scores of good parts"),
        ("training", None, "a guess: there are no held-out good photos"),
        ("something new", None, "something new"),
    ],
)
def test_a_promise(policy, target, words):
    assert promise(policy, target).replace("\N{NARROW NO-BREAK SPACE}", " ") == words


def test_f1_is_told_with_the_share_of_defective_parts_it_was_reckoned_for():
    said = promise("f1", None, defect_share=0.05).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert said == "the largest F1 where 5 % of parts are defective"
