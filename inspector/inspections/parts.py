"""Which part a photo shows: lot, serial, station, order, and the fields of this installation's own."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.conf import settings
from django.utils.text import slugify

from inspector.core.errors import Refused
from inspector.inspections.part_models import PART_LENGTH as LENGTH

MOST_OWN = 5
NAMES = ("lot", "serial", "station", "order")
# Control characters, halves of letters, line and paragraph separators.
_UNKEEPABLE = {"Cc", "Cs", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of a part, and '' what is not. `part_fields`: own fields by their keys, if known."""

    lot: str = ""
    serial: str = ""
    station: str = ""
    order: str = ""
    part_fields: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """As an inspection has them."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {
            "part_fields": dict(self.part_fields)
        }

    def flat(self) -> dict[str, str]:
        """Name and value of all that is known."""
        known = {name: getattr(self, name) for name in NAMES} | dict(self.part_fields)
        return {name: value for name, value in known.items() if value}


UNKNOWN = Part()


def own_fields() -> dict[str, str]:
    """Of this installation: the key of each field and its name on screen."""
    return {key_of(name): name.strip() for name in settings.PART_FIELDS}


def key_of(name: str) -> str:
    """Of a field's name: `Mould cavity` is `mould_cavity`, in the API and as a group of patterns."""
    return slugify(name).replace("-", "_")


def wrong_names(names: Iterable[str]) -> str:
    """What is wrong with the names of own fields; empty if nothing is."""
    keys = [key_of(name) for name in names]
    if len(keys) > MOST_OWN:
        return f"There can be at most {MOST_OWN}."
    if bad := [key for key in keys if not key.isidentifier() or len(key) > 40]:
        return f"A name begins with a letter and has at most 40 characters (“{bad[0]}”)."
    if len({*keys, *NAMES}) < len(keys) + len(NAMES):
        return f"Each name is used once, and {', '.join(NAMES)} are there already."
    return ""


def label_of(name: str) -> str:
    """On screen."""
    return own_fields().get(name, name.replace("_", " ").capitalize())


def trouble_with(value: Any) -> str:
    """What is wrong with the value of a field; empty if nothing is."""
    if not isinstance(value, str):
        return "Send it as text."
    if (length := max(len(value), len(tidy(value)))) > LENGTH:  # a few letters become two
        return f"Use at most {LENGTH} characters; this has {length}."
    if any(unicodedata.category(letter) in _UNKEEPABLE for letter in value):
        return "Control characters and line breaks cannot be kept. Remove them and send it again."
    return ""


def tidy(text: str) -> str:
    """Without spaces around it, and each letter written in one way: ü as one sign or as u with dots beside it
    looks the same, and is one lot."""
    return unicodedata.normalize("NFC", text).strip()


def part_of(values: Mapping[str, Any]) -> Part:
    """The part that these values (`lot`, ..., `part_fields`) describe; raises Refused "bad_part" with each
    bad field."""
    own = values.get("part_fields") or {}
    if not isinstance(own, Mapping):
        raise _refused({"part_fields": "Send an object with one text for each field."})
    given = {name: values.get(name) or "" for name in NAMES}
    known = own_fields()
    wrong = {name: trouble for name, value in {**given, **own}.items() if (trouble := trouble_with(value))}
    for key in own:
        if key not in known:
            names = ", ".join(known) or "none"
            wrong[key] = f"There is no such field. The fields of this installation: {names}."
    if wrong:
        raise _refused(wrong)
    kept = {key: tidied for key in known if (tidied := tidy(own.get(key) or ""))}
    return Part(**{name: tidy(value) for name, value in given.items()}, part_fields=kept)


def _refused(wrong: dict[str, str]) -> Refused:
    name, trouble = next(iter(wrong.items()))
    return Refused(
        "bad_part",
        f"{label_of(name)[:60]}: {trouble}",
        fields={name[:60]: [text] for name, text in wrong.items()},
    )
