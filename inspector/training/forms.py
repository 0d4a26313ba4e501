"""The form for a training."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from detection.options import CHOICES
from detection.options.catalogue import AUTO, MethodInfo
from detection.options.catalogue import METHODS as CATALOGUE
from detection.options.table import Option
from inspector.registry.methods import applies
from inspector.registry.policies import POLICIES, PolicyInfo
from inspector.training.ability import DEFAULT_BACKBONE, Ability, Lack
from inspector.training.asked import (
    AIMS,
    BACKBONES,
    OPTIONAL_AIMS,
    PLAIN,
    TARGETS,
    as_written,
    begin,
    further,
    others,
    sizes,
    uses,
)
from inspector.training.estimate import Estimate
from inspector.training.options import DEFAULT_METHOD, METHODS, OPTIONS, RANGES


@dataclass(frozen=True, slots=True)
class Choice:
    """A method or a policy as one of several to choose from.

    uses: the groups of options that a method has a use for. lack: what keeps a method from being trained.
    note: what its training does without or does first. estimate: how long it takes. aim: the field of what
    a policy aims at.
    """

    info: MethodInfo | PolicyInfo
    checked: bool
    uses: str = ""
    lack: Lack | None = None
    note: str = ""
    estimate: Estimate | None = None
    aim: BoundField | None = None


def _number(label: str, low: float, high: float, help_text: str = "") -> forms.FloatField:
    return forms.FloatField(
        label=label,
        min_value=low,
        max_value=high,
        help_text=help_text,
        required=False,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


def _field(option: Option) -> forms.Field:
    """As in the table; empty for the method's default."""
    words = f"{option.help[0].upper()}{option.help[1:]}."
    common: dict[str, Any] = {"label": option.title, "help_text": words, "required": False}
    if option.choices:
        choices = [("", "The method's default"), *((one, one.capitalize()) for one in option.choices)]
        return forms.ChoiceField(choices=choices, **common)
    if option.whole:
        return forms.IntegerField(min_value=int(option.least), max_value=int(option.most), **common)
    return _number(option.title, option.least, option.most, words)


class Greying:
    """A select whose options in `greyed` cannot be chosen."""

    greyed: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **more: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **more)  # type: ignore[misc]
        if str(value) in self.greyed:
            option["attrs"]["disabled"] = True
        return option


class GreyingSelect(Greying, forms.Select):
    """The site's; the panel has one of its own."""


