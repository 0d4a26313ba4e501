"""Every address of the URL conf with hostile values, and the names that each address reads."""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.http import QueryDict
from django.urls import Resolver404, URLPattern, get_resolver, resolve

from inspector.accounts.models import User
from inspector.accounts.tokens import create_token
from inspector.core.models import Event
from inspector.monitoring.alerts.models import Alert, Message, Rule, Webhook
from inspector.monitoring.alerts.signing import new_secret
from inspector.reviews.models import DefectType, Mark, Review
from tests.factories import (
    CategoryFactory,
    ExplanationFactory,
    ExplorationFactory,
    ExportFactory,
    FailedSignInFactory,
    InspectionFactory,
    ModelVersionFactory,
    SampleFactory,
    TrainingRunFactory,
    TrialFactory,
    UserFactory,
)

PK = 1_000_000_000  # of one row of everything, which no sequence of PostgreSQL comes to
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


def everything(by: User) -> dict[str, Any]:
    """A value for each part of an address, with which it shows something. `by` is who made it all."""
    ids = dict.fromkeys(("pk", "batch__pk", "batch__category__pk", "version__pk"), PK)
    inspection = InspectionFactory.create(judged=True, version__stored=True, lot="L-7", serial="S1", **ids)
    category = inspection.category
    TrainingRunFactory.create(category=category, version=inspection.version, pk=PK)
    CategoryFactory.create()  # with two the panel has a filter
    UserFactory.create(pk=PK)
    SampleFactory.create(category=category, pk=PK)
    ExplorationFactory.create(category=category, pk=PK)
    ModelVersionFactory.create(category=category, standing="candidate")
    FailedSignInFactory.create(pk=PK)
    Event.objects.create(pk=PK, actor=by, kind="version.promoted", subject_name="a version")
    DefectType.objects.create(category=category, name="Blot", name_key="blot", pk=PK)
    Review.objects.create(inspection=inspection, person=by, decision="good", pk=PK)
    Mark.objects.create(inspection=inspection, person=by, mask="m.png", outline="m.svg", share=0.1, pk=PK)
    rule = Rule.objects.create(name="Row", kind="row", limit=3, pk=PK)
    alert = Alert.objects.create(rule=rule, category=category, words="Three.", value=3, limit=3, pk=PK)
    hook = Webhook.objects.create(name="Line", url="https://127.0.0.1/", secret=new_secret(), pk=PK)
    Message.objects.create(alert=alert, channel="webhook", webhook=hook, to=hook.url, body="{}", pk=PK)
    ExportFactory.create(done=True, requested_by=by, form="pdf", file="exports/gone.pdf", pk=PK)
    ExplanationFactory.create(inspection=inspection, pk=PK)
    TrialFactory.create(pk=PK)
    token, _ = create_token(by)
    names = {"slug": category.slug, "number": inspection.version.number, "name": "roc.svg", "kind": "preview"}
    more = {"token_key": token.token_key, "app_label": "core", "url": "nowhere", "template": "x"}
    more |= {"rest": f"{PK}/change/", "form": "csv", "lot": "L-7", "serial": "S1"}
    return names | more | dict.fromkeys(("pk", "object_id", "id", "content_type_id", "version"), PK)


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


def leads_somewhere(place: str) -> bool:
    try:
        resolve(place)
    except Resolver404:
        return False
    return True


@contextmanager
def read_names(monkeypatch: Any) -> Iterator[dict[str, set[object]]]:
    """The names that are looked for in queries and forms meanwhile, and which of our functions look for each;
    none where only a library does."""
    names: dict[str, set[object]] = defaultdict(set)
    with monkeypatch.context() as patched:
        for method in ("get", "getlist", "__getitem__", "__contains__"):
            patched.setattr(QueryDict, method, _noting(getattr(QueryDict, method), names))
        yield names


def _noting(method: Any, names: dict[str, set[object]]) -> Any:
    def noting(self: QueryDict, name: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(name, str):
            names[name] |= {*_reader()}
        return method(self, name, *args, **kwargs)

    return noting


def _reader() -> Iterator[object]:
    frame = sys._getframe(2)
    while frame and not frame.f_globals["__name__"].startswith("inspector."):
        frame = frame.f_back
    # Every request passes through middleware.
    if frame and frame.f_code.co_name != "__call__":
        yield frame.f_code
