"""Text that no part of the product can do anything with is refused before any part sees it.

PostgreSQL takes no NUL characters and no halves of surrogate pairs, and some of Python's codecs fail on
whatever they are given.
"""

import codecs
import re
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

from django.http import Http404, HttpRequest, UnreadablePostError
from django.http.response import HttpResponseBase

from inspector.core.errors import Refused
from inspector.core.middleware import GetResponse, refused

CHARSETS = {"utf-8", "iso8859-1", "ascii", "cp1252"}
ODD = "NUL and half characters cannot be kept. Remove them and send it again."
DEEPEST = 32  # levels of JSON; no request needs more than three
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^;"'\s]*)["']?""", re.IGNORECASE)
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


def keepable(text: str) -> str:
    """What another program said, without characters that the database does not accept."""
    return _UNKEEPABLE.sub("", text)


def _check(texts: Iterable[str], name: str = "") -> None:
    """name: of the field whose texts they are."""
    if not any(_UNKEEPABLE.search(text) for text in texts):
        return
    if name:
        raise Refused("invalid", f"{name}: {ODD}", fields={name: [ODD]})
    raise Refused("invalid", f"The request cannot be read. {ODD}")


def check_json(value: Any) -> None:
    """Raises Refused for JSON that is nested too deep or has text that cannot be kept."""
    level, depth = [value], 0
    while level:
        if depth > DEEPEST:
            raise Refused("too_deep", f"The JSON is nested more than {DEEPEST} levels deep.")
        _check(item for item in level if isinstance(item, str))
        level = list(chain.from_iterable(map(_parts, level)))
        depth += 1


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def check_form(form: Any) -> None:
    """Raises Refused for a form (a QueryDict) that has text that cannot be kept."""
    _check(form)
    for name, values in form.lists():
        _check(values, name)


class PlainText:
    """Address, query, headers and cookies; then the form, which is read once it is known who sent it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            self._look(request)
        except Refused as problem:
            return refused(request, problem)
        return self.get_response(request)

    @staticmethod
    def _look(request: HttpRequest) -> None:
        if "\0" in request.path:
            raise Http404
        check_form(request.GET)
        headers = (text for name, text in request.META.items() if name.startswith("HTTP_"))
        _check(chain(headers, request.COOKIES.values()))
        if not request.headers.get("Authorization", "").isascii():
            raise Refused(
                "bad_token", "The Authorization header contains characters that no token has.", status=401
            )


class PlainForm:
    """After the CSRF check: nothing from strangers is read. For the API, its parsers do this."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        try:
            check_form(request.POST)
        except UnreadablePostError:
            pass  # the client is gone
        except Refused as problem:
            return refused(request, problem)
        return None


def usual_charsets(application: Callable[..., Any]) -> Callable[..., Any]:
    """A WSGI application that treats bodies as UTF-8 if the charset they claim is not one for text.

    Django looks at it before any middleware does.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        kind = environ.get("CONTENT_TYPE", "")
        charset = _CHARSET.search(kind)
        if charset and not _is_usual(charset[1]):
            environ["CONTENT_TYPE"] = _CHARSET.sub("", kind)
        return application(environ, start_response)

    return answer


def _is_usual(charset: str) -> bool:
    try:
        return codecs.lookup(charset).name in CHARSETS
    except (LookupError, ValueError):
        return False
