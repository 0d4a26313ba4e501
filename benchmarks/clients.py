"""Who uses the site meanwhile: a station that sends until its photos are taken, a person who reads pages."""

import http.cookiejar
import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections import Counter
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from benchmarks.installation import Installation

NOBODY = 0  # the status where no answer came
WITHIN = 30.0  # seconds for an answer


@dataclass(slots=True)
class Answers:
    """How often each status was the answer, the longest wait in seconds, and where 500 was the answer."""

    statuses: "Counter[int]" = field(default_factory=Counter)
    longest: float = 0.0
    worst: "Counter[str]" = field(default_factory=Counter)

    def note(self, address: str, status: int, seconds: float) -> None:
        self.statuses[status] += 1
        self.longest = max(self.longest, seconds)
        if status == 500:
            self.worst[address] += 1


class Client:
    """Asks, counts the answers and keeps cookies. No answer, or a refusal, is no exception but a status."""

    def __init__(self, site: Installation, answers: Answers) -> None:
        self._site, self._answers = site, answers
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(cookies)
        self._cookies = cookies.cookiejar

    def ask(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        request = urllib.request.Request(self._site.url + path, body, headers or {})
        start = time.monotonic()
        try:
            with self._opener.open(request, timeout=WITHIN) as answer:
                status, content = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, content = refused.code, refused.read()
        except (OSError, ValueError, http.client.HTTPException):
            status, content = NOBODY, b""
        self._answers.note(path, status, time.monotonic() - start)
        return status, content

    def sign_in(self, account: dict[str, str]) -> None:
        self.ask("/sign-in/")
        token = next(str(cookie.value) for cookie in self._cookies if cookie.name == "csrftoken")
        form = {name: account[name] for name in ("username", "password")} | {"csrfmiddlewaretoken": token}
        status, _ = self.ask("/sign-in/", urllib.parse.urlencode(form).encode(), {"Referer": self._site.url})
        assert status == 200, status

    def deliver(self, token: str, category: str, photos: list[tuple[str, bytes]]) -> list[int]:
        """Send photos as one batch, with one key, until they are taken. Gives their inspections' ids."""
        boundary, key = uuid.uuid4().hex, uuid.uuid4().hex
        headers = {
            "Authorization": f"Token {token}",
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": key,
        }
        body = multipart(boundary, category, photos)
        while True:
            status, content = self.ask("/api/inspections/", body, headers)
            if status in (200, 201, 202):
                return [row["id"] for row in json.loads(content)["inspections"]]
            if 400 <= status < 500 and status not in (408, 409, 429):
                raise RuntimeError(f"a good batch was refused: {status} {content[:500]!r}")
            time.sleep(0.5)


def multipart(boundary: str, category: str, photos: list[tuple[str, bytes]]) -> bytes:
    parts = [(b'name="category"', category.encode())]
    for name, photo in photos:
        head = f'name="images"; filename="{name}"\r\nContent-Type: image/jpeg'
        parts.append((head.encode(), photo))
    edge = b"--" + boundary.encode()
    whole = b"".join(
        edge + b"\r\nContent-Disposition: form-data; " + h + b"\r\n\r\n" + c + b"\r\n" for h, c in parts
    )
    return whole + edge + b"--\r\n"


def read_on(client: Client, pages: list[str], until: Event) -> None:
    """One page after the other, as fast as a person with many tabs."""
    while not until.is_set():
        for page in pages:
            client.ask(page)
            until.wait(0.2)


def unlike(photo: bytes, number: int) -> bytes:
    """The same JPEG photo as a different file: with its own comment after the first marker."""
    comment = str(number).encode()
    return photo[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + photo[2:]


def described(answers: Answers) -> dict[str, Any]:
    names = {NOBODY: "no answer"}
    return {names.get(status, str(status)): count for status, count in sorted(answers.statuses.items())}
