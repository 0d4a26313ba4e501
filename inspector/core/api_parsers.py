"""The API's parsers of bodies: they accept only what can be stored, and no deeper than anybody needs."""

from typing import Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError
from rest_framework.utils import json

from inspector.core.plain_text import check_form, check_json


class JSON(parsers.JSONParser):
    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        """As the library does, but a name given twice is refused: one of the two values would be lost."""
        try:
            parsed = json.loads(stream.read().decode(), object_pairs_hook=_once)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        except ValueError as problem:
            raise ParseError(f"The JSON cannot be read: {problem}") from None
        check_json(parsed)
        return parsed


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        name = next(name for n, (name, _) in enumerate(pairs) if name in dict(pairs[:n]))
        raise ValueError(f"“{name[:40]}” is given twice.")
    return values


class Form(parsers.FormParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        parsed = super().parse(*args, **kwargs)
        check_form(parsed)
        return parsed


class MultiPart(parsers.MultiPartParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        parsed = super().parse(*args, **kwargs)
        check_form(parsed.data)
        return parsed
