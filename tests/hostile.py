"""Every address of the URL conf with values that nobody means well, and the names that each address reads."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.http import QueryDict
from django.urls import URLPattern, get_resolver

from inspector.inspections.models import Inspection
from tests.factories import InspectionFactory, TrainingRunFactory

IN_ADDRESS = ("abc", "-1", "9" * 19, "9" * 5000, "%FF")
IN_QUERY = ("9" * 20, "-1e9999999", "cD1hYmM=")
IN_FORM = ("9" * 20, "9" * 5000, "-1e9999999", "{")
HEADERS = {
    "HX-Current-URL": ("http://[", "\0", "//", "x" * 5000),
    "HX-Request": ("true",),
    "Referer": ("http://[",),
    "Accept": ("text/html", "*/*;q=x", "\0", "application/json;q=1e999"),
    "Range": ("bytes=9-1", "bytes=" + "9" * 5000 + "-"),
    "If-Modified-Since": ("x", "Thu, 01 Jan 0000 00:00:00 GMT"),
    "X-Forwarded-For": ("\0", ","),
    "Authorization": ("Token", "Token \0", "Token ü", "Basic x", "Token a b c"),
    "Content-Type": (
        "/",
        *("multipart/form-data", "multipart/form-data; boundary=ü"),
    ),
    "Cookie": ('sessionid="\\000"', "csrftoken=\0", "time_zone=../../x; messages=[[", 'time_zone="\\000"'),
}


def everything(pk: int) -> Inspection:
    """A judged photo with its batch, category, version and run, all of this id."""
    ids = dict.fromkeys(("pk", "batch__pk", "batch__category__pk", "version__pk"), pk)
    inspection = InspectionFactory.create(judged=True, version__stored=True, **ids)
    TrainingRunFactory.create(category=inspection.category, version=inspection.version, pk=pk)
    return inspection


def addresses() -> Iterator[tuple[str, list[str]]]:
    """Each address as a template such as /runs/{pk}/, and the names of its parts."""
    yield from dict(_addresses(get_resolver().url_patterns, "/")).items()


def _addresses(patterns: Any, before: str) -> Iterator[tuple[str, list[str]]]:
    for found in patterns:
        route = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>", r"{\1\2}", str(found.pattern))
        address = before + route.lstrip("^").rstrip("$").replace("\\Z", "").replace("\\", "")
        if isinstance(found, URLPattern):
            yield address, re.findall(r"{(\w+)}", address)
        else:
            yield from _addresses(found.url_patterns, address)


def filled(address: str, values: Mapping[str, object]) -> str:
    return address.format_map({name: quote(str(value), safe="/%") for name, value in values.items()})


@contextmanager
def read_names(monkeypatch: Any) -> Iterator[set[str]]:
    """The names that are looked for in queries and forms meanwhile."""
    names: set[str] = set()
    with monkeypatch.context() as patched:
        for method in ("get", "getlist", "__getitem__", "__contains__"):
            patched.setattr(QueryDict, method, _noting(getattr(QueryDict, method), names))
        yield names


def _noting(method: Any, names: set[str]) -> Any:
    def noting(self: QueryDict, name: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(name, str):
            names.add(name)
        return method(self, name, *args, **kwargs)

    return noting
