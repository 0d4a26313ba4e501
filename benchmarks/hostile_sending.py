"""Sends files by the API and by the form, and says what became of them; see `hostile`."""

import html
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field
from http.cookiejar import CookieJar

from benchmarks.installation import Installation
from benchmarks.pipeline import SLUG
from inspector.core.jobs import State
from inspector.inspections.models import Inspection

PATIENCE = 120  # seconds for one answer, and for one photo
File = tuple[str, bytes]
_REFUSED = re.compile(r'data-state="rejected" data-code="(\w+)".*?row-problem">(.*?)</span>', re.DOTALL)
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(slots=True)
class Fate:
    """What became of the files of one request: its status, why files were refused, how the others ended."""

    status: int
    refused: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    words: str = ""

    @property
    def known(self) -> int:
        return len(self.refused) + len(self.ends)

    @property
    def all(self) -> list[str]:
        return self.refused + self.ends


class Door:
    """Sends by the API, and by the form of the Inspect page: each has a parser of its own."""

    def __init__(self, site: Installation) -> None:
        self._site = site
        self._token = site.token("Inspector")
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        account = site.account("Inspector")
        page = self._browser.open(f"{site.url}/sign-in/").read().decode()
        fields = {"csrfmiddlewaretoken": _found(page), **account}
        self._browser.open(f"{site.url}/sign-in/", urllib.parse.urlencode(fields).encode()).read()
        self._form = _found(self._browser.open(f"{site.url}/inspect/?category={SLUG}").read().decode())

    def api(self, files: list[File]) -> Fate:
        headers = {"Authorization": f"Token {self._token}"}
        status, said = self._send("/api/inspections/", {"category": SLUG}, files, headers)
        try:
            answer = json.loads(said)
        except ValueError:
            return Fate(status, words=said)
        refused = [f"{one['code']}: {one['message']}" for one in answer.get("rejected", [])]
        rows = [one["id"] for one in answer.get("inspections", [])]
        return Fate(status, refused, [_end(row) for row in rows], said)

    def form(self, files: list[File]) -> Fate:
        before = _newest()
        fields = {"category": SLUG, "csrfmiddlewaretoken": self._form}
        status, said = self._send("/inspect/", fields, files, {"HX-Request": "true"})
        refused = [f"{code}: {html.unescape(words)}" for code, words in _REFUSED.findall(said)]
        rows = Inspection.objects.filter(pk__gt=before).values_list("pk", flat=True)
        return Fate(status, refused, [_end(row) for row in rows], said)

    def _send(
        self, path: str, fields: dict[str, str], files: list[File], headers: dict[str, str]
    ) -> tuple[int, str]:
        mark = uuid.uuid4().hex
        body = b"".join(
            [_part(mark, name) + value.encode() + b"\r\n" for name, value in fields.items()]
            + [_part(mark, "images", name) + content + b"\r\n" for name, content in files]
        )
        headers |= {"Content-Type": f"multipart/form-data; boundary={mark}"}
        whole = body + f"--{mark}--\r\n".encode()
        request = urllib.request.Request(self._site.url + path, whole, headers)
        try:
            with self._browser.open(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()


def _found(page: str) -> str:
    token = _CSRF.search(page)
    if token is None:
        raise SystemExit("The page has no form: build the front end first (`make build`).")
    return token[1]


def _part(mark: str, name: str, filename: str | None = None) -> bytes:
    head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"'.encode()
    if filename is None:
        return head + b"\r\n\r\n"
    kept = filename.encode("utf-8", "replace").replace(b'"', b"%22").replace(b"\r\n", b"%0D%0A")
    return head + b'; filename="' + kept + b'"\r\nContent-Type: image/png\r\n\r\n'


def _newest() -> int:
    return Inspection.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _end(pk: int) -> str:
    """The verdict of a photo, or why it has none."""
    row = Inspection.objects.get(pk=pk)
    until = time.monotonic() + PATIENCE
    while row.state not in (State.DONE, State.FAILED) and time.monotonic() < until:
        time.sleep(0.05)
        row.refresh_from_db()
    return row.verdict or (
        f"{row.error_code}: {row.error_message}" if row.state == State.FAILED else f"still {row.state}"
    )
