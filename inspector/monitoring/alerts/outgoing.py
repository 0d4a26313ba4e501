"""Requests to addresses that people entered: never to this machine or this network, unless that is allowed.

The name is looked up once, every address that it has is checked, and the connection goes to a checked one:
a name that changes its mind in between changes nothing. Redirects are not followed, no proxy of the
environment is asked. The name has a time limit, and all the rest together has another.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from inspector.core.errors import Refused
from inspector.core.lanes import Lanes, Overdue
from inspector.core.plain_text import keepable
from inspector.monitoring.alerts.models import KEPT, MOST_BODY, URL_LENGTH

SECONDS = 10.0
LOOKUP_SECONDS = 5.0
TRIED = 2  # addresses of a name: of both kinds one
PORTS = {"http": 80, "https": 443}
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Networks whose addresses carry an IPv4 address in their last 32 bits: NAT64, and the old “compatible” ones.
CARRYING = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))
# All public IPv6 addresses. The rest belong to private networks, or carry their IPv4 addresses:
# site-local ones, NAT64 of one's own (RFC 8215), translated ones (RFC 2765).
WORLD = ipaddress.ip_network("2000::/3")


class NotSent(Exception):
    """No answer came: why not, in words."""


@dataclass(frozen=True, slots=True)
class Reply:
    """after: seconds that the receiver asks us to wait (Retry-After)."""

    status: int
    text: str
    after: float | None = None


def post(url: str, body: str, headers: Mapping[str, str]) -> Reply:
    """POST and return the answer. NotSent if none came, or if the address may not be reached."""
    try:
        parts = checked_url(url)
        addresses = _addresses(parts)
    except Refused as refused:
        raise NotSent(refused.message) from None
    connection = _Pinned(parts, addresses)
    try:
        with _time_limit(connection):
            return _exchange(connection, parts, body, headers)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        raise NotSent(_words(TimeoutError() if connection.overdue else problem)) from problem
    finally:
        connection.close()


def checked_url(url: str) -> SplitResult:
    """Refused "invalid_url" for what is not an http(s) address of a host."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _invalid("This is not a web address.") from None
    if parts.scheme not in PORTS or not parts.hostname or len(url) > URL_LENGTH:
        raise _invalid("Enter an address that begins with https:// or http://.")
    if parts.username or parts.password:
        raise _invalid("Leave name and password out: messages are signed instead.")
    if not url.isascii() or any(ord(letter) <= 32 for letter in url.strip()) or port == 0:
        raise _invalid("The address contains characters that are not allowed.")
    return parts


def refuse_private(url: str) -> None:
    """Look the name up and check it as sending does. Refused "invalid_url" or "forbidden_address"."""
    _addresses(checked_url(url))


def _invalid(words: str) -> Refused:
    return Refused("invalid_url", words, fields={"url": [words]})


def _addresses(parts: SplitResult) -> list[Address]:
    """All that the name has; one that may not be reached forbids it altogether."""
    host = parts.hostname or ""
    try:
        entries = _looked_up(host, _port(parts))
    except Overdue:
        words = f"Looking up “{host}” took longer than {LOOKUP_SECONDS:g} seconds. Try again later."
        raise Refused("slow_name_server", words, fields={"url": [words]}) from None
    except (OSError, UnicodeError):
        raise Refused(
            "unknown_host", f"There is no host “{host}”.", fields={"url": ["Unknown host."]}
        ) from None
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in entries]
    for address in addresses:
        if not is_allowed(address):
            words = (
                f"{host} is {address}: webhooks may not reach this machine or this network. The server's "
                "administrator can allow a network (INSPECTOR_WEBHOOK_NETWORKS)."
            )
            raise Refused("forbidden_address", words, fields={"url": [words]})
    return addresses


def _looked_up(host: str, port: int) -> list[Any]:
    """In a thread that can be abandoned: the system's own lookup has no time limit."""
    with Lanes(1, "name lookup") as lanes:
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        return lanes.submit("looking up a name", LOOKUP_SECONDS, look_up).result()


def is_allowed(address: Address) -> bool:
    """Public, or on the list of allowed networks. An address that carries another counts as that one."""
    inner = _inner(address)
    if any(one in network for network in settings.WEBHOOK_NETWORKS for one in (address, inner)):
        return True
    return inner.is_global and not inner.is_multicast and (inner.version == 4 or inner in WORLD)


def _inner(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in network for network in CARRYING):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


class _Pinned(http.client.HTTPConnection):
    """Speaks to the first of these addresses that takes connections, whatever the name says by now."""

    def __init__(self, parts: SplitResult, addresses: Sequence[Address]) -> None:
        super().__init__(parts.hostname or "", _port(parts), timeout=SECONDS)
        self._addresses, self._secure = addresses, parts.scheme == "https"
        self.overdue = False

    def connect(self) -> None:
        self.sock = self._reached()
        if self.overdue:  # the time limit had no socket to end
            raise TimeoutError
        if self._secure:
            context = ssl.create_default_context()
            # The TLS handshake follows: the time limit has to find the socket meanwhile.
            self.sock = context.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock.do_handshake()

    def _reached(self) -> socket.socket:
        problem: OSError | None = None
        for address in self._addresses[:TRIED]:
            try:
                reached = socket.create_connection((str(address), self.port), SECONDS / TRIED)
            except OSError as error:
                problem = error
            else:
                reached.settimeout(SECONDS)  # that of connecting was shorter
                return reached
        raise problem or OSError("There is no address to reach.")


@contextmanager
def _time_limit(connection: _Pinned) -> Iterator[None]:
    """For everything together: a server that sends a byte now and then never reaches the limit of a single
    read."""

    def end() -> None:
        connection.overdue = True
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(SECONDS, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _exchange(connection: _Pinned, parts: SplitResult, body: str, headers: Mapping[str, str]) -> Reply:
    until = time.monotonic() + SECONDS
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", target, body.encode(), _all_headers(parts, headers))
    answer = connection.getresponse()
    taken = b""
    with suppress(OSError, http.client.HTTPException, ValueError):  # the status came, and counts
        while len(taken) < MOST_BODY and time.monotonic() < until and (chunk := answer.read1(KEPT)):
            taken += chunk
    text = keepable(taken.decode("utf-8", "replace"))[:KEPT]
    return Reply(answer.status, text, _seconds(answer.headers.get("Retry-After", "")))


def _seconds(text: str) -> float | None:
    """Of a Retry-After: a number of seconds, or a date (RFC 9110)."""
    if text.isascii() and text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _all_headers(parts: SplitResult, headers: Mapping[str, str]) -> dict[str, str]:
    return {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "Inspector",
        "Accept": "*/*",
        "Connection": "close",
        **headers,
    }


def _words(problem: Exception) -> str:
    """What went wrong and, where that is known, what to do about it."""
    words = keepable(str(problem)) or type(problem).__name__
    if isinstance(problem, TimeoutError):
        return f"It did not answer within {SECONDS:g} seconds."
    if isinstance(problem, ssl.SSLCertVerificationError):
        return f"Its certificate is not trusted: {problem.verify_message}."
    if isinstance(problem, ssl.SSLError):
        return f"No secure connection: {words}. Does the receiver speak https at this address and port?"
    if isinstance(problem, http.client.BadStatusLine) and not isinstance(problem, ConnectionError):
        words = f"Its answer is not HTTP: {str(problem)[:80]!r}. Does the address begin with https://?"
    return words[:KEPT]
