"""The form for a training: what does not apply to a choice can neither be wrong nor count."""

import pytest

from detection.options.catalogue import METHODS
from inspector.training.forms import RetrainForm


def options(usual=None, **data):
    form = RetrainForm({"method": "unet"} | data, usual=usual, method="unet")
    assert form.is_valid(), form.errors
    return form.options()


def errors(**data):
    return set(RetrainForm({"method": "unet"} | data).errors)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({}, {}),
        ({"threshold": "auto", "flagged": "3", "found": "x"}, {}),
        ({"threshold": "f1"}, {"threshold": "f1"}),
        ({"threshold": "f1", "defective": "2.5"}, {"threshold": "f1", "defect_share": 0.025}),
        ({"threshold": "limits"}, {"threshold": "limits"}),
        ({"threshold": "limits", "anomalous": "0.5"}, {"threshold": "limits", "target": 0.005}),
        ({"threshold": "conformal", "flagged": "1"}, {"threshold": "conformal", "target": 0.01}),
        ({"threshold": "recall", "found": "97.5"}, {"threshold": "recall", "target": 0.975}),
        ({"threshold": "percentile", "percentile": "95"}, {"threshold": "percentile", "percentile": 95.0}),
        ({"threshold": "manual", "score": "0.0123"}, {"threshold": "manual", "target": 0.0123}),
        ({"review": "5"}, {"review": 0.05}),
        ({"review": "0"}, {"review": 0.0}),
        ({"review": ""}, {}),
    ],
)
def test_verdicts_as_detection_takes_them(data, expected):
    assert options(**data) == expected


@pytest.mark.parametrize(
    ("method", "counted"),
    [
        ("unet", {"minutes": 5.0, "epochs": 9}),
        # It leaves the rest to the methods it tries.
        ("auto", {"minutes": 5.0} if METHODS["auto"].learns else {}),
        ("patchcore", {"backbone": "resnet50"}),
        ("filterbank", {}),
        ("diffusion", {"minutes": 5.0, "epochs": 9, "noise_level": 0.3, "draws": 2}),
    ],
)
def test_only_what_the_method_has_a_use_for_counts(method, counted):
    data = {"method": method, "size": "128", "minutes": "5", "epochs": "9", "backbone": "resnet50"}
    data |= {"noise_level": "0.3", "draws": "2"}
    assert options(**data) == {"size": 128} | counted


def test_what_is_not_shown_cannot_be_wrong():
    assert errors(method="patchcore", epochs="-3", minutes="soon") == set()
    assert errors(method="unet", epochs="-3", minutes="soon") == {"epochs", "minutes"}
    assert errors(threshold="f1", flagged="900") == set()
    assert errors(threshold="conformal", flagged="900") == {"flagged"}
    assert errors(threshold="limits", anomalous="51", flagged="900") == {"anomalous"}
    assert errors(threshold="f1", defective="100") == {"defective"}


@pytest.mark.parametrize(
    ("policy", "field"), [("conformal", "flagged"), ("recall", "found"), ("manual", "score")]
)
@pytest.mark.parametrize("value", ["", "0"])
def test_a_policy_needs_what_it_aims_at(policy, field, value):
    assert errors(**{"threshold": policy, field: value}) == {field}


@pytest.mark.parametrize(
    "usual",
    [
        {},
        {"size": 320, "epochs": 7, "minutes": 2.5, "threshold": "conformal", "target": 0.023, "review": 0.03},
        {"threshold": "limits", "target": 0.02, "review": 0.0},
        {"threshold": "f1", "defect_share": 0.004, "review": 0.1},
        {"threshold": "recall", "target": 0.999},
        {"threshold": "manual", "target": 1e-5},
        {"threshold": "percentile", "percentile": 97.5},
        {"percentile": 95.0, "width": 8, "learning_rate": 2e-3},
    ],
)
def test_sent_as_it_begins_it_asks_for_what_was_asked_last_time(usual):
    form = RetrainForm(usual=usual, method="unet")
    data = {name: form[name].value() for name in form.fields} | {"method": "unet"}
    assert options(usual, **data) == {"review": 0.05} | usual


@pytest.mark.parametrize(
    ("usual", "field", "value"),
    [
        ({}, "review", "5"),
        ({"review": 0.0}, "review", "0"),
        ({}, "anomalous", "1"),
        ({"threshold": "limits"}, "anomalous", "1"),
        ({}, "defective", "5"),
        ({"threshold": "f1"}, "defective", "5"),
    ],
)
def test_what_was_not_asked_last_time_begins_with_what_detection_takes(usual, field, value):
    assert RetrainForm(usual=usual)[field].value() == value


def test_what_few_change_is_kept_for_the_same_method_only():
    usual = {"size": 128, "width": 8, "percentile": 95.0}
    last = {"size": "128", "width": "8"}
    assert options(usual, **last) == usual
    assert options(usual, size="128", width="") == {"size": 128, "percentile": 95.0}
    for width, expected in (("8", {}), ("16", {"width": 16})):
        data = last | {"method": "unet-repair", "width": width}
        form = RetrainForm(data, usual=usual, method="unet")
        assert form.is_valid() and form.options() == {"size": 128} | expected


def test_what_few_change_is_checked_where_the_method_has_a_use_for_it():
    assert errors(width="0", crop="sideways", seed="-1") == {"width", "crop", "seed"}
    assert errors(method="patchcore", width="0") == set()


def offered(photo, usual=None):
    return dict(RetrainForm(usual=usual, photo=photo).fields["size"].choices)


@pytest.mark.parametrize(
    ("photo", "size", "said"),
    [
        ((900, 900), 896, "896 px: full size, 7.8 x the work (900 x 900 px)"),
        ((1600, 400), 800, "800 px: full size, 6.2 x the work (1600 x 400 px)"),
        ((512, 512), 512, "512 px: full size, 2.6 x the work (512 x 512 px)"),
        ((4000, 3000), 2048, "2048 px: the largest, 41 x the work (4000 x 3000 px)"),
    ],
)
def test_photos_can_be_looked_at_as_they_are_and_it_says_what_that_costs(photo, size, said):
    assert offered(photo)[size] == said
    form = RetrainForm({"method": "filterbank", "size": str(size)}, photo=photo)
    assert form.is_valid() and form.options() == {"size": size}


def test_other_sizes_stay_on_offer():
    assert list(offered(None)) == list(offered((512, 512))) == list(offered((200, 150)))
    assert list(offered(None, {"size": 80}))[1] == 80


def test_every_method_of_the_catalogue_can_be_chosen():
    assert [choice.info.name for choice in RetrainForm().methods] == list(METHODS)
    assert errors(method="") == {"method"}
