"""Asking for a training."""

from typing import Any

from django import forms

from detection import TrainOptions
from inspector.training.options import METHODS, RANGES

DEFAULTS = TrainOptions()
ASKED = ("size", "epochs", "minutes")
METHOD_NAMES = {"unet": "UNet autoencoder"}
SIZES = {
    128: "128 px: fast; for defects that are plain to see",
    192: "192 px",
    256: "256 px: finer; takes about four times as long as 128",
    384: "384 px",
    512: "512 px: hairline scratches; wants a GPU",
}


class RetrainForm(forms.Form):
    """The few options a person has reason to change. The others stay as they were last time, if wanted."""

    method = forms.ChoiceField(
        choices=[(name, METHOD_NAMES[name]) for name in METHODS],
        help_text="Learns to redraw good parts; what it cannot redraw is the defect.",
    )
    size = forms.TypedChoiceField(
        coerce=int,
        label="Photo size",
        help_text="The side that photos are resized to. A defect must still be visible at this size.",
    )
    epochs = forms.IntegerField(
        min_value=int(RANGES["epochs"].low),
        max_value=int(RANGES["epochs"].high),
        label="Epochs at most",
        help_text="Passes over the training samples. It stops earlier when it learns no more.",
    )
    minutes = forms.FloatField(
        min_value=RANGES["minutes"].low,
        max_value=RANGES["minutes"].high,
        label="Minutes at most",
        help_text="The best state reached by then is kept. 0 sets no limit.",
    )
    as_last_time = forms.BooleanField(
        required=False,
        initial=True,
        label="Everything else as last time",
        widget=forms.CheckboxInput(attrs={"aria-describedby": "id_as_last_time_helptext"}),
    )

    def __init__(self, data: Any = None, *, usual: dict[str, Any]) -> None:
        """`usual`: the options of last time, empty for a first training."""
        begin = {name: usual.get(name, getattr(DEFAULTS, name)) for name in ASKED}
        super().__init__(data, initial=begin | {"minutes": f"{begin['minutes']:g}"})
        self.others = {name: value for name, value in usual.items() if name not in ASKED}
        sizes = SIZES | {begin["size"]: SIZES.get(begin["size"], f"{begin['size']} px, as last time")}
        self.fields["size"].choices = sorted(sizes.items())  # type: ignore[attr-defined]
        if not self.others:
            del self.fields["as_last_time"]

    def options(self) -> dict[str, Any]:
        """For training.submit."""
        kept = self.others if self.cleaned_data.get("as_last_time") else {}
        return kept | {name: self.cleaned_data[name] for name in ASKED}
