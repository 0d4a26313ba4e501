"""What the API reads bodies with: only what can be kept, and no deeper than anybody needs."""

from typing import Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

from inspector.core.plain_text import check_form, check_json


class JSON(parsers.JSONParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            parsed = super().parse(*args, **kwargs)
        except RecursionError:
            raise ParseError("The JSON is nested too deep.") from None
        check_json(parsed)
        return parsed


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
