"""What a person typed into a form that could not be accepted, because the session had ended or changed.

Only forms of our own pages are kept: what another site makes a browser send is never offered again.
"""

import re
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

NAME = "kept"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105
SECRET = re.compile("passw|secret|token", re.IGNORECASE)
# The library's own and empty fields: not shown to people.
TECHNICAL = re.compile(r"^_|-(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS$")
SALT, MAX_AGE, MAX_LENGTH = "inspector.accounts.kept", 86_400, 200_000
Unreadable = (
    BadRequest,
    MultiPartParserError,
    RequestDataTooBig,
    SuspiciousOperation,
    UnreadablePostError,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Where it was to go, what was in it, the page it came from; secret: whether passwords were in it,
    files: the names of files. Neither of these is kept."""

    path: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    back: str = ""
    secret: bool = False
    files: list[str] = field(default_factory=list)

    @property
    def shown(self) -> list[tuple[str, str]]:
        """By the names that people know."""
        return [
            (name.replace("_", " ").replace("-", " ").capitalize(), value)
            for name, value in self.fields
            if value.strip() and not TECHNICAL.search(name)
        ]


def keep(request: HttpRequest) -> Kept | None:
    """The content of a form that a browser sent from one of our pages; None for anything else."""
    if not _of_our_own(request):
        return None
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
        files = [file.name or "" for _, several in request.FILES.lists() for file in several]
    except Unreadable:
        return None
    if sum(len(name) + len(value) for name, value in sent) > MAX_LENGTH:
        return None
    return Kept(
        path=request.get_full_path(),
        fields=[(name, value) for name, value in sent if name != TOKEN and not SECRET.search(name)],
        back=_back(request),
        secret=any(SECRET.search(name) for name, _ in sent if name != TOKEN),
        files=files,
    )


def _of_our_own(request: HttpRequest) -> bool:
    headers = request.headers
    if request.method != "POST" or request.path == reverse("accounts:sign-in"):
        return False
    if headers.get("HX-Request") or "text/html" not in headers.get("Accept", ""):
        return False
    if site := headers.get("Sec-Fetch-Site"):
        return site == "same-origin"
    ours = [f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS]
    return headers.get("Origin") in ours


def _back(request: HttpRequest) -> str:
    page = request.headers.get("Referer", "")
    return page if url_has_allowed_host_and_scheme(page, {request.get_host()}) else "/"


def sealed(kept: Kept) -> str:
    """To go with the sign-in; nobody else can make one."""
    return signing.dumps(asdict(kept), salt=SALT, compress=True)


def opened(request: HttpRequest) -> Kept | None:
    """What goes with this sign-in."""
    text = request.POST.get(NAME, "") if request.method == "POST" else ""
    if not text:
        return None
    try:
        values: dict[str, Any] = signing.loads(text, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return Kept(**values | {"fields": [(name, value) for name, value in values["fields"]]})