class RetrainForm(forms.Form):
    """What a person may set, beginning with last time's values; options that few need to change are
    separate."""

    method = forms.ChoiceField(
        choices=[(name, CATALOGUE[name].title) for name in METHODS],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a method."},
    )
    size = forms.TypedChoiceField(
        coerce=int,
        empty_value=None,
        required=False,
        label="Photo size",
        help_text="The side that photos are resized to. A defect must still be visible at this size. Work is "
        "measured against 320 px.",
    )
    minutes = _number(
        "Maximum minutes",
        RANGES["minutes"].low,
        RANGES["minutes"].high,
        "The best state reached by then is kept. 0 sets no limit; leave empty for the method's default.",
    )
    epochs = forms.IntegerField(
        min_value=int(RANGES["epochs"].low),
        max_value=int(RANGES["epochs"].high),
        required=False,
        label="Maximum epochs",
        help_text="Passes over the training samples; training stops earlier when it no longer improves. "
        "Leave empty for the method's default.",
    )
    backbone = forms.ChoiceField(
        choices=[(name, BACKBONES.get(name, name)) for name in CHOICES["backbone"]],
        required=False,
        label="Pretrained network",
        help_text="Its weights must be on the training machine, or are downloaded once.",
        error_messages={"invalid_choice": "“%(value)s” cannot be chosen any more. Choose another network."},
        widget=GreyingSelect,
    )
    other_backbone = forms.CharField(
        required=False,
        label="Another network of timm",
        help_text="Used instead of the one above. Leave empty, or write timm/ and a name, such as "
        f"{OPTIONS['backbone'].example}.",
    )
    threshold = forms.ChoiceField(
        choices=[(policy.name, policy.title) for policy in POLICIES.values()],
        widget=forms.RadioSelect,
        required=False,
    )
    anomalous = _number(POLICIES["limits"].aim, 0.01, 50)
    flagged = _number(POLICIES["conformal"].aim, 0.01, 50)
    found = _number(POLICIES["recall"].aim, 1, 99.99)
    defective = _number(POLICIES["f1"].aim, 0.01, 99.99)
    percentile = _number(POLICIES["percentile"].aim, RANGES["percentile"].low, RANGES["percentile"].high)
    score = _number(POLICIES["manual"].aim, 0, RANGES["target"].high)
    review = _number(
        "Good parts in REVIEW or above, at most",
        0,
        100 * RANGES["review"].high,
        "A part that is neither clearly good nor clearly bad gets the verdict REVIEW, and a person "
        "decides. With 5, about 1 in 20 good parts is checked; with 0, there is no REVIEW. Leave empty "
        "for 5.",
    )

    fast = forms.BooleanField(
        label="Fast: a quick draft decides clear OKs",
        required=False,
        help_text="For workers without a GPU. Training takes a minute or two longer. On three kinds of parts "
        "photos then took 0.57 to 0.79 of the processor time; about 1 in 1,000 verdicts may differ from the "
        "model's. Scores of these photos are estimates. Where it would save too little there is no draft: "
        "the version's page says why.",
    )

    def __init__(
        self,
        data: Any = None,
        *,
        usual: dict[str, Any] | None = None,
        fast: bool = False,
        method: str = DEFAULT_METHOD,
        photo: tuple[int, int] | None = None,
        able: Ability | None = None,
        estimates: Mapping[str, Estimate] | None = None,
    ) -> None:
        """`usual`, `fast`, `method`: of last time; without options for a first training. photo: width and
        height of the category's photos. able: what can be trained. estimates: how long each method takes."""
        usual, self.able, self.estimates = usual or {}, able or Ability(), estimates or {}
        first = method if self.able.lack(method) is None else DEFAULT_METHOD
        super().__init__(data, initial=begin(usual) | {"method": first, "fast": fast})
        self.last_method = method
        self.others = others(usual, method)
        self.fields["size"].choices = [  # type: ignore[attr-defined]
            ("", "The method's default"),
            *sizes(usual.get("size"), photo),
        ]
        self.fields |= {option.name: _field(option) for option in further()}
        self._grey_backbones()

    @property
    def further(self) -> list[tuple[Option, BoundField]]:
        """The fields that few have a reason to change, each with its option."""
        return [(option, self[option.name]) for option in further()]

    def _grey_backbones(self) -> None:
        """Grey out networks whose weights nobody has, and propose the first that can be had. Of timm's
        networks those that can be had are offered, and last time's."""
        field, has = self.fields["backbone"], self.able.has
        last = filter(None, [self.initial.get("backbone")])
        names = list(dict.fromkeys((*CHOICES["backbone"], *self.able.networks, *last)))
        field.choices = [  # type: ignore[attr-defined]
            (name, BACKBONES.get(name, name) + self.able.missing(name)) for name in names
        ]
        field.widget.greyed = frozenset(name for name in names if not has(name))
        if not has(self.initial.get("backbone") or names[0]):
            self.initial["backbone"] = next(filter(has, names), "")

    def clean_other_backbone(self) -> str:
        name: str = self.cleaned_data["other_backbone"]
        if name and not OPTIONS["backbone"].takes(name):
            example = OPTIONS["backbone"].example
            raise forms.ValidationError(f"Write timm/ and the network's name in timm, such as {example}.")
        return name

    @property
    def further_errors(self) -> bool:
        return any(option.name in self.errors for option in further())

    @property
    def methods(self) -> list[Choice]:
        chosen = self["method"].value()
        return [
            Choice(
                CATALOGUE[name],
                checked=name == chosen,
                uses=" ".join(uses(name)),
                lack=self.able.lack(name),
                note=self.able.left_out_of_auto if name == AUTO else self.able.download(name),
                estimate=self.estimates.get(name),
            )
            for name in METHODS
        ]

    @property
    def lacking(self) -> str:
        """The titles of the methods that cannot be trained."""
        *others, last = [choice.info.title for choice in self.methods if choice.lack] or [""]
        return f"{', '.join(others)} and {last}" if others else last

    @property
    def remedy(self) -> str:
        """What to do about them: they all lack the same."""
        return next((choice.lack.remedy for choice in self.methods if choice.lack), "")

    @property
    def policies(self) -> list[Choice]:
        chosen = self["threshold"].value() or "auto"
        return [
            Choice(
                policy,
                checked=policy.name == chosen,
                aim=self[AIMS[policy.name]] if policy.name in AIMS else None,
            )
            for policy in POLICIES.values()
        ]

    def clean(self) -> dict[str, Any]:
        """Fields that do not apply to the choice are not shown: they can neither be wrong nor count."""
        cleaned = self.cleaned_data
        method = cleaned.get("method", "")
        policy = cleaned["threshold"] = cleaned.get("threshold") or "auto"
        asked = (*PLAIN, *(option.name for option in further()))
        self._forget(name for name in asked if not applies(name, method))
        named = self._another_network(method)
        if "method" not in self.errors and (lack := self.able.lack(method)):
            self.add_error("method", str(lack))
        elif lack := self.able.lack(method, cleaned.get("backbone") or DEFAULT_BACKBONE):
            self.add_error("other_backbone" if named else "backbone", str(lack))
        self._forget(field for name, field in AIMS.items() if name != policy)
        aim = AIMS.get(policy)
        if aim and aim not in (*self.errors, *OPTIONAL_AIMS) and not cleaned.get(aim):
            self.add_error(aim, "Enter a target.")
        return cleaned

    def _another_network(self, method: str) -> bool:
        """Whether one was named; it is used instead of the one chosen."""
        if not applies("backbone", method):
            self._forget(["other_backbone"])
        elif other := self.cleaned_data.get("other_backbone"):
            self.errors.pop("backbone", None)
            self.cleaned_data["backbone"] = other
            return True
        return False

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            self.errors.pop(name, None)
            self.cleaned_data[name] = None

    @property
    def asked(self) -> dict[str, Any]:
        """For training.submit."""
        cleaned = self.cleaned_data
        return {"method": cleaned["method"], "options": self.options(), "fast": cleaned["fast"]}

    def options(self) -> dict[str, Any]:
        """As `detection.TrainOptions` takes them."""
        cleaned, same = self.cleaned_data, self.cleaned_data["method"] == self.last_method
        asked = [name for name in PLAIN if cleaned.get(name) not in (None, "")]
        asked += [option.name for option in further() if self._meant(option.name, same)]
        return (self.others if same else {}) | {name: cleaned[name] for name in asked} | self._verdicts()

    def _meant(self, name: str, same: bool) -> bool:
        """Whether an option that few change was set. What another method had last time is not meant."""
        value = self.cleaned_data.get(name)
        return value not in (None, "") and (same or as_written(value) != self.initial.get(name))

    def _verdicts(self) -> dict[str, Any]:
        """How the threshold is chosen and what REVIEW is, as far as that is not detection's own."""
        cleaned, policy = self.cleaned_data, self.cleaned_data["threshold"]
        chosen: dict[str, Any] = {} if policy == "auto" else {"threshold": policy}
        aim = cleaned[AIMS[policy]] if policy in AIMS else None
        if aim is not None:
            chosen |= _aimed(policy, aim)
        review = cleaned.get("review")
        return chosen | ({} if review is None else {"review": _share(review)})


def _aimed(policy: str, aim: float) -> dict[str, float]:
    """What a policy aims at, under the name and in the unit that detection uses."""
    if policy == "f1":
        return {"defect_share": _share(aim)}
    if policy == "percentile":
        return {"percentile": aim}
    return {"target": _share(aim) if AIMS[policy] in TARGETS else aim}


def _share(percent: float) -> float:
    return round(percent / 100, 6)
